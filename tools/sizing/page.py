"""Lays out a sizing as one self-contained HTML page, with plots of the parts and of the cost over the rate."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import msgspec

from tools.plan_review import page_templates
from tools.sizing import advice, amounts, model, text, volumes, ways

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tools.sizing.amounts import Amount
    from tools.sizing.prices import Prices
    from tools.sizing.settings import TableSettings
    from tools.sizing.sizing import Sizing, TableSizing
    from tools.sizing.usage import Workload

WIDTH, HEIGHT = 880, 260
"""Size of the plot of costs over the rate, in pixels."""
BAR_WIDTH: Final = 420
RATES: Final = tuple(10 ** (exponent / 4) for exponent in range(-8, 17))
"""Writes a second along the plot: 0.01 to 10,000."""
_LEAST_USD, _MOST_USD = Decimal("0.1"), Decimal(100_000)


@dataclass(frozen=True)
class Bar:
    """One part: what it costs as text, and the lengths of its two bars in pixels."""

    name: str
    given: str
    advised: str
    given_width: int
    advised_width: int


@dataclass(frozen=True)
class Curve:
    """What one way costs over the rate: a path of SVG, both axes logarithmic."""

    name: str
    colour: str
    path: str


def page(label: str, sizing: Sizing, prices: Prices) -> str:
    """Returns the page."""
    tables = [(table, bars(table), curves(table, prices), text.break_even(table)) for table in sizing.tables]
    return (
        page_templates.environment("tools.sizing")
        .get_template("size.html")
        .render(
            label=label,
            sizing=sizing,
            tables=tables,
            settings_text=text.settings_text,
            width=WIDTH,
            height=HEIGHT,
            rate_ticks=[(f"{10**power:g}", x(10.0**power)) for power in range(-2, 5)],
            usd_ticks=[(f"{10**power:g}", y(Decimal(10) ** power)) for power in range(-1, 6)],
        )
    )


def bars(table: TableSizing) -> list[Bar]:
    """Returns the bars of the parts that the pipeline pays, as long as their share of the largest."""
    rows = [row for row in table.rows if not row.is_yours]
    most = max((amount for row in rows for amount in (row.given, row.advised) if amount), default=Decimal(1))
    return [
        Bar(
            row.name,
            amounts.usd(row.given),
            amounts.usd(row.advised),
            *(round((amount or 0) / most * BAR_WIDTH) for amount in (row.given, row.advised)),
        )
        for row in rows
    ]


def curves(table: TableSizing, prices: Prices) -> list[Curve]:
    """Returns the costs of the modes of the stream, and of exports each hour, over the rate of writes."""

    def mode(on_demand: bool) -> Callable[[Workload], Amount]:  # one of two modes
        def cost(workload: Workload) -> Amount:
            shards = advice.needed_shards(workload, volumes.of_workload(workload))
            if shards is None and not on_demand:
                return None
            settings = replace(table.advice.settings, on_demand=on_demand, shards=shards or 1)
            return _known_cost(workload, settings, prices)

        return cost

    def exports(workload: Workload) -> Amount:
        return ways.of_workload(workload, prices)[0].usd

    every = (
        ("provisioned, with the shards that the peak needs", "well", mode(False)),
        ("on demand", "caution", mode(True)),
        ("incremental export each hour", "pale", exports),
    )
    found = (Curve(name, colour, _path(table.workload, cost)) for name, colour, cost in every)
    return [curve for curve in found if curve.path]


def x(rate: float) -> int:
    """Returns where a rate stands on the plot, in pixels from the left."""
    share = math.log(rate / RATES[0]) / math.log(RATES[-1] / RATES[0])
    return round(share * WIDTH)


def y(usd: Decimal) -> int:
    """Returns where an amount stands on the plot, in pixels from the top."""
    within = min(max(usd, _LEAST_USD), _MOST_USD)
    return round(HEIGHT * (1 - math.log(within / _LEAST_USD) / math.log(_MOST_USD / _LEAST_USD)))


def _path(workload: Workload, cost: Callable[[Workload], Amount]) -> str:
    found: list[tuple[float, Amount]] = [
        (rate, cost(msgspec.structs.replace(workload, writes_per_second=rate))) for rate in RATES
    ]
    points = [f"{x(rate)},{y(usd)}" for rate, usd in found if usd is not None]
    return f"M{' L'.join(points)}" if points else ""


def _known_cost(workload: Workload, settings: TableSettings, prices: Prices) -> Amount:
    known: Sequence[model.Part] = model.table_parts(workload, settings, prices)
    stream = [part.usd for part in known if part.name.startswith("stream")]
    return None if None in stream else model.sums(known)[0]
