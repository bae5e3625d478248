"""The rules of data streams."""

from __future__ import annotations

from typing import Final

from tools.plan_review.losses import shards
from tools.plan_review.losses.delivery import DEFAULT_RETENTION_HOURS
from tools.plan_review.losses.readings import setting
from tools.plan_review.losses.rule import EXPOSES, FAILS, STOPS, Rule, changed, leaves, lowered

# Kinesis API Reference: "DecreaseStreamRetentionPeriod", "StopStreamEncryption", "StartStreamEncryption",
# "UpdateStreamMode"; Developer Guide: "Quotas and limits".
RULES: Final = (
    Rule(
        "aws_kinesis_stream",
        "retention_period",
        setting("retention_period", default=DEFAULT_RETENTION_HOURS),
        lowered,
        "changes in the stream that are older than the shorter time cannot be read any more, from the apply on, "
        "delivered or not; raised again, it brings none of them back",
    ),
    Rule(
        "aws_kinesis_stream",
        "encryption_type",
        setting("encryption_type", default="NONE"),
        leaves("KMS"),
        "changes are put into the stream without encryption from then on; switched on again, it leaves those as they "
        "are",
        EXPOSES,
    ),
    Rule(
        "aws_kinesis_stream",
        "kms_key_id",
        setting("kms_key_id"),
        changed,
        "DynamoDB and Firehose need the other key for each change from then on: where its policy or their roles do not "
        "say so, nothing is delivered, and what waits for longer than the stream's retention is lost; it can be set "
        "back",
        STOPS,
    ),
    Rule(
        "aws_kinesis_stream",
        "shard_count",
        shards.provisioned,
        shards.is_too_far,
        "AWS takes at most double and at least half at once, and refuses more in the middle of the apply; deploy once "
        "with each of these numbers, at most 10 in 24 hours",
        FAILS,
        shards.in_words,
    ),
    Rule(
        "aws_kinesis_stream",
        "shard_count",
        shards.provisioned,
        shards.is_fewer,
        "a shard takes 1 MiB or 1,000 changes a second: what is more is refused by the stream and arrives late",
        refuses=False,
    ),
    Rule(
        "aws_kinesis_stream",
        "stream_mode",
        setting("stream_mode_details.stream_mode", default="PROVISIONED"),
        changed,
        "AWS lets a stream change its mode twice in 24 hours; provisioned mode starts with the shards that the stream "
        "has then, and AWS refuses a number above double or below half of these",
        refuses=False,
    ),
)
