"""A sizing as lines for a terminal, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.sizing.amounts import usd
from tools.sizing.settings import to_variables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.sizing.settings import TableSettings
    from tools.sizing.sizing import Sizing, TableSizing

_WIDTH = 28


def lines(sizing: Sizing) -> Iterator[str]:
    """Yields the sizing: each table with its advice and costs, what they share, and the sum."""
    for table in sizing.tables:
        yield from _table(table)
        yield ""
    yield "all tables"
    yield from (_row(part.name, usd(part.usd), usd(part.usd)) for part in sizing.shared)
    yield _row("altogether", usd(sizing.given_usd), usd(sizing.advised_usd))
    if sizing.unknown:
        yield f"  and what is not known: {', '.join(sizing.unknown)}"
    yield f"  (US dollars a month; {sizing.note}; docs/cost.md says how it is counted)"


def settings_text(settings: TableSettings) -> str:
    """Returns how a stream is set, in words."""
    mode = "on demand" if settings.on_demand else f"{settings.shards} shard{'' if settings.shards == 1 else 's'}"
    return f"{mode}, {settings.retention_hours} h, objects of {settings.object_mib} MiB or {settings.object_seconds} s"


def to_json(sizing: Sizing) -> dict[str, Any]:
    """Returns the sizing as JSON can hold it: amounts as text, null where they are not known."""
    return {
        "region": sizing.region,
        "note": sizing.note,
        "given_usd": str(sizing.given_usd),
        "advised_usd": str(sizing.advised_usd),
        "unknown": sizing.unknown,
        "shared": [{"part": part.name, "usd": _text(part.usd)} for part in sizing.shared],
        "tables": {table.name: _table_json(table) for table in sizing.tables},
    }


def _table(table: TableSizing) -> Iterator[str]:
    advice = table.advice
    yield table.name
    yield f"  set:     {settings_text(table.given)}"
    yield f"  advised: {settings_text(advice.settings)}"
    yield from (f"    {reason}" for reason in advice.reasons)
    yield from (f"    {line}" for line in break_even(table))
    yield _row("US dollars a month", "set", "advised")
    yield from (_row(row.name, usd(row.given), usd(row.advised)) for row in table.rows if not row.is_yours)
    yield _row("together", usd(table.given_usd), usd(table.advised_usd))
    yield from (_row(f"(yours: {row.name}", f"{usd(row.given)})", "") for row in table.rows if row.is_yours)
    yield "  other ways:"
    yield from (f"    {usd(way.usd):>10}  {way.name}: {way.but}" for way in table.ways)


def break_even(table: TableSizing) -> Iterator[str]:
    """Yields where another mode of the stream is cheaper, how large objects are, and how long calls take."""
    advice = table.advice
    if advice.break_even_shards is not None:
        peak = (
            ""
            if advice.break_even_peak is None
            else f", which a peak of {advice.break_even_peak:,.0f} times the mean needs"
        )
        yield f"on demand is cheaper from {advice.break_even_shards} shards on{peak}"
    if advice.object_kib is not None:
        yield f"objects have {advice.object_kib:,.0f} KiB on average, packed; compact makes few of many"
    most = "" if advice.concurrency is None else f"; it is called {advice.concurrency} times at once at most"
    yield f"a call of the function, with {table.memory_mb:,} MB of memory, takes about {table.call_seconds:.2f} s{most}"


def _row(name: str, given: str, advised: str) -> str:
    return f"  {name:{_WIDTH}} {given:>12} {advised:>12}".rstrip()


def _table_json(table: TableSizing) -> dict[str, Any]:
    advice = table.advice
    return {
        "workload": {name: getattr(table.workload, name) for name in table.workload.__struct_fields__},
        "given_usd": str(table.given_usd),
        "advised_usd": str(table.advised_usd),
        "settings": to_variables(advice.settings),
        "shards": advice.shards,
        "break_even_shards": advice.break_even_shards,
        "break_even_peak": _text(advice.break_even_peak),
        "concurrency": advice.concurrency,
        "memory_mb": table.memory_mb,
        "call_seconds": str(table.call_seconds),
        "object_kib": _text(advice.object_kib),
        "reasons": list(advice.reasons),
        "parts": [
            {"part": row.name, "given": _text(row.given), "advised": _text(row.advised), "is_yours": row.is_yours}
            for row in table.rows
        ],
        "ways": [{"way": way.name, "usd": _text(way.usd), "but": way.but} for way in table.ways],
    }


def _text(amount: object) -> str | None:
    return None if amount is None else str(amount)
