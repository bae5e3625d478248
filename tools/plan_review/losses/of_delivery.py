"""The rules of delivery streams."""

from __future__ import annotations

from typing import Final

from tools.plan_review.losses import delivery
from tools.plan_review.losses.readings import setting
from tools.plan_review.losses.rule import Rule, changed, switched_off, switched_on

_AGAIN: Final = "it can be set back, which brings nothing back"

# Firehose API Reference: "UpdateDestination", "ExtendedS3DestinationConfiguration"; Developer Guide: "Data
# transformation", "Custom prefixes for Amazon S3 objects".
RULES: Final = (
    Rule(
        "aws_kinesis_firehose_delivery_stream",
        "processing_configuration",
        setting(f"{delivery.S3}.processing_configuration", read=delivery.function_called),
        delivery.is_gone,
        "changes are written as they came, within minutes: no lake records, no line ends and none of the rules of the "
        "table; switched on again, it leaves those objects as they are",
    ),
    Rule(
        "aws_kinesis_firehose_delivery_stream",
        "prefix",
        setting(f"{delivery.S3}.prefix"),
        changed,
        "records are written where neither the catalog nor any tool reads; set back, it leaves those objects there",
    ),
    Rule(
        "aws_kinesis_firehose_delivery_stream",
        "error_output_prefix",
        setting(f"{delivery.S3}.error_output_prefix"),
        changed,
        "failed records are written where replay, status and the table of failures do not look; below the prefix of "
        "the records they are read as rows; set back, it leaves those objects there",
    ),
    Rule(
        "aws_kinesis_firehose_delivery_stream",
        "buffering",
        delivery.longest_wait,
        delivery.too_long,
        "records wait for longer than their stream keeps them: one failure of a delivery, and they are lost",
    ),
    Rule(
        "aws_kinesis_firehose_delivery_stream",
        "kinesis_stream_arn",
        setting("kinesis_source_configuration.kinesis_stream_arn"),
        changed,
        "what is in the stream that was read until then, and not delivered, is never delivered; it can be set back "
        "within that stream's retention",
    ),
    Rule(
        "aws_kinesis_firehose_delivery_stream",
        "destination",
        setting("destination"),
        changed,
        "records go elsewhere and not into the lake; set back, it leaves those records there",
    ),
    Rule(
        "aws_kinesis_firehose_delivery_stream",
        "bucket_arn",
        setting(f"{delivery.S3}.bucket_arn"),
        changed,
        "records go into another bucket, which no tool reads and these guards do not know; set back, it leaves them "
        "there",
    ),
    Rule(
        "aws_kinesis_firehose_delivery_stream",
        "kms_key_arn",
        setting(f"{delivery.S3}.kms_key_arn"),
        changed,
        "the policy of the lake's bucket refuses objects under any key but its own: if this is another one, nothing is "
        "delivered, and what waits for longer than the stream's retention is lost",
        refuses=False,
    ),
    Rule(
        "aws_kinesis_firehose_delivery_stream",
        "s3_backup_mode",
        setting(f"{delivery.S3}.s3_backup_mode", default="Disabled", read=lambda mode: mode == "Enabled"),
        switched_off,
        f"the records as they came are not kept any more, from then on; {_AGAIN}",
    ),
    Rule(
        "aws_kinesis_firehose_delivery_stream",
        "custom_time_zone",
        setting(f"{delivery.S3}.custom_time_zone", default="UTC"),
        changed,
        "folders are named for hours of another time zone: whoever reads by the hour misses records; set back, it "
        "leaves those objects where they are",
    ),
    Rule(
        "aws_kinesis_firehose_delivery_stream",
        "data_format_conversion_configuration",
        setting(f"{delivery.S3}.data_format_conversion_configuration.enabled", default=False),
        switched_on,
        "what does not fit the columns of the catalog is made null or fails, and no tool reads the other format; set "
        "back, it leaves those objects as they are",
    ),
)
