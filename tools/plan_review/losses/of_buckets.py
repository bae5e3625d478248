"""The rules of the bucket and of its settings."""

from __future__ import annotations

from typing import Any, Final

from tools.plan_review.losses import denials, expiry
from tools.plan_review.losses.readings import first, setting, value_at
from tools.plan_review.losses.rule import (
    EXPOSES,
    Rule,
    changed,
    leaves,
    lowered,
    some_gone,
    switched_off,
    switched_on,
    what_is_gone,
)

_UNDONE: Final = "it can be set back at any time, and nothing is lost until somebody uses it"


def _default_encryption(blocks: Any) -> str:  # noqa: ANN401  # blocks of a resource
    block = first(blocks) or {}
    return " ".join(filter(None, (block.get("sse_algorithm"), block.get("kms_master_key_id"))))


def _replicated(rules: Any) -> frozenset[str]:  # noqa: ANN401  # as above
    return frozenset(
        f"{rule.get('id')} to {value_at(rule, ['destination', 'bucket'])}"
        for rule in rules
        if rule.get("status") == "Enabled"
    )


def _locked_days(blocks: Any) -> int:  # noqa: ANN401  # as above
    block = first(blocks) or {}
    return (block.get("days") or 0) + 365 * (block.get("years") or 0)


# S3 User Guide: "Working with objects in a versioning-suspended bucket", "Expiring objects", "Blocking public access",
# "Controlling ownership of objects", "Setting default server-side encryption", "Replicating objects",
# "Locking objects with Object Lock", "Logging requests with server access logging".
RULES: Final = (
    Rule(
        "aws_s3_bucket",
        "force_destroy",
        setting("force_destroy", default=False),
        switched_on,
        f"a plan that deletes the bucket deletes every object and version in it; {_UNDONE}",
        EXPOSES,
    ),
    Rule(
        "aws_s3_bucket_versioning",
        "status",
        setting("versioning_configuration.status", default="Suspended"),
        leaves("Enabled"),
        "what is overwritten or deleted from then on is gone for good; older versions stay, and it can be enabled "
        "again",
    ),
    Rule(
        "aws_s3_bucket_lifecycle_configuration",
        "expiration",
        expiry.reader(expiry.current_objects),
        expiry.some_sooner,
        "S3 removes the objects that are as old already within a day or two, and their versions follow; taken back, "
        "the rule brings none back",
        details=expiry.in_words,
    ),
    Rule(
        "aws_s3_bucket_lifecycle_configuration",
        "noncurrent_version_expiration",
        expiry.reader(expiry.old_versions),
        expiry.some_sooner,
        "S3 removes the overwritten and deleted versions that are as old already within a day or two; taken back, the "
        "rule brings none back",
        details=expiry.in_words,
    ),
    Rule(
        "aws_s3_bucket_lifecycle_configuration",
        "transition",
        expiry.reader(expiry.archived_objects),
        expiry.some_sooner,
        "no query and no tool reads these objects until each is restored, which takes hours and is paid for",
        details=expiry.in_words,
    ),
    *(
        Rule(
            "aws_s3_bucket_public_access_block",
            name,
            setting(name, default=False),
            switched_off,
            "a policy or an ACL can open the lake to everybody; set back, it does not call back what was read "
            "meanwhile",
            EXPOSES,
        )
        for name in ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    ),
    Rule(
        "aws_s3_bucket_ownership_controls",
        "object_ownership",
        setting("rule.object_ownership"),
        leaves("BucketOwnerEnforced"),
        "ACLs count again: objects can belong to the account that writes them, and be opened to others; it can be set "
        "back",
        EXPOSES,
    ),
    Rule(
        "aws_s3_bucket_server_side_encryption_configuration",
        "apply_server_side_encryption_by_default",
        setting("rule.apply_server_side_encryption_by_default", default="AES256", read=_default_encryption),
        lambda before, after: before not in ("AES256", after),
        "objects that say nothing of encryption are not under the lake's key from then on, whose policy no longer "
        "decides who reads them; set back, it leaves those objects as they are",
        EXPOSES,
    ),
    Rule(
        "aws_s3_bucket_policy",
        "policy",
        denials.denials,
        denials.some_deny_less,
        "what the statement denies is allowed to whom IAM allows it; set back, it does not undo what was done "
        "meanwhile",
        EXPOSES,
        denials.what_denies_less,
    ),
    Rule(
        "aws_s3_bucket_object_lock_configuration",
        "default_retention",
        setting("rule.default_retention", default=0, read=_locked_days),
        lowered,
        "objects that are written from then on can be deleted for good after fewer days; those that are there keep "
        "theirs",
        EXPOSES,
    ),
    Rule(
        "aws_s3_bucket_object_lock_configuration",
        "mode",
        setting("rule.default_retention.mode"),
        leaves("COMPLIANCE"),
        "objects that are written from then on can be unlocked by whom IAM lets; those that are there keep their lock",
        EXPOSES,
    ),
    Rule(
        "aws_s3_bucket_logging",
        "target_bucket",
        setting("target_bucket"),
        changed,
        "requests are not logged where they were; it can be set back, and what was asked meanwhile is not logged there",
        refuses=False,
    ),
    Rule(
        "aws_s3_bucket_replication_configuration",
        "rule",
        setting("rule", default=frozenset(), read=_replicated),
        some_gone,
        "objects that are written from then on are not copied; set back, it copies none of those (S3 Batch "
        "Replication does)",
        details=what_is_gone,
    ),
)
