"""The one table of prices, by Region, each with its source and date; a price that is not known is None."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  # msgspec reads the types of members
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Final

import msgspec
import yaml


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where prices were read, and the year, month or day of the youngest copy."""

    text: str
    dated: str


class Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A price in US dollars for one unit, which its name says, in some Regions."""

    usd: Decimal
    source: str
    regions: tuple[str, ...]


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file of prices."""

    hours_a_month: int
    sources: dict[str, Source]
    prices: dict[str, tuple[Price, ...]]


def _read() -> Table:
    text = (Path(__file__).parent / "prices.yaml").read_text(encoding="utf-8")
    return msgspec.convert(yaml.load(text, yaml.BaseLoader), Table, strict=False)  # noqa: S506  # all values as text


TABLE: Final = _read()
HOURS: Final = TABLE.hours_a_month
SECONDS: Final = HOURS * 3600
"""Of a month, as AWS's own calculator counts it."""


@dataclass(frozen=True)
class Prices:
    """The prices of one Region, by name; those that are not known are missing."""

    region: str
    known: Mapping[str, Price] = field(default_factory=dict)

    def of(self, name: str) -> Decimal | None:
        """Returns a price in US dollars; None where it is not known for this Region.

        Raises:
            KeyError: no Region has a price of this name.
        """
        if name not in TABLE.prices:
            raise KeyError(name)
        price = self.known.get(name)
        return price.usd if price else None

    @property
    def note(self) -> str:
        """Where the prices are from, in a line."""
        if not self.known:
            return f"no prices for {self.region} here, and those of another Region are not taken for it"
        dates = sorted(TABLE.sources[price.source].dated for price in self.known.values())
        return f"prices of {self.region} as of {dates[0]} to {dates[-1]}, {HOURS} hours a month"


def of_region(region: str) -> Prices:
    """Returns the prices of a Region: none at all where the table has none."""
    found = {name: price for name, each in TABLE.prices.items() for price in each if region in price.regions}
    return Prices(region, found)
