"""The rules of keys."""

from __future__ import annotations

from typing import Final

from tools.plan_review.losses.readings import setting
from tools.plan_review.losses.rule import EXPOSES, STOPS, Rule, lowered, switched_off

_UNDONE: Final = "it can be set back at any time, and nothing is lost until somebody uses it"

# KMS Developer Guide: "Enable and disable keys", "Rotate AWS KMS keys", "Delete AWS KMS keys".
RULES: Final = (
    Rule(
        "aws_kms_key",
        "is_enabled",
        setting("is_enabled", default=True),
        switched_off,
        "nothing under the key can be read or written: table, stream, delivery and queries stop, and changes that "
        "wait for longer than the stream's retention are lost; it can be enabled again until then",
        STOPS,
    ),
    Rule(
        "aws_kms_key",
        "enable_key_rotation",
        setting("enable_key_rotation", default=False),
        switched_off,
        f"one key material encrypts everything from then on; {_UNDONE}",
        EXPOSES,
    ),
    Rule(
        "aws_kms_key",
        "deletion_window_in_days",
        setting("deletion_window_in_days", default=30),
        lowered,
        "whoever schedules the key's deletion leaves so many days to notice and cancel it; then everything under it is "
        "unreadable, DynamoDB's backups of a deleted table (35 days) too",
        EXPOSES,
    ),
)
