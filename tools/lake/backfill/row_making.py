"""Makes rows of what is in an export, through the function as it is deployed."""

from __future__ import annotations

import base64
import time
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from tools.lake.deployed_transform import BATCH_BYTES, BATCH_RECORDS, Record
from tools.lake.reconcile import items
from tools.lake.replay import carrying
from tools.lake.row_ledger import Counts
from tools.lake.snapshot_rows import removal_line, snapshot_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tools.lake.export import Change
    from tools.lake.packed_file import PackedFile
    from tools.lake.reconcile.items import Item, Schema
    from tools.lake.replay.carrying import Transform

FAILED: Final = "backfill-failed"
"""The folder of an error type, below a table's error prefix, for what the function makes no row of."""

_CODE: Final = "Backfill.TransformFailed"
_MILLISECOND: Final = 1000
_ASKED: Final = "reconcile"
"""The identity of the changes that the function is asked about; that of a row is the snapshot's."""


class State(NamedTuple):
    """The state of an item at an instant, in microseconds since the epoch; `item` is None where it was removed."""

    key: Item
    item: Item | None
    old: Item | None
    instant: int

    def record(self, schema: Schema, event_id: str) -> bytes:
        """Returns the change record that leads to it."""
        if self.item is None:
            return items.removal_record(schema, self.key, self.old, event_id=event_id, instant=self.instant)
        return items.change_record(schema, self.item, event="INSERT", event_id=event_id, instant=self.instant)


def of_items(schema: Schema, found: Iterable[Item], instant: int) -> Iterator[State]:
    """Yields the states of items as an export has them."""
    for item in found:
        yield State(schema.key_of(item), item, None, instant)


def of_changes(found: Iterable[Change]) -> Iterator[State]:
    """Yields the last states of items that have changed in a window.

    Their times are cut to milliseconds, as those of a stream are: so a later change of the same millisecond wins.
    """
    for change in found:
        yield State(change.keys, change.new, change.old, change.written_us // _MILLISECOND * _MILLISECOND)


class RowMaker:
    """Makes rows of states, into `rows`; what fails goes into `failed`, as Firehose writes failed records.

    Args:
        transform: the function.
        schema: the table's key.
        snapshot: what the identities of rows start with.
        identity: what those of failed changes start with: a number follows, never a value.
        rows: takes a line for each row, in the order of the states.
        failed: takes a line for each state that failed, which `replay` reads.
    """

    def __init__(
        self,
        transform: Transform,
        schema: Schema,
        *,
        snapshot: str,
        identity: str,
        rows: PackedFile,
        failed: PackedFile,
    ) -> None:
        self._transform = transform
        self._schema = schema
        self._snapshot = snapshot
        self._identity = identity
        self._rows = rows
        self._failed = failed
        self._pending: list[tuple[State, Record]] = []
        self._size = 0
        self._count = 0
        self._dropped = 0
        self.reasons: Final[Counter[str]] = Counter()

    @property
    def counts(self) -> Counts:
        """What became of the states so far; those that failed are left."""
        return Counts(self._rows.lines, self._dropped, self._failed.lines)

    def add(self, states: Iterable[State]) -> None:
        """Makes rows of states; `flush` makes the last ones.

        Raises:
            LakeError: the function cannot be called, or fails whatever it is called with.
            OSError: the disk is full.
        """
        for state in states:
            document = state.record(self._schema, _ASKED)
            if self._pending and (self._size + len(document) > BATCH_BYTES or len(self._pending) == BATCH_RECORDS):
                self.flush()
            self._pending.append((state, Record(document)))
            self._size += len(document)

    def flush(self) -> None:
        """Makes rows of the states that wait until a call of the function is worth it.

        Raises:
            LakeError, OSError: as `add`.
        """
        pending, self._pending, self._size = self._pending, [], 0
        answers = carrying.answers(self._transform, [record for _, record in pending])
        for (state, _), answer in zip(pending, answers, strict=True):
            self._count += 1
            if answer.outcome == "Ok":
                stamped = snapshot_line if state.item is not None else removal_line
                self._rows.add(stamped(answer.line, self._snapshot))
            elif answer.outcome == "Dropped":
                self._dropped += 1
            else:
                self.reasons[answer.reason] += 1
                document = state.record(self._schema, f"{self._identity}:{self._count}")
                self._failed.add(_failed_line(document, answer.reason))


def _failed_line(document: bytes, reason: str) -> bytes:
    """Returns the line of a failed record: `tools.lake.failed_records` names the documentation of its members."""
    now = time.time_ns() // 1_000_000
    line = {
        "attemptsMade": 1,
        "arrivalTimestamp": now,
        "errorCode": _CODE,
        "errorMessage": reason,
        "attemptEndingTimestamp": now,
        "rawData": base64.b64encode(document).decode(),
    }
    return msgspec.json.encode(line) + b"\n"
