"""Queries of the lake and jobs on it: within limits, and with results that do not stay."""

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

    AWS Glue Developer Guide: "Step 3: Configure security settings", "Preventing a crawler from changing an existing
    schema".
    """
    return is_given(value(crawler, "security_configuration")) and all(
        value(crawler, "schema_change_policy", f"{kind}_behavior") == "LOG" for kind in ("update", "delete")
    )


def is_pinned(job: Mapping[str, Any]) -> bool:
    """True when a job names Glue's version, encrypts its log, and cannot run twice at a time.

    A job without a version has Glue's newest, whose Python is another: AWS Glue API Reference, "CreateJob"; Developer
    Guide, "AWS Glue versions", "Setting up encryption in AWS Glue".
    """
    return (
        all(is_given(value(job, name)) for name in ("glue_version", "security_configuration"))
        and value(job, "execution_property", "max_concurrent_runs") == 1
    )


def is_hybrid(location: Mapping[str, Any]) -> bool:
    """True when only principals that are opted in come under Lake Formation: a lake's writers stay as they are.

    AWS Lake Formation Developer Guide: "Hybrid access mode".
    """
    return value(location, "hybrid_access_enabled") is True


def only_reads(granted: Mapping[str, Any]) -> bool:
    """True when what is granted lets nobody change a table or hand the permission on."""
    given = texts(value(granted, "permissions"))
    return (
        bool(given)
        and set(given) <= {"DESCRIBE", "SELECT"}
        and not is_given(value(granted, "permissions_with_grant_option"))
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
ResourceRule(
    "CKV_LAKE_45", "Jobs name Glue's version, encrypt their logs and run once at a time", ("aws_glue_job",), is_pinned
)
ResourceRule(
    "CKV_LAKE_28", "Lake Formation leaves to IAM whoever is not opted in", ("aws_lakeformation_resource",), is_hybrid
)
ResourceRule(
    "CKV_LAKE_29",
    "Lake Formation lets readers describe and select only",
    ("aws_lakeformation_permissions",),
    only_reads,
)
