"""Points of metrics as CloudWatch stores them: merged by the minute, or the second, and kept for a limited time.

A metric is a list of points, each a dict as the emulator has it: `Timestamp` (seconds since the epoch), `Unit`,
`Dimensions`, and `Value` with how often it was seen (`Count`), or `_stat`, a statistic set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Point = dict[str, Any]

RETENTION_SECONDS: Final = 3 * 3600
"""How long points are kept. CloudWatch keeps those of a minute for 15 days ("Metrics retention")."""

MAX_VALUES: Final = 150
"""So many different values are told apart within a minute; more become a statistic set, which has no percentiles."""


def points_of(datum: Mapping[str, Any], now: float) -> list[Point]:
    """Returns the points of a MetricDatum whose `Timestamp` is in seconds since the epoch, or missing (`now`)."""
    resolution = 1 if datum.get("StorageResolution") == 1 else 60
    seconds = datum.get("Timestamp") or now
    base = {
        "Timestamp": seconds // resolution * resolution,
        "Unit": datum.get("Unit") or "None",
        "Dimensions": {each["Name"]: each.get("Value", "") for each in datum.get("Dimensions") or []},
    }
    if datum.get("Values") is not None:
        counts = datum.get("Counts") or [1.0] * len(datum["Values"])
        return [
            {**base, "Value": float(value), "Count": float(count)}
            for value, count in zip(datum["Values"], counts, strict=True)
        ]
    if datum.get("StatisticValues") is not None:
        return [_as_set(base, {name: float(value) for name, value in datum["StatisticValues"].items()})]
    return [{**base, "Value": float(datum.get("Value") or 0), "Count": 1.0}]


def add(points: list[Point], point: Point) -> None:
    """Adds a point to those of its metric: to the one with the same time, unit and value, where there is one."""
    different, statistics = 0, None
    for other in reversed(points):
        if other["Timestamp"] < point["Timestamp"]:
            break
        if other["Timestamp"] > point["Timestamp"] or other["Unit"] != point["Unit"]:
            continue
        if "_stat" in other:
            statistics = other
        elif "_stat" not in point and other["Value"] == point["Value"]:
            other["Count"] += point["Count"]
            return
        different += 1
    if "_stat" not in point and different < MAX_VALUES:
        points.append(point)
    elif statistics is None:
        points.append(point if "_stat" in point else _as_set(point, _statistics(point)))
    else:
        merged = _merge(statistics["_stat"], point.get("_stat") or _statistics(point))
        statistics.update(_as_set(statistics, merged))


def recent(points: Iterable[Point], now: float) -> list[Point]:
    """Returns the points that are still kept at `now` (seconds since the epoch)."""
    return [point for point in points if point["Timestamp"] >= now - RETENTION_SECONDS]


def _statistics(point: Point) -> dict[str, float]:
    value, count = point["Value"], point["Count"]
    return {"SampleCount": count, "Sum": value * count, "Minimum": value, "Maximum": value}


def _merge(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    return {
        "SampleCount": one["SampleCount"] + other["SampleCount"],
        "Sum": one["Sum"] + other["Sum"],
        "Minimum": min(one["Minimum"], other["Minimum"]),
        "Maximum": max(one["Maximum"], other["Maximum"]),
    }


def _as_set(point: Mapping[str, Any], statistics: Mapping[str, float]) -> Point:
    value = statistics["Sum"] / statistics["SampleCount"] if statistics["SampleCount"] else 0.0
    kept = {name: point[name] for name in ("Timestamp", "Unit", "Dimensions")}
    return {**kept, "Value": value, "_stat": dict(statistics)}
