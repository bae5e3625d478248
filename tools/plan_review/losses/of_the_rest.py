"""The rules of what reads and watches the data path: the function, the catalog, log groups."""

from __future__ import annotations

import math
from typing import Any, Final

from tools.iam.documents import UNKNOWN
from tools.plan_review.losses import functions
from tools.plan_review.losses.readings import setting
from tools.plan_review.losses.rule import STOPS, Rule, becomes, changed, lowered

_AGAIN: Final = "it can be set back, which brings nothing back"


def _projected_from(parameters: Any) -> str | None:  # noqa: ANN401  # a map of text
    span = parameters.get("projection.cdc_date.range")
    return span.partition(",")[0] if span else None


def _later(before: str | None, after: str | None) -> bool:
    return before is not None and (after in (None, UNKNOWN) or after > before)


# Lambda Developer Guide: "Configuring reserved concurrency", "Lambda runtimes"; CloudWatch Logs API Reference:
# "PutRetentionPolicy"; Athena User Guide: "Partition projection".
RULES: Final = (
    Rule(
        "aws_lambda_function",
        "reserved_concurrent_executions",
        setting("reserved_concurrent_executions", default=-1),
        becomes(0),
        "Lambda refuses every call: each change goes under the error prefix, or stays in the stream and is lost after "
        "its retention; set back, failed records can be replayed",
        STOPS,
    ),
    Rule(
        "aws_lambda_function",
        "package",
        functions.fit,
        functions.does_not_fit,
        "the package stays the one that was built for what the function asked before: where it does not hold what is "
        "asked for, every call fails and each change goes under the error prefix; set back, they can be replayed",
        STOPS,
        functions.what_does_not_fit,
    ),
    Rule(
        "aws_cloudwatch_log_group",
        "retention_in_days",
        setting("retention_in_days", default=math.inf, unset=(None, 0)),
        lowered,
        f"log events that are older than that are removed, as a rule within three days; {_AGAIN}",
        refuses=False,
    ),
    Rule(
        "aws_glue_catalog_table",
        "projection.cdc_date.range",
        setting("parameters", read=_projected_from),
        _later,
        "queries do not see what was written on earlier days; it can be set back, and the objects stay",
        refuses=False,
    ),
    Rule(
        "aws_glue_catalog_table",
        "location",
        setting("storage_descriptor.location"),
        changed,
        "queries read another folder; it can be set back, and the objects stay",
        refuses=False,
    ),
)
