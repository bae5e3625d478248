"""Writes rows into the lake, each set of them once, however often that is tried and whenever it dies.

A set has an identity. Its rows go into one object, under the hour in which they are first written, so that whatever
reads by folder finds them. The ledger fixes the object's key before it is put, and it is put where nothing is: whoever
is first has written the set, also where somebody whom the lease was taken from goes on late.
"""

from __future__ import annotations

import tempfile
import uuid
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from tools.errors import LakeError
from tools.lake import data_objects, row_ledger
from tools.lake.packed_file import PackedFile
from tools.lake.row_ledger import Record, RowLedger

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from datetime import datetime

    from mypy_boto3_s3 import S3Client

    from tools.lake.compaction.grouping import Source
    from tools.lake.lease import Held
    from tools.lake.row_ledger import Counts

STALE: Final = timedelta(hours=12)
"""How long a set is written under the hour that was fixed for it: a merge of the current state looks back further."""


class RowWriter:
    """Writes the rows of one table, while `held` is. Threads may share it.

    Args:
        s3: a client.
        bucket: the lake.
        table: name of the table.
        prefix: its data prefix, which ends with a slash.
        verb: the tool that writes; names of its objects start with it.
        held: the lease on the table.
    """

    def __init__(self, s3: S3Client, bucket: str, table: str, *, prefix: str, verb: str, held: Held) -> None:
        self._prefix = prefix
        self._verb = verb
        self._held = held
        self._ledger = RowLedger(s3, bucket, table)

    def write(
        self,
        identity: str,
        sources: Sequence[Source],
        make: Callable[[PackedFile, Record], Counts | None],
        now: datetime,
    ) -> Record | None:
        """Writes the rows of a set, unless that has been done; returns what was written, which `close` ends.

        Args:
            identity: what the set is told by: letters, digits and hyphens.
            sources: the objects that it is made of, for the ledger.
            make: adds the rows to the file, each ended by a newline, and returns what became of the records; None where
                everything is to stay as it is. It is called once an attempt.
            now: the time, whose hour is fixed at the first attempt.

        Returns:
            The record of the attempt that has written the rows, ours or an earlier one; None where `make` says so.

        Raises:
            LakeError: S3 refuses, another has the lease, or the disk is full.
        """
        found = self._ledger.read(self._verb, identity)
        if found and (settled := self.settled(*found)):
            return settled
        fixed = found[0].key if found else ""
        hour = data_objects.hour_of(fixed, self._prefix)
        key = fixed if hour and now - hour < STALE else f"{self._prefix}{folder(now)}/{self._verb}-{identity}.gz"
        record = Record(self._verb, identity, tuple(sources), key, uuid.uuid4().hex)
        self._held.check()
        etag = self._ledger.write(record, found[1] if found else None)
        with spooled() as file:
            counts = make(file, record)
            if counts is None:
                self._ledger.drop(record)
                return None
            packed = file.finish()
            self._held.check()
            there = self._ledger.put_rows(record, file, packed, counts) if packed.lines else None
        settled = msgspec.structs.replace(record, counts=counts)
        record = settled if there is None else row_ledger.committed(record, there)
        self._ledger.write(record, etag)
        return record

    def settled(self, record: Record, etag: str) -> Record | None:
        """Returns a record that is open as carried out, and notes so; None where no attempt has written its rows.

        Raises:
            LakeError: S3 refuses.
        """
        if record.counts:
            return record
        there = self._ledger.written(record)
        if there is None:
            return None
        record = row_ledger.committed(record, there)
        self._ledger.write(record, etag)
        return record

    def close(self, record: Record) -> None:
        """Notes that nothing more is to be done for a set.

        Raises:
            LakeError: S3 refuses.
        """
        self._ledger.close(record)

    def is_done(self, identity: str) -> bool:
        """Tells whether a set was written and closed.

        Raises:
            LakeError: S3 refuses.
        """
        return self._ledger.is_done(self._verb, identity)

    def end_open(self, planned: Collection[str] = ()) -> None:
        """Ends what runs have begun that died: what was written counts, and the rest is forgotten.

        Sets whose identities are `planned` stay open, unless they are closed already.

        Raises:
            LakeError: S3 refuses.
        """
        for record, etag in self._ledger.open_records(self._verb):
            self._held.check()
            if self.is_done(record.identity):
                self.drop(record)
            elif record.identity in planned:
                continue
            elif settled := self.settled(record, etag):
                self.close(settled)
            else:
                self.drop(record)

    def drop(self, record: Record) -> None:
        """Forgets a set that was not written.

        Raises:
            LakeError: S3 refuses.
        """
        self._ledger.drop(record)


@contextmanager
def spooled() -> Iterator[PackedFile]:
    """Yields a file on the disk that packs lines.

    Raises:
        LakeError: the disk is full.
    """
    try:
        with tempfile.TemporaryFile() as file:
            yield PackedFile(file)
    except OSError as error:
        raise LakeError(
            f"no room for rows in {tempfile.gettempdir()} ({error.strerror}); set TMPDIR to another folder"
        ) from None


def folder(instant: datetime) -> str:
    """Returns the folder of an hour, below a data prefix.

    >>> from datetime import UTC, datetime
    >>> folder(datetime(2026, 1, 31, 5, 59, tzinfo=UTC))
    'cdc_date=2026-01-31/cdc_hour=05'
    """
    return f"cdc_date={instant:%Y-%m-%d}/cdc_hour={instant:%H}"
