"""Delivery streams: settings without which records or errors would be lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.policy.checks.base import ResourceRule
from tools.policy.hcl import blocks, texts, value

if TYPE_CHECKING:
    from collections.abc import Mapping

_STREAM = ("aws_kinesis_firehose_delivery_stream",)
_S3 = "extended_s3_configuration"


def has_lambda_processor(stream: Mapping[str, Any]) -> bool:
    """True when records go through a function before they are delivered."""
    return value(stream, _S3, "processing_configuration", "enabled") is True and any(
        "Lambda" in texts(processor.get("type"))
        for s3 in blocks(stream, _S3)
        for processing in blocks(s3, "processing_configuration")
        for processor in blocks(processing, "processors")
    )


def has_error_prefix(stream: Mapping[str, Any]) -> bool:
    """True when failures have a prefix by their kind (AWS documentation: "Custom prefixes for Amazon S3 objects")."""
    return "!{firehose:error-output-type}" in str(value(stream, _S3, "error_output_prefix"))


def has_logging(stream: Mapping[str, Any]) -> bool:
    """True when delivery errors are logged."""
    return value(stream, _S3, "cloudwatch_logging_options", "enabled") is True


ResourceRule("CKV_LAKE_1", "Delivery streams transform records with a Lambda function", _STREAM, has_lambda_processor)
ResourceRule("CKV_LAKE_2", "Delivery streams keep failures under an error prefix by kind", _STREAM, has_error_prefix)
ResourceRule("CKV_LAKE_3", "Delivery streams log delivery errors", _STREAM, has_logging)
