"""A whole sizing as data; `text` and `page` lay it out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tools.sizing import advice, amounts, model, ways
from tools.sizing.settings import DEFAULT_FUNCTION, TableSettings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from tools.sizing.advice import Advice
    from tools.sizing.amounts import Amount
    from tools.sizing.model import Part
    from tools.sizing.prices import Prices
    from tools.sizing.settings import FunctionSettings
    from tools.sizing.usage import Usage, Workload
    from tools.sizing.ways import Way


@dataclass(frozen=True)
class Row:
    """One part, as it is set and as it is advised."""

    name: str
    given: Amount
    advised: Amount
    is_yours: bool = False


@dataclass(frozen=True)
class TableSizing:
    """One table: how it is used and set, the advice, its parts, what other ways cost, and how long a call takes."""

    name: str
    workload: Workload
    given: TableSettings
    advice: Advice
    rows: tuple[Row, ...]
    ways: tuple[Way, ...]
    memory_mb: int
    call_seconds: Decimal

    @property
    def given_usd(self) -> Decimal:
        """What it costs as it is set, as far as that is known."""
        return amounts.known_total(row.given for row in self.rows if not row.is_yours)

    @property
    def advised_usd(self) -> Decimal:
        """What it costs as advised, as far as that is known."""
        return amounts.known_total(row.advised for row in self.rows if not row.is_yours)

    @property
    def unknown(self) -> list[str]:
        """The parts of the pipeline whose cost is not known."""
        return [row.name for row in self.rows if row.given is None and not row.is_yours]


@dataclass(frozen=True)
class Sizing:
    """All tables of a deployment, and what they share."""

    region: str
    note: str
    tables: tuple[TableSizing, ...]
    shared: tuple[Part, ...]

    @property
    def shared_usd(self) -> Decimal:
        """What the tables share, as far as that is known."""
        return model.sums(self.shared)[0]

    @property
    def given_usd(self) -> Decimal:
        """Everything as it is set, as far as that is known."""
        return sum((table.given_usd for table in self.tables), self.shared_usd)

    @property
    def advised_usd(self) -> Decimal:
        """Everything as advised, as far as that is known."""
        return sum((table.advised_usd for table in self.tables), self.shared_usd)

    @property
    def unknown(self) -> list[str]:
        """The parts whose cost is not known, with those of tables once."""
        of_tables = (name for table in self.tables for name in table.unknown)
        return list(dict.fromkeys((*of_tables, *model.sums(self.shared)[1])))


def size(
    usage: Usage,
    prices: Prices,
    given: Mapping[str, TableSettings],
    *,
    function: FunctionSettings = DEFAULT_FUNCTION,
    monitored: bool = True,
) -> Sizing:
    """Returns the sizing of the tables in `usage`; a table that `given` does not have is set as by default."""
    tables = []
    for name, workload in usage.tables.items():
        settings = replace(given.get(name, TableSettings()), monitored=monitored)
        advised = advice.advise(workload, settings, prices)
        both = [
            model.table_parts(workload, each, prices, function=function, lake=usage.lake)
            for each in (settings, advised.settings)
        ]
        rows = tuple(
            Row(before.name, before.usd, after.usd, before.is_yours) for before, after in zip(*both, strict=True)
        )
        tables.append(
            TableSizing(
                name,
                workload,
                settings,
                advised,
                rows,
                ways.of_workload(workload, prices),
                function.memory_mb,
                model.call_seconds(settings, function),
            )
        )
    shared = model.shared_parts(usage.lake, prices, monitored=monitored)
    return Sizing(prices.region, prices.note, tuple(tables), shared)
