"""What usage costs before and after a plan, and which settings of it are more than the usage needs."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal

from tools.plan_review import removal
from tools.sizing import advice, amounts, model, volumes
from tools.sizing.settings import DAY_HOURS, FunctionSettings, TableSettings
from tools.sizing.usage import with_replica

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.plan_review.plan import Plan
    from tools.sizing.amounts import Amount
    from tools.sizing.prices import Prices
    from tools.sizing.usage import Usage

Side = Literal["before", "after"]

SHARED: Final = "all tables"
WORTH_SAYING: Final = Decimal(1)
"""US dollars a month that another setting has to save to be named."""

_OF_TABLE: Final = re.compile(r'module\.(?:stream|delivery|table)\["([^"]+)"\]')


@dataclass(frozen=True)
class UsageCost:
    """What one part costs by its usage, in US dollars a month, before and after; None is unknown."""

    table: str
    name: str
    before: Amount
    after: Amount


def find(plan: Plan, usage: Usage, prices: Prices) -> tuple[UsageCost, ...]:
    """Returns what the usage of each table costs, and that of the lake; nothing where no usage is told."""
    if not usage.tables:
        return ()
    before, after = (_parts(plan, side, usage, prices) for side in ("before", "after"))
    return tuple(
        UsageCost(table, name, before.get((table, name), Decimal(0)), after.get((table, name), Decimal(0)))
        for table, name in dict.fromkeys((*before, *after))
    )


def wasted(plan: Plan, usage: Usage, prices: Prices) -> tuple[str, ...]:
    """Returns a line for each table whose stream could be had for less after the plan, and takes its peak still."""
    return tuple(
        line
        for name, settings in sorted(_settings(plan, "after").items())
        if name in usage.tables
        for line in _waste(name, settings, usage, prices)
    )


def stream_settings(values: Mapping[str, Any]) -> TableSettings:
    """Returns the settings in the attributes of a data stream."""
    return TableSettings(
        on_demand=values.get("stream_mode_details") == [{"stream_mode": "ON_DEMAND"}],
        shards=_number(values.get("shard_count"), 0),
        retention_hours=_number(values.get("retention_period"), DAY_HOURS),
    )


def _waste(name: str, settings: TableSettings, usage: Usage, prices: Prices) -> Iterator[str]:
    workload = usage.tables[name]
    advised = advice.advise(workload, settings, prices)
    if advised.shards is None:
        return
    found = volumes.of_workload(workload)
    costs = [advice.stream_cost(found, each, prices) for each in (settings, advised.settings)]
    if costs[0] is None or costs[1] is None or costs[0] - costs[1] < WORTH_SAYING:
        return
    setting = 'mode = "ON_DEMAND"' if advised.settings.on_demand else f"shards = {advised.settings.shards}"
    if advised.settings.retention_hours != settings.retention_hours:
        setting += f", retention_hours = {advised.settings.retention_hours}"
    given = "on demand" if settings.on_demand else f"{settings.shards} shards"
    yield (
        f"{name}: {given} cost {amounts.usd(costs[0])} USD a month; stream = {{ {setting} }} takes its peak for "
        f"{amounts.usd(costs[1])}"
    )


def _parts(plan: Plan, side: Side, usage: Usage, prices: Prices) -> dict[tuple[str, str], Amount]:
    settings = _settings(plan, side)
    function = _function(plan, side)
    lake = with_replica(
        usage.lake,
        has_replica=bool(_values(plan, side, removal.REPLICATION)),
        is_whole=bool(_values(plan, side, removal.BUCKET)),
    )
    found = {
        (name, part.name): part.usd
        for name, workload in usage.tables.items()
        if name in settings
        for part in model.table_parts(workload, settings[name], prices, function=function, lake=lake)
        if not (part.is_fixed or part.is_yours)
    }
    if found:
        found |= {(SHARED, part.name): part.usd for part in model.shared_parts(lake, prices) if not part.is_fixed}
    return found


def _settings(plan: Plan, side: Side) -> dict[str, TableSettings]:
    """Returns table -> how it is streamed on one side of the plan."""
    streams, deliveries = (_of_tables(plan, side, f"aws_kinesis_{kind}") for kind in ("stream", _DELIVERY))
    made = _of_tables(plan, side, "aws_dynamodb_table")
    return {
        name: replace(stream_settings(values), existing=name not in made, **_buffers(deliveries.get(name, {})))
        for name, values in streams.items()
    }


_DELIVERY: Final = "firehose_delivery_stream"


def _buffers(values: Mapping[str, Any]) -> dict[str, Any]:
    destination: Mapping[str, Any] = next(iter(values.get("extended_s3_configuration") or ()), {})
    default = TableSettings()
    parameters = {
        each.get("parameter_name"): each.get("parameter_value")
        for processing in destination.get("processing_configuration") or ()
        for processor in processing.get("processors") or ()
        for each in processor.get("parameters") or ()
    }
    return {
        "object_seconds": _number(destination.get("buffering_interval"), default.object_seconds),
        "object_mib": _number(destination.get("buffering_size"), default.object_mib),
        "call_seconds": int(parameters.get("BufferIntervalInSeconds") or default.call_seconds),
        "call_mb": Decimal(str(parameters.get("BufferSizeInMBs") or default.call_mb)),
    }


def _function(plan: Plan, side: Side) -> FunctionSettings:
    for values in _values(plan, side, "aws_lambda_function").values():
        architecture = next(iter(values.get("architectures") or ()), "arm64")
        return FunctionSettings(_number(values.get("memory_size"), FunctionSettings().memory_mb), architecture)
    return FunctionSettings()


def _of_tables(plan: Plan, side: Side, kind: str) -> dict[str, Mapping[str, Any]]:
    found = ((_OF_TABLE.search(address), values) for address, values in _values(plan, side, kind).items())
    return {match[1]: values for match, values in found if match}


def _values(plan: Plan, side: Side, kind: str) -> dict[str, Mapping[str, Any]]:
    found = ((change.address, getattr(change.change, side)) for change in plan.managed() if change.type == kind)
    return {address: values for address, values in found if values is not None}


def _number(value: object, default: int) -> int:
    return value if isinstance(value, int) else default
