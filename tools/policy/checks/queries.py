"""Queries of the lake: within limits, and with results that do not stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.policy.checks.base import ResourceRule
from tools.policy.hcl import blocks, is_given, texts, value

if TYPE_CHECKING:
    from collections.abc import Mapping


def enforces_limits(workgroup: Mapping[str, Any]) -> bool:
    """True when queries cannot choose where results go, and cannot scan without end.

    Amazon Athena User Guide: "Override client-side settings", "Set per-query and per-workgroup data usage controls".
    """
    return value(workgroup, "configuration", "enforce_workgroup_configuration") is True and is_given(
        value(workgroup, "configuration", "bytes_scanned_cutoff_per_query")
    )


def lets_results_expire(lifecycle: Mapping[str, Any]) -> bool:
    """True when results of queries, which are copies of what the lake holds, expire."""
    return any(
        "result" in text and is_given(value(rule, "expiration", "days"))
        for rule in blocks(lifecycle, "rule")
        for text in texts(value(rule, "filter", "prefix"))
    )


def only_adds(crawler: Mapping[str, Any]) -> bool:
    """True when a crawler encrypts its log, and neither updates nor deletes a table that it has made.

    AWS Glue Developer Guide: "Step 3: Configure security settings", "How to prevent the crawler from changing an
    existing schema".
    """
    return is_given(value(crawler, "security_configuration")) and all(
        value(crawler, "schema_change_policy", f"{kind}_behavior") == "LOG" for kind in ("update", "delete")
    )


ResourceRule(
    "CKV_LAKE_24", "Workgroups enforce where results go and a limit", ("aws_athena_workgroup",), enforces_limits
)
ResourceRule(
    "CKV_LAKE_25", "Results of queries expire", ("aws_s3_bucket_lifecycle_configuration",), lets_results_expire
)
ResourceRule(
    "CKV_LAKE_27",
    "Crawlers have a security configuration and change no table that is there",
    ("aws_glue_crawler",),
    only_adds,
)
