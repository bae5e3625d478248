"""Says how large the parts of a table's way should be: the cheapest settings that take its peak."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tools.sizing import amounts, model, volumes
from tools.sizing.amounts import MIB, Amount, product, total
from tools.sizing.settings import DAY_HOURS

if TYPE_CHECKING:
    from tools.sizing.prices import Prices
    from tools.sizing.settings import TableSettings
    from tools.sizing.usage import Workload
    from tools.sizing.volumes import Volumes

HEADROOM: Final = Decimal("1.25")
"""Shards are filled to four fifths: keys are not spread evenly over them."""
SHARD_RECORDS: Final = 1000
"""Records that a shard takes in a second, beside 1 MiB (Amazon Kinesis Data Streams Developer Guide, "Quotas")."""
SMALLEST_MIB, LARGEST_MIB = 1, 128
"""Buffer for an object (Amazon Data Firehose API Reference, "BufferingHints")."""
CALLS_A_SHARD: Final = 5
"""Calls of the function at a time, a shard of the delivery stream's source (Amazon Data Firehose Guide, "Quota")."""


@dataclass(frozen=True)
class Advice:
    """How a table should be streamed, and why.

    Attributes:
        settings: the advised settings.
        shards: shards that take the peak; None where it is not known.
        break_even_shards: fewest shards at which on demand is cheaper; None where it is not known.
        break_even_peak: peak over mean that needs so many.
        concurrency: calls of the function at a time, at most; None on demand.
        object_kib: size of an object in the lake, packed, on average.
        reasons: a line for each decision.
    """

    settings: TableSettings
    shards: int | None
    break_even_shards: int | None
    break_even_peak: Amount
    concurrency: int | None
    object_kib: Amount
    reasons: tuple[str, ...]


def advise(workload: Workload, given: TableSettings, prices: Prices) -> Advice:
    """Returns the cheapest settings that are safe: they take the peak, and keep changes through an outage."""
    found = volumes.of_workload(workload)
    shards = needed_shards(workload, found)
    retention, retention_reason = _retention(workload, given)
    buffer, buffer_reason = _buffer(workload, found, given)
    demanded = replace(given, on_demand=True, retention_hours=retention, object_mib=buffer)
    provisioned = replace(demanded, on_demand=False, shards=shards or given.shards)
    settings, mode_reason = _mode(provisioned, demanded, found, prices, is_sized=shards is not None)
    many = _break_even_shards(provisioned, demanded, found, prices)
    alone = _shards_at(workload, found, Decimal(1))
    peak = Decimal(many - 1) / alone if many is not None and alone else None
    return Advice(
        settings,
        shards,
        many,
        peak,
        None if settings.on_demand else CALLS_A_SHARD * settings.shards,
        _object_kib(found, settings),
        (mode_reason, retention_reason, buffer_reason),
    )


def needed_shards(workload: Workload, found: Volumes) -> int | None:
    """Returns the shards that take the peak with headroom; None where the peak is not known."""
    needed = _shards_at(workload, found, amounts.exact(workload.peak_over_mean))
    return None if needed is None else max(1, amounts.up(needed))


def stream_cost(found: Volumes, settings: TableSettings, prices: Prices) -> Amount:
    """Returns what a stream costs in a month, by the hour and by its data."""
    return total((model.stream_hours(settings, prices), model.stream_data(found, settings, prices)))


def _shards_at(workload: Workload, found: Volumes, peak: Amount) -> Amount:
    writes = product(amounts.exact(workload.writes_per_second), peak, HEADROOM)
    size = product(writes, found.record_bytes)
    if writes is None or size is None:
        return None
    return max(writes / SHARD_RECORDS, size / MIB)


def _mode(
    provisioned: TableSettings, demanded: TableSettings, found: Volumes, prices: Prices, *, is_sized: bool
) -> tuple[TableSettings, str]:
    if not is_sized:
        return demanded, "on demand: without a rate, a size and a peak nobody can say how many shards are enough"
    costs = [stream_cost(found, settings, prices) for settings in (provisioned, demanded)]
    shards = _shards(provisioned.shards)
    if costs[0] is None or costs[1] is None:
        return provisioned, f"{shards} for the peak; which mode is cheaper is not known without prices"
    both = f"{amounts.usd(costs[0])} USD a month provisioned, {amounts.usd(costs[1])} on demand"
    if costs[1] < costs[0]:
        return demanded, f"on demand: the peak takes {shards}; {both}"
    return provisioned, f"{shards} for the peak; {both}"


def _break_even_shards(
    provisioned: TableSettings, demanded: TableSettings, found: Volumes, prices: Prices
) -> int | None:
    one = model.stream_hours(replace(provisioned, shards=1), prices)
    data = model.stream_data(found, provisioned, prices)
    other = stream_cost(found, demanded, prices)
    if one is None or data is None or other is None:
        return None
    return max(1, int((other - data) / one) + 1)


def _retention(workload: Workload, given: TableSettings) -> tuple[int, str]:
    if workload.outage_hours is None:
        return given.retention_hours, f"retention stays at {given.retention_hours} h: outage_hours is not given"
    hours = max(DAY_HOURS, amounts.up(Decimal(str(workload.outage_hours))))
    return hours, f"retention {hours} h: what is not delivered by then is lost"


def _buffer(workload: Workload, found: Volumes, given: TableSettings) -> tuple[int, str]:
    rate = product(amounts.exact(workload.writes_per_second), amounts.exact(workload.peak_over_mean), found.line_bytes)
    if rate is None:
        return given.object_mib, f"objects of up to {given.object_mib} MiB stay: the peak is not known"
    full = amounts.up(rate * given.object_seconds / MIB)
    size = min(max(full, SMALLEST_MIB), LARGEST_MIB)
    return size, f"objects of up to {size} MiB: what the peak brings in {given.object_seconds} s"


def _object_kib(found: Volumes, settings: TableSettings) -> Amount:
    lines = product(found.changes, found.line_bytes)
    count = volumes.flushes(lines, Decimal(settings.object_mib * MIB), settings.object_seconds, found.changes)
    if lines is None or not count:
        return None
    return lines * volumes.PACKED_SHARE / count / amounts.KIB


def _shards(number: int) -> str:
    return f"{number} shard{'' if number == 1 else 's'}"
