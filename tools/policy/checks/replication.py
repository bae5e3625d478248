"""Replication: what is replicated is whole, stays under a key, and says how it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.policy.checks.base import ResourceRule
from tools.policy.hcl import blocks, is_given, value

if TYPE_CHECKING:
    from collections.abc import Mapping

_REPLICATION = ("aws_s3_bucket_replication_configuration",)
_SWITCHES = (
    ("status",),
    ("delete_marker_replication", "status"),
    ("source_selection_criteria", "sse_kms_encrypted_objects", "status"),
)


def replicates_whole(replication: Mapping[str, Any]) -> bool:
    """True when each rule is on, with delete markers and with objects that are under a key.

    Without these S3 passes over every object that is encrypted with SSE-KMS (Amazon S3 User Guide: "Replicating
    encrypted objects").
    """
    rules = list(blocks(replication, "rule"))
    return bool(rules) and all(value(rule, *switch) == "Enabled" for rule in rules for switch in _SWITCHES)


def encrypts_the_replica(replication: Mapping[str, Any]) -> bool:
    """True when each rule names the key of the replicas."""
    return all(
        is_given(value(rule, "destination", "encryption_configuration", "replica_kms_key_id"))
        for rule in blocks(replication, "rule")
    )


def is_measured(replication: Mapping[str, Any]) -> bool:
    """True when each rule has metrics: without them a failure is told nowhere."""
    return all(value(rule, "destination", "metrics", "status") == "Enabled" for rule in blocks(replication, "rule"))


ResourceRule("CKV_LAKE_53", "Replication leaves nothing out that a rule is for", _REPLICATION, replicates_whole)
ResourceRule("CKV_LAKE_54", "Replicas are encrypted with a customer managed key", _REPLICATION, encrypts_the_replica)
ResourceRule("CKV_LAKE_55", "Replication is measured", _REPLICATION, is_measured)
