"""The last hours of CloudWatch's metrics along the data path, read in few calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from mypy_boto3_cloudwatch import CloudWatchClient

PERIOD: Final = timedelta(minutes=1)
"""What one point stands for."""
SPAN: Final = timedelta(hours=3)
"""How far back points go."""
QUERIES: Final = 500
"""Metrics of one call (CloudWatch API Reference, "GetMetricData")."""


@dataclass(frozen=True)
class Metric:
    """One metric by its dimensions, as pairs of name and value, and the statistic that is read of it."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    statistic: str


@dataclass(frozen=True)
class Series:
    """Points of one metric, oldest first: when its period begins, and the value."""

    points: tuple[tuple[datetime, float], ...] = ()

    def total(self, since: datetime) -> float | None:
        """Returns the sum of the points from `since` on; None where there is none, which is not zero."""
        values = [value for at, value in self.points if at >= since]
        return sum(values) if values else None

    def highest(self, since: datetime) -> float | None:
        """Returns the highest value from `since` on; None where there is none."""
        return max((value for at, value in self.points if at >= since), default=None)

    def newest(self, since: datetime) -> float | None:
        """Returns the last value from `since` on; None where there is none."""
        return next((value for at, value in reversed(self.points) if at >= since), None)


NOTHING: Final = Series()


def merged(series: Iterable[Series], merge: Callable[[float, float], float]) -> Series:
    """Returns series as one, in which values of the same period are merged.

    >>> from datetime import UTC, datetime
    >>> some = Series(((datetime(2026, 1, 31, tzinfo=UTC), 2.0),))
    >>> [value for _, value in merged([some, some, Series()], max).points]
    [2.0]
    """
    found: dict[datetime, float] = {}
    for at, value in (point for each in series for point in each.points):
        found[at] = merge(found[at], value) if at in found else value
    return Series(tuple(sorted(found.items())))


def read(
    cloudwatch: CloudWatchClient, metrics: Iterable[Metric], now: datetime, span: timedelta = SPAN
) -> dict[Metric, Series]:
    """Returns the points of the last hours, or of another `span` before `now`, of each metric that has any."""
    found: dict[Metric, list[tuple[datetime, float]]] = {}
    wanted = list(dict.fromkeys(metrics))
    for start in range(0, len(wanted), QUERIES):
        some = wanted[start : start + QUERIES]
        for index, at, value in _points(cloudwatch, some, now, span):
            found.setdefault(some[index], []).append((at, value))
    return {metric: Series(tuple(sorted(points))) for metric, points in found.items()}


def _points(
    cloudwatch: CloudWatchClient, metrics: Sequence[Metric], now: datetime, span: timedelta
) -> Iterator[tuple[int, datetime, float]]:
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=[_query(index, metric) for index, metric in enumerate(metrics)],
        StartTime=now - span,
        EndTime=now,
        ScanBy="TimestampAscending",
    )
    for page in pages:
        for result in page["MetricDataResults"]:
            index = int(result["Id"].removeprefix("m"))
            yield from ((index, at, value) for at, value in zip(result["Timestamps"], result["Values"], strict=True))


def _query(index: int, metric: Metric) -> Any:  # noqa: ANN401  # a MetricDataQuery
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions]
    return {
        "Id": f"m{index}",
        "MetricStat": {
            "Metric": {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions},
            "Period": int(PERIOD.total_seconds()),
            "Stat": metric.statistic,
        },
    }
