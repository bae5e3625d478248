"""Removals that no export has: of items that were made while changes were streamed, and removed in the hole after that.

An incremental export has no line of an item that was made and removed in its window (Amazon DynamoDB Developer Guide,
"DynamoDB data export to Amazon S3: how it works"). The lake has the item from the stream, and would keep it for ever.
So what the lake has of the window and the export has not is looked up in the table: what is not there is removed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake import data_objects, lines
from tools.lake.backfill import last_rows
from tools.lake.backfill.plan import VERB
from tools.lake.data_objects import Period
from tools.lake.reconcile import items, readings
from tools.lake.row_ledger import Counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

    from tools.lake.backfill.last_rows import LastRows, Order
    from tools.lake.backfill.plan import Plan
    from tools.lake.export import Window
    from tools.lake.lines import Row
    from tools.lake.packed_file import PackedFile
    from tools.lake.reconcile.items import Schema
    from tools.lake.row_ledger import Record, RowLedger
    from tools.lake.row_writer import RowWriter

_EARLIER: Final = timedelta(hours=1)
"""The clock of a change and that of its arrival differ by a minute at most: the hour before is looked at too."""

_LATER: Final = timedelta(hours=2)
"""So much later than a change can be the folder that it comes to: a buffer holds 15 minutes at most."""

_AFTER_US: Final = 1000
"""A removal whose time nobody knows comes so much after the last row of its item, in microseconds: whatever came later
wins."""

_UNSEEN: Final = "unseen"
"""Ends the identity of the set of these rows, which is beside those of an export."""

_AT_ONCE: Final = 1000
"""Items that are looked up in the table at a time."""


def write(unseen: UnseenRemovals, writer: RowWriter, ledger: RowLedger, planned: Plan, export_id: str) -> int:
    """Writes the rows of unseen removals once, after the sets of an export are written; returns how many there are.

    Raises:
        LakeError: the lake or the table cannot be read, S3 refuses, or another has the lease.
    """
    identity = _identity(export_id)
    if writer.is_done(identity):
        return written(ledger, export_id)
    done = (ledger.read_done(VERB, each.identity) for each in planned.sets)
    found = unseen.lines([each.key for each in done if each and each.counts and each.counts.rows], planned.snapshot)

    def make(rows: PackedFile, _: Record) -> Counts | None:
        for line in found:
            rows.add(line)
        return Counts(len(found)) if found else None

    record = writer.write(identity, (), make, datetime.now(UTC))
    if record:
        writer.close(record)
    return len(found)


def written(ledger: RowLedger, export_id: str) -> int:
    """Returns how many rows of unseen removals there are beside those of an export.

    Raises:
        LakeError: S3 refuses.
    """
    record = ledger.read_done(VERB, _identity(export_id))
    return record.counts.rows if record and record.counts else 0


def _identity(export_id: str) -> str:
    return f"{export_id}-{_UNSEEN}"


class UnseenRemovals:
    """Finds them for one table; `lake` are the bucket and the table's data prefix, which ends with a slash."""

    def __init__(
        self, s3: S3Client, lake: tuple[str, str], dynamodb: DynamoDBClient, schema: Schema, window: Window
    ) -> None:
        self._s3 = s3
        self._bucket, self._prefix = lake
        self._dynamodb = dynamodb
        self._schema = schema
        first, end = (datetime.fromtimestamp(each, UTC) for each in (window.first, window.end))
        self._period = Period(first - _EARLIER, end + _LATER)
        self._first_us, self._end_us = window.first * 1_000_000, window.end * 1_000_000

    def lines(self, exported: Iterable[str], snapshot: str) -> list[bytes]:
        """Returns their rows.

        Args:
            exported: keys of the objects with the rows of the export.
            snapshot: what the identities of these start with.

        Raises:
            LakeError: the lake or the table cannot be read.
        """
        try:
            with last_rows.kept() as last:
                self._read(last, snapshot)
                for name in exported:
                    last.forget(_text(row, "cdc_key") for row in self._rows(name))
                absent = dict(self._absent(last.there()))
            return [_removal(row, snapshot) for row in self._found(absent)]
        except (BotoCoreError, ClientError) as error:
            raise LakeError(
                f"{self._schema.table}: items that were made and removed in the span cannot be looked for: "
                f"{reason(error)}"
            ) from None

    def _read(self, last: LastRows, snapshot: str) -> None:
        """Reads what the lake has of the window, but for the rows of its export."""
        for row in self._all_rows():
            if self._is_within(row) and not _text(row, "cdc_event_id").startswith(f"{snapshot}:"):
                last.add(_text(row, "cdc_key"), _order(row), is_removed=_text(row, "cdc_event") == "REMOVE")

    def _absent(self, found: Iterator[tuple[str, Order]]) -> Iterator[tuple[str, Order]]:
        """Yields those that the table does not have; a key that a rule hides cannot be asked for."""
        while some := dict(islice(found, _AT_ONCE)):
            typed = {key: self._schema.of_cdc_key(key) for key in some}
            texts = {items.key_text(each): key for key, each in typed.items() if each}
            for _, absent in readings.get(self._dynamodb, self._schema, list(texts)):
                for each in absent:
                    key = texts[items.key_text(each)]
                    yield key, some[key]

    def _found(self, wanted: dict[str, Order]) -> Iterator[Row]:
        """Yields one row of each key, that which has its place."""
        left = dict(wanted)
        for row in self._all_rows() if left else ():
            if left.get(_text(row, "cdc_key")) == _order(row):
                del left[_text(row, "cdc_key")]
                yield row

    def _is_within(self, row: Row) -> bool:
        return self._first_us <= _order(row)[0] < self._end_us

    def _all_rows(self) -> Iterator[Row]:
        for each in data_objects.list_data(self._s3, self._bucket, self._prefix, self._period):
            yield from self._rows(each.key)

    def _rows(self, key: str) -> Iterator[Row]:
        return (row for _, row in lines.read_rows(self._s3, self._bucket, key, lambda _: None))


def _text(row: Row, column: str) -> str:
    return msgspec.json.decode(row[column], type=str)


def _order(row: Row) -> Order:
    number = msgspec.json.decode(row.get("cdc_sequence_number", b"null"), type=str | None) or ""
    return msgspec.json.decode(row["cdc_changed_at_us"], type=int), len(number), number


def _removal(last: Row, snapshot: str) -> bytes:
    """Returns the row of the removal of an item, made of its last one."""
    us = _order(last)[0] + _AFTER_US
    at = datetime.fromtimestamp(us // 1_000_000, UTC)
    row: dict[str, Any] = {name: value for name, value in last.items() if name != "cdc_before"}
    row |= {
        "cdc_event": "REMOVE",
        "cdc_event_id": f"{snapshot}:{_text(last, 'cdc_key')}",
        "cdc_changed_at": f"{at:%Y-%m-%d %H:%M:%S}.{us % 1_000_000:06}",
        "cdc_changed_at_us": us,
        "cdc_sequence_number": None,
    }
    return msgspec.json.encode(row) + b"\n"
