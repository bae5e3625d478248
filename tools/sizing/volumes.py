"""What a workload comes to in a month: changes, and the bytes that each part counts in its own steps."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tools.sizing import amounts
from tools.sizing.amounts import GIB, KIB, Amount
from tools.sizing.prices import SECONDS

if TYPE_CHECKING:
    from tools.sizing.usage import Workload

ENVELOPE_BYTES: Final = 400
"""Of a change record, what is no image of the item. Measured with records of one key: 379 to 393 bytes."""
IMAGE_FACTOR: Final = Decimal("1.5")
"""An item in DynamoDB's JSON, as a multiple of its size: 1.5 for flat items, 2 for deep ones full of numbers."""
LINE_BYTES: Final = 250
"""Of a line in the lake, what is no attribute of the item: the columns `cdc_…`. Measured: 100 to 265 bytes."""
PACKED_SHARE: Final = Decimal("0.17")
"""What GZIP leaves of lines; docs/scale.md measured 134 of 797 bytes, and the benchmark's items 0.15 to 0.24."""


@dataclass(frozen=True)
class Volumes:
    """A month of one table.

    Attributes:
        changes: how many.
        write_units: write units, of which the captured changes are as many as the writes.
        records: share of the changes -> bytes of each such record, in pairs; None where the size is unknown.
        line_bytes: bytes of a line in the lake.
    """

    changes: Amount
    write_units: Amount
    records: tuple[tuple[Decimal, Decimal], ...] | None
    line_bytes: Amount

    @property
    def record_bytes(self) -> Amount:
        """Mean bytes of a change record."""
        return None if self.records is None else amounts.total(share * size for share, size in self.records)

    @property
    def record_gb(self) -> Amount:
        """GB of change records, as they are."""
        return amounts.product(self.changes, self.record_bytes, Decimal(1) / GIB)

    @property
    def packed_gb(self) -> Amount:
        """GB of lines, packed, as the lake stores them."""
        return amounts.product(self.changes, self.line_bytes, PACKED_SHARE, Decimal(1) / GIB)

    def units(self, step: int) -> Amount:
        """Returns how many steps of so many bytes the records take, each rounded up by itself."""
        if self.records is None:
            return None
        return amounts.product(
            self.changes, amounts.total(share * amounts.steps(size, step) for share, size in self.records)
        )

    def gb(self, step: int) -> Amount:
        """Returns the GB of records, each rounded up to steps of so many bytes."""
        return amounts.product(self.units(step), step, Decimal(1) / GIB)


def of_workload(workload: Workload) -> Volumes:
    """Returns what a workload comes to."""
    changes = amounts.product(amounts.exact(workload.writes_per_second), SECONDS)
    item = amounts.exact(workload.item_bytes)
    units = amounts.exact(workload.write_units)
    if units is None and item is not None:
        units = Decimal(amounts.steps(item, KIB))
    return Volumes(
        changes,
        amounts.product(changes, units),
        _records(workload, item),
        None if item is None else LINE_BYTES + IMAGE_FACTOR * item,
    )


def flushes(size: Amount, limit: Decimal, seconds: int, records: Amount) -> Amount:
    """Returns how often in a month a buffer is full: by what it holds, or by how long it waits.

    Args:
        size: bytes that pass through it in a month.
        limit: bytes that fill it.
        seconds: how long it waits after a record has come; 0 is not at all.
        records: how many records pass; there is no flush without one.
    """
    if size is None or records is None:
        return None
    by_time = min(records, Decimal(SECONDS) / seconds) if seconds else records
    return max(size / limit, by_time)


def _records(workload: Workload, item: Amount) -> tuple[tuple[Decimal, Decimal], ...] | None:
    measured, updates = amounts.exact(workload.record_bytes), amounts.exact(workload.update_share)
    if measured is not None:
        return ((Decimal(1), measured),)
    if item is None or updates is None:
        return None
    image = IMAGE_FACTOR * item
    return ((1 - updates, ENVELOPE_BYTES + image), (updates, ENVELOPE_BYTES + 2 * image))
