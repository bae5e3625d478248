"""Finds what was changed outside of Terraform in the drift that a plan reports."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tools.plan_review import attributes

if TYPE_CHECKING:
    from tools.plan_review.plan import Plan, ResourceChange

_MANAGED_BY: Final = {
    ("aws_s3_bucket", "lifecycle_rule"): ("aws_s3_bucket_lifecycle_configuration", "bucket"),
    ("aws_s3_bucket", "logging"): ("aws_s3_bucket_logging", "bucket"),
    ("aws_s3_bucket", "object_lock_configuration"): ("aws_s3_bucket_object_lock_configuration", "bucket"),
    ("aws_s3_bucket", "object_lock_enabled"): ("aws_s3_bucket_object_lock_configuration", "bucket"),
    ("aws_s3_bucket", "policy"): ("aws_s3_bucket_policy", "bucket"),
    ("aws_s3_bucket", "replication_configuration"): ("aws_s3_bucket_replication_configuration", "bucket"),
    ("aws_s3_bucket", "server_side_encryption_configuration"): (
        "aws_s3_bucket_server_side_encryption_configuration",
        "bucket",
    ),
    ("aws_s3_bucket", "versioning"): ("aws_s3_bucket_versioning", "bucket"),
    ("aws_sns_topic", "policy"): ("aws_sns_topic_policy", "arn"),
}
"""(resource type, attribute) -> type of the resource that manages the attribute, where there is one for the bucket or
topic, and the attribute in which both name that."""

_ZERO_IF_NOT_SET: Final = re.compile(r"metric_query\[\d+\]\.period")
"""Numbers of `aws_cloudwatch_metric_alarm` that the provider reads as 0 where there is none: AWS takes no 0."""

_EMPTY_VALUES: Final[tuple[object, ...]] = (None, "", [], {})
_EMPTY_TEXTS: Final = (attributes.NONE, '""', "[]", "{}")


def differences(plan: Plan, change: ResourceChange) -> list[attributes.Difference]:
    """Returns the attributes of one resource that somebody changed since the last apply.

    The first refresh after an apply also shows attributes that the provider fills in later: empty ones, and those that
    another resource of the configuration manages. Neither is drift; that resource reports its own.
    """
    return [
        each
        for each in attributes.differences(change)
        if not (_is_nothing(change, each) or _is_filled_in_by_provider(plan, change, each.path))
    ]


def _is_nothing(change: ResourceChange, difference: attributes.Difference) -> bool:
    """Returns whether one kind of nothing stands for another, however deep."""
    empty: tuple[str, ...] = _EMPTY_TEXTS
    if change.type == "aws_cloudwatch_metric_alarm" and _ZERO_IF_NOT_SET.fullmatch(difference.path):
        empty = (*empty, "0")
    return difference.before in empty and difference.after in empty


def _is_filled_in_by_provider(plan: Plan, change: ResourceChange, path: str) -> bool:
    name = path.partition(".")[0].partition("[")[0]
    before, after = (change.change.before or {}).get(name), (change.change.after or {}).get(name)
    if before in _EMPTY_VALUES and after in _EMPTY_VALUES:
        return True
    if (change.type, name) == ("aws_iam_role", "inline_policy"):
        changed = {inline for inline, _ in _inline(before) ^ _inline(after)}
        role = (change.change.after or {}).get("name")
        own = [each for each in plan.resources_before("aws_iam_role_policy") if each.get("role") == role]
        return changed <= {each.get("name") for each in own}
    manager, names = _MANAGED_BY.get((change.type, name), ("", ""))
    named = (change.change.after or {}).get(names)
    return bool(manager) and any(each.get(names) == named for each in plan.resources_before(manager))


def _inline(policies: Any) -> set[tuple[str, str]]:  # noqa: ANN401  # blocks of a resource
    blocks = [each for each in policies if isinstance(each, dict)] if isinstance(policies, list) else []
    return {(str(each.get("name")), str(each.get("policy"))) for each in blocks}
