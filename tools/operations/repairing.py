"""Writes to the lake what it lacks of a table: a SNAPSHOT row of each item as it is now, under the table's lease."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from itertools import count, islice
from typing import TYPE_CHECKING, Final

from tools.lake import lease
from tools.lake.deployed_transform import Record
from tools.lake.reconcile import items, readings
from tools.lake.row_ledger import Counts
from tools.lake.row_writer import RowWriter
from tools.lake.snapshot_rows import snapshot_line
from tools.operations import reading_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tools.lake.packed_file import PackedFile
    from tools.lake.reconcile.comparison import Open
    from tools.lake.row_ledger import Record as LedgerRecord
    from tools.operations.reconciled_table import ReconciledTable

VERB: Final = "repair"
"""Who the lease and the ledger say is at work; names of objects start with it."""

_ROWS_OF_AN_OBJECT: Final = 50_000


class Repair:
    """Writes rows of one table; `who` is the caller's ARN."""

    def __init__(self, table: ReconciledTable, who: str) -> None:
        self._table = table
        self._who = who
        self.rows = 0
        """Rows that were written."""

    def run(self, found: Iterable[Open]) -> None:
        """Writes a row for each of the keys whose item is still there.

        A row has the time at which its item was read, so that whatever changes later comes after it.

        Raises:
            LakeError: another has the lease on the table, or something cannot be read or written.
        """
        s3, bucket, name = self._table.lake.client(), self._table.lake.bucket, self._table.name
        with lease.held(s3, bucket, name, who=self._who, host=socket.gethostname(), verb=VERB) as held:
            prefix = self._table.outputs.data_prefix
            writer = RowWriter(s3, bucket, name, prefix=prefix, verb=VERB, held=held)
            writer.end_open()
            at = datetime.now(UTC)
            run = f"{at:%Y%m%dT%H%M%S%fZ}"
            rows = self._rows(found, f"{VERB}-{run}")
            for number in count():
                lines = list(islice(rows, _ROWS_OF_AN_OBJECT))
                if not lines:
                    return
                write_rows(writer, f"{run}-{number}", lines, at)
                self.rows += len(lines)

    def _rows(self, found: Iterable[Open], snapshot: str) -> Iterator[bytes]:
        schema, aws = self._table.source.schema, self._table.aws
        live = reading_table.transform(aws, self._table.source, self._table.versions.live)
        keys = (each.item_key for each in found if each.item_key)
        while texts := list(islice(keys, readings.KEYS_AT_ONCE)):
            for page, _ in readings.get(aws.client("dynamodb"), schema, texts):
                instant = page.window.first
                records = [Record(items.insert_record(schema, item, instant)) for item in page.items]
                for result in live.transform(records):
                    if result.outcome == "Ok":
                        yield snapshot_line(result.line, snapshot)


def write_rows(writer: RowWriter, identity: str, lines: Sequence[bytes], at: datetime) -> None:
    """Writes lines, each ended by a newline, as the set of rows called `identity`, under the hour of `at`.

    Raises:
        LakeError: another has the lease, or S3 refuses.
    """

    def make(file: PackedFile, _: LedgerRecord) -> Counts:
        for line in lines:
            file.add(line)
        return Counts(rows=len(lines))

    if written := writer.write(identity, (), make, at):
        writer.close(written)
