"""Retention: tables can be restored, what is kept and what is locked has its time, no bucket goes with its objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.policy.checks.base import ResourceRule
from tools.policy.hcl import blocks, is_given, texts, value

if TYPE_CHECKING:
    from collections.abc import Mapping


def has_point_in_time_recovery(table: Mapping[str, Any]) -> bool:
    """True when a table can be restored to any point in time."""
    return value(table, "point_in_time_recovery", "enabled") is True


def has_deletion_protection(table: Mapping[str, Any]) -> bool:
    """True when nobody can delete a table in one step (AWS documentation: "Using deletion protection")."""
    return value(table, "deletion_protection_enabled") is True


def has_retention(group: Mapping[str, Any]) -> bool:
    """True when log events expire; 0, or no value, means that they do not."""
    days = value(group, "retention_in_days")
    return is_given(days) and texts(days) != ["0"]


def forbids_force_destroy(bucket: Mapping[str, Any]) -> bool:
    """True when Terraform cannot delete a bucket that holds objects."""
    return not is_given(bucket.get("force_destroy")) or value(bucket, "force_destroy") is False


def expires_with_versions(lifecycle: Mapping[str, Any]) -> bool:
    """True when each rule that lets objects expire lets their old versions expire as well."""
    return all(
        is_given(value(rule, "noncurrent_version_expiration", "noncurrent_days"))
        for rule in blocks(lifecycle, "rule")
        if is_given(value(rule, "expiration", "days"))
    )


def locks_for_a_time(lock: Mapping[str, Any]) -> bool:
    """True when object lock has a mode and a number of days."""
    return all(is_given(value(lock, "rule", "default_retention", name)) for name in ("mode", "days"))


def logs_elsewhere(logging: Mapping[str, Any]) -> bool:
    """True when requests are logged to a bucket that is not made here: logs of logs would have no end."""
    target = texts(logging.get("target_bucket"))
    return is_given(target) and not any("aws_s3_bucket." in text for text in target)


ResourceRule("CKV_LAKE_43", "Tables are protected from deletion", ("aws_dynamodb_table",), has_deletion_protection)
ResourceRule(
    "CKV_LAKE_4", "Tables can be restored to any point in time", ("aws_dynamodb_table",), has_point_in_time_recovery
)
ResourceRule("CKV_LAKE_5", "Log groups have a retention", ("aws_cloudwatch_log_group",), has_retention)
ResourceRule("CKV_LAKE_20", "Objects do not go with their bucket", ("aws_s3_bucket",), forbids_force_destroy)
ResourceRule(
    "CKV_LAKE_23",
    "What expires leaves no versions",
    ("aws_s3_bucket_lifecycle_configuration",),
    expires_with_versions,
)
ResourceRule(
    "CKV_LAKE_51", "Locked objects are locked for days", ("aws_s3_bucket_object_lock_configuration",), locks_for_a_time
)
ResourceRule("CKV_LAKE_52", "Requests are logged to another bucket", ("aws_s3_bucket_logging",), logs_elsewhere)
