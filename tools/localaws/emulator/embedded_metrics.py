"""Metrics that are embedded in log lines.

Source: Amazon CloudWatch User Guide, "Specification: Embedded metric format".
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_VALUES: Final = 100
_MAX_DIMENSIONS: Final = 30


def read(message: str) -> list[tuple[str, dict[str, Any]]]:
    """Returns (namespace, MetricDatum as PutMetricData takes it) of a log line; what breaks the format is left out.

    >>> read('{"_aws": {"Timestamp": 5000, "CloudWatchMetrics": [{"Namespace": "N", "Dimensions": [["D"]],'
    ...      ' "Metrics": [{"Name": "M", "Unit": "Count"}]}]}, "D": "d", "M": 7}')[0][1]["Values"]
    [7]
    """
    if not message.startswith("{") or '"_aws"' not in message:
        return []
    try:
        document = json.loads(message)
        metadata = document["_aws"]
        seconds = float(metadata["Timestamp"]) / 1000
        directives = list(metadata["CloudWatchMetrics"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
    return [found for directive in directives for found in _metrics(document, directive, seconds)]


def _metrics(document: dict[str, Any], directive: Any, seconds: float) -> Iterator[tuple[str, dict[str, Any]]]:  # noqa: ANN401  # from a log line
    try:
        namespace = str(directive["Namespace"])
        sets = [_dimensions(document, names) for names in directive.get("Dimensions") or [[]]]
        metrics = [(str(each["Name"]), each) for each in directive["Metrics"]]
    except (KeyError, TypeError, AttributeError, ValueError):
        return
    for name, definition in metrics:
        values = document.get(name)
        values = values if isinstance(values, list) else [values]
        if not 0 < len(values) <= _MAX_VALUES or not all(_is_number(value) for value in values):
            continue
        for dimensions in sets:
            yield (
                namespace,
                {
                    "MetricName": name,
                    "Dimensions": dimensions,
                    "Timestamp": seconds,
                    "Unit": definition.get("Unit", "None"),
                    "StorageResolution": definition.get("StorageResolution", 60),
                    "Values": values,
                },
            )


def _dimensions(document: dict[str, Any], names: list[str]) -> list[dict[str, str]]:
    if len(names) > _MAX_DIMENSIONS or not all(isinstance(document[name], str) for name in names):
        raise ValueError
    return [{"Name": name, "Value": document[name]} for name in names]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
