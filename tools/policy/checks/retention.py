"""What is kept, and for how long: tables can be restored, logs end some day, objects do not go with their bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.policy.checks.base import ResourceRule
from tools.policy.hcl import is_given, texts, value

if TYPE_CHECKING:
    from collections.abc import Mapping


def restores(table: Mapping[str, Any]) -> bool:
    """True when a table can be restored to any point in time."""
    return value(table, "point_in_time_recovery", "enabled") is True


def ends(group: Mapping[str, Any]) -> bool:
    """True when log events are removed some day: 0, and leaving it out, means never."""
    days = value(group, "retention_in_days")
    return is_given(days) and texts(days) != ["0"]


def keeps_objects(bucket: Mapping[str, Any]) -> bool:
    """True when a bucket that holds anything cannot be deleted, whoever asks Terraform to."""
    return not is_given(bucket.get("force_destroy")) or value(bucket, "force_destroy") is False


ResourceRule("CKV_LAKE_4", "Tables can be restored to any point in time", ("aws_dynamodb_table",), restores)
ResourceRule("CKV_LAKE_5", "Log groups have a retention", ("aws_cloudwatch_log_group",), ends)
ResourceRule("CKV_LAKE_20", "Objects do not go with their bucket", ("aws_s3_bucket",), keeps_objects)
