"""The rules of DynamoDB tables."""

from __future__ import annotations

from typing import Any, Final

from tools.plan_review.losses.readings import first, setting
from tools.plan_review.losses.rule import EXPOSES, Rule, lowered, set_or_changed, some_gone, switched_off, what_is_gone

_AGAIN: Final = "it can be set back, which brings nothing back"
_UNDONE: Final = "it can be set back at any time, and nothing is lost until somebody uses it"


def _ttl(blocks: Any) -> str | None:  # noqa: ANN401  # as above
    block = first(blocks) or {}
    return f"on {block.get('attribute_name')}" if block.get("enabled") else None


def _members(name: str, blocks: Any) -> frozenset[str]:  # noqa: ANN401  # blocks of a resource
    return frozenset(str(block.get(name)) for block in blocks or [])


# DynamoDB Developer Guide: "Point-in-time recovery", "Using deletion protection", "Using time to live (TTL)",
# "Encryption at rest", "Global tables"; API Reference: "PointInTimeRecoverySpecification".
RULES: Final = (
    Rule(
        "aws_dynamodb_table",
        "point_in_time_recovery",
        setting("point_in_time_recovery.enabled", default=False),
        switched_off,
        "the table cannot be restored to any moment before, and not exported; switched on again, it starts anew then",
    ),
    Rule(
        "aws_dynamodb_table",
        "recovery_period_in_days",
        setting("point_in_time_recovery.recovery_period_in_days", default=35, unset=(None, 0)),
        lowered,
        f"the table can then be restored to fewer days back only; {_AGAIN}",
    ),
    Rule(
        "aws_dynamodb_table",
        "deletion_protection_enabled",
        setting("deletion_protection_enabled", default=False),
        switched_off,
        f"whoever may delete tables can delete this one with every item; {_UNDONE}",
        EXPOSES,
    ),
    Rule(
        "aws_dynamodb_table",
        "ttl",
        setting("ttl", read=_ttl),
        set_or_changed,
        "DynamoDB deletes each item whose attribute holds a time that is past, within a few days; switched off again, "
        "it brings none back: only the lake, point-in-time recovery and backups still have them",
    ),
    Rule(
        "aws_dynamodb_table",
        "server_side_encryption",
        setting("server_side_encryption.enabled", default=False),
        switched_off,
        "the table is under a key that AWS owns, which nobody here can withdraw or audit; it can be set back",
        EXPOSES,
    ),
    Rule(
        "aws_dynamodb_table",
        "replica",
        setting("replica", default=frozenset(), read=lambda blocks: _members("region_name", blocks)),
        some_gone,
        "the copy of the table in that Region is deleted with its items; made again, it starts from this table as it "
        "is then",
        details=what_is_gone,
    ),
)
