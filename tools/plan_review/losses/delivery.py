"""Reads what decides whether the records of a delivery stream arrive, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tools.iam.documents import UNKNOWN
from tools.plan_review.losses.readings import Reading, value_at

if TYPE_CHECKING:
    from tools.plan_review.plan import Plan, ResourceChange

S3: Final = "extended_s3_configuration"
DEFAULT_RETENTION_HOURS: Final = 24
"""Kinesis Data Streams Developer Guide: "Change the data retention period"."""
_DEFAULT_SECONDS: Final = {"buffering_interval": 300, "BufferIntervalInSeconds": 60}
"""Firehose API Reference: "BufferingHints"; Developer Guide, "Data transformation"."""


def function_called(processing: Any) -> str | None:  # noqa: ANN401  # blocks of a resource
    """Returns the ARN of the function that transforms the records; None where none does."""
    if not value_at(processing, ["enabled"]):
        return None
    for processor in value_at(processing, ["processors"]) or []:
        if processor.get("type") == "Lambda":
            return str(_parameters(processor).get("LambdaArn"))
    return None


def is_gone(before: object, after: object) -> bool:
    """Returns whether something that was there is not there any more, or may not be."""
    return before is not None and after in (None, UNKNOWN)


@dataclass(frozen=True)
class Wait:
    """How long records wait in buffers, in seconds, and how many hours their stream keeps them."""

    seconds: int
    hours: int

    def __str__(self) -> str:
        return f"{self.seconds} s of {self.hours} hours"

    @property
    def fits(self) -> bool:
        """True when a record is delivered before the stream drops it, if all goes well."""
        return self.seconds < self.hours * 3600


def longest_wait(plan: Plan, resource: ResourceChange) -> Reading:
    """Reads how long a record can wait in both buffers of a delivery stream, beside the retention of its stream."""
    return (
        _wait(resource.change.before, _stream(plan, resource, "before")),
        _wait(resource.change.after, _stream(plan, resource, "after")),
    )


def too_long(before: Wait, after: Wait) -> bool:
    """Returns whether records that were delivered in time are not any more."""
    return before.fits and not after.fits


def _wait(values: dict[str, Any] | None, stream: dict[str, Any]) -> Wait:
    block = value_at(values, [S3])
    processors = value_at(block, ["processing_configuration", "processors"]) or []
    parameters = {name: value for each in processors for name, value in _parameters(each).items()}
    waits = {
        "buffering_interval": value_at(block, ["buffering_interval"]),
        "BufferIntervalInSeconds": parameters.get("BufferIntervalInSeconds"),
    }
    seconds = sum(int(_DEFAULT_SECONDS[name] if value is None else value) for name, value in waits.items())
    return Wait(seconds, int(stream.get("retention_period") or DEFAULT_RETENTION_HOURS))


def _stream(plan: Plan, resource: ResourceChange, side: str) -> dict[str, Any]:
    arn = value_at(resource.change.before, ["kinesis_source_configuration", "kinesis_stream_arn"])
    for change in plan.resource_changes:
        values = getattr(change.change, side) or {}
        if change.type == "aws_kinesis_stream" and values.get("arn") == arn:
            return dict(values)
    return {}


def _parameters(processor: dict[str, Any]) -> dict[str, Any]:
    return {each["parameter_name"]: each["parameter_value"] for each in processor.get("parameters") or []}
