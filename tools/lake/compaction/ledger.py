"""The ledger of compaction: what is under way in a folder, and what has been done.

What is under way lies at `ledger/<table>/compaction/open/<folder>.json`; when its sources are gone, it goes to
`ledger/<table>/compaction/done/<folder>/<hash>.json`.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from tools.lake import ledger
from tools.lake.compaction.grouping import Group

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client


class Record(msgspec.Struct, frozen=True):
    """What becomes of the objects of one folder: its name is what its keys have between the data prefix and theirs."""

    table: str
    folder: str
    groups: tuple[Group, ...]

    @property
    def is_written(self) -> bool:
        """Whether all new objects are there."""
        return all(group.target for group in self.groups)

    def with_group(self, index: int, group: Group | None) -> Record:
        """Returns the record with another group in the place of one; None: without it."""
        groups = [*self.groups[:index], *([group] if group else []), *self.groups[index + 1 :]]
        return msgspec.structs.replace(self, groups=tuple(groups))


class Ledger:
    """The records of one table, each named after its folder. Errors are those of `tools.lake.ledger`."""

    def __init__(self, s3: S3Client, bucket: str, table: str) -> None:
        self._records = ledger.Ledger(s3, bucket, f"ledger/{table}/compaction/", Record)

    def folders(self) -> Iterator[str]:
        """Yields the folders in which something is under way."""
        return self._records.names()

    def read(self, folder: str) -> tuple[Record, str] | None:
        """Returns what is under way in a folder, and the ETag of the record; None where nothing is."""
        return self._records.read(folder)

    def write(self, record: Record, etag: str | None) -> str:
        """Writes what is under way, over the record with this ETag, or anew; returns the new ETag."""
        return self._records.write(record.folder, record, etag)

    def close(self, record: Record) -> None:
        """Notes that all is done."""
        digest = hashlib.sha256("\n".join(group.key for group in record.groups).encode()).hexdigest()[:16]
        self._records.close(record.folder, f"{record.folder}/{digest}", record)

    def drop(self, folder: str) -> None:
        """Forgets what was under way in a folder."""
        self._records.drop(folder)
