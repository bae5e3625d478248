"""What is shown of the data path: a row for each hop of each table, in words, for any format to lay out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tools.cli.console import counted
from tools.health import judging, measuring
from tools.health.judging import Level, duration
from tools.health.measuring import HOUR

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from tools.health.judging import Finding
    from tools.health.measured import (
        DeliveryMeasured,
        FunctionMeasured,
        LakeMeasured,
        Measured,
        PathMeasured,
        ReplicaMeasured,
    )
    from tools.health.metrics import Series

UNKNOWN: Final = "?"
"""Shown for what is not known."""


@dataclass(frozen=True)
class Row:
    """One hop: its table ("" for what all share), state, what passed in the last hour, how late it is, and a detail.

    `lag` is the age of the oldest change that was on its way when CloudWatch last heard of it; "" when it has not.
    `series` are the values to plot: title -> points.
    """

    table: str
    hop: str
    level: Level
    state: str
    rate: str = ""
    lag: str = ""
    detail: str = ""
    series: tuple[tuple[str, Series], ...] = ()


def rows(measured: Measured, findings: Iterable[Finding]) -> list[Row]:
    """Returns the rows, table by table along the data path, then what all share."""
    worst: dict[tuple[str, str], Level] = {}
    for each in findings:
        worst[each.table, each.hop] = max(each.level, worst.get((each.table, each.hop), Level.WELL))
    found = [row for name, path in measured.paths.items() for row in _of_path(name, path, measured.at, worst)]
    if measured.function:
        found.append(_of_function(measured.function, measured.at, worst.get(("", judging.FUNCTION), Level.WELL)))
    if measured.replica:
        found.append(_of_replica(measured.replica, measured.at, worst.get(("", judging.REPLICA), Level.WELL)))
    return found


def _of_replica(replica: ReplicaMeasured, now: datetime, level: Level) -> Row:
    since = now - HOUR
    late = judging.replica_lag(replica, now)
    failed = replica.failed.total(since)
    waiting = replica.pending.newest(now - measuring.RECENT)
    details = [
        f"{replica.bucket} in {replica.region}",
        f"{waiting:,.0f} to replicate" if waiting else "",
        f"{failed:,.0f} failed" if failed else "",
    ]
    state = "failing" if failed else "late" if late is not None and late > judging.LATE else "replicating"
    series = (("failed", replica.failed), ("latency, s", replica.latency), ("to replicate", replica.pending))
    lag = "" if late is None else duration(late)
    return Row(
        "",
        judging.REPLICA,
        level,
        UNKNOWN if replica.unseen else state,
        "",
        lag,
        ", ".join(filter(None, details)),
        series,
    )


def verdict(findings: Iterable[Finding]) -> Level:
    """Returns the worst level of the findings."""
    return max((each.level for each in findings), default=Level.WELL)


def _of_path(name: str, path: PathMeasured, now: datetime, worst: dict[tuple[str, str], Level]) -> list[Row]:
    since = now - HOUR
    found = []
    if table := path.table:
        detail = f"streaming {table.destination or UNKNOWN}"
        found.append(Row(name, judging.TABLE, Level.WELL, table.status or UNKNOWN, detail=detail))
    if stream := path.stream:
        size = "on demand" if stream.on_demand else _shards(stream.shards)
        kept = f", kept {duration(stream.retention)}" if stream.retention else ""
        rate = _count(stream.incoming.total(since), "changes in")
        series = (("changes in", stream.incoming), ("age of the oldest unread, ms", stream.iterator_age))
        found.append(Row(name, judging.STREAM, Level.WELL, stream.status or UNKNOWN, rate, "", size + kept, series))
    if delivery := path.delivery:
        late = judging.lag(path, now)
        found.append(_of_delivery(name, delivery, since, "" if late is None else duration(late)))
    if lake := path.lake:
        found.append(_of_lake(name, lake, now))
    return [replace(row, level=worst.get((row.table, row.hop), Level.WELL)) for row in found]


def _of_delivery(name: str, delivery: DeliveryMeasured, since: datetime, late: str) -> Row:
    rate = _count(delivery.delivered.total(since), "records out")
    detail = f"buffers {duration(delivery.buffering)}" if delivery.buffering else ""
    if failed := delivery.failed.total(since):
        detail += f", {failed:,.0f} failed"
    series = (("records out", delivery.delivered), ("oldest record under way, s", delivery.freshness))
    return Row(name, judging.DELIVERY, Level.WELL, delivery.status or UNKNOWN, rate, late, detail, series)


def _of_lake(name: str, lake: LakeMeasured, now: datetime) -> Row:
    if lake.objects is None:
        return Row(name, judging.LAKE, Level.WELL, UNKNOWN)
    rate = f"{lake.objects:,} objects, {size(lake.size)}"
    newest = f"newest {duration(now - lake.newest)} ago" if lake.newest else "none in the last hour"
    failed = UNKNOWN if lake.failed_objects is None else f"{lake.failed_objects:,}{'+' if lake.failed_is_more else ''}"
    return Row(name, judging.LAKE, Level.WELL, "there", rate, "", f"{newest}; failed objects: {failed}")


def _of_function(function: FunctionMeasured, now: datetime, level: Level) -> Row:
    since = now - HOUR
    rate = _count(function.invocations.total(since), "calls")
    slowest = function.milliseconds.highest(since)
    details = [
        f"version {function.version}" if function.version else "",
        f"slowest {slowest / 1000:.1f} s" if slowest is not None else "",
        f"{errors:,.0f} failed" if (errors := function.errors.total(since)) else "",
    ]
    series = (("calls", function.invocations), ("slowest, ms", function.milliseconds))
    detail = ", ".join(filter(None, details))
    return Row("", judging.FUNCTION, level, function.state or UNKNOWN, rate, "", detail, series)


def _shards(number: int | None) -> str:
    return f"{UNKNOWN} shards" if number is None else counted(number, "shard")


def _count(number: float | None, noun: str) -> str:
    return f"{number:,.0f} {noun}" if number is not None else ""


def size(number: int) -> str:
    """Returns a number of bytes for people.

    >>> size(0), size(1536), size(5 * 1024 ** 3)
    ('0 B', '1.5 KiB', '5.0 GiB')
    """
    value = float(number)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} TiB"
