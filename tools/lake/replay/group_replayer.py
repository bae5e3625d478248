"""Replays one group of objects of failed records, a step at a time.

The rows of a group are written once, and then the ledger has it; only after that are its objects removed. Records that
fail again lie in a place of their own until then, so that they are never replayed beside the originals. Each step does
nothing that is done already: whenever it is killed, the same command goes on.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake import objects, removal
from tools.lake.compaction.grouping import Source
from tools.lake.replay.failed_objects import STAGED
from tools.lake.replay.group_reader import LeftAloneError, Outcome
from tools.lake.row_ledger import Counts, RowLedger
from tools.lake.row_writer import RowWriter, spooled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mypy_boto3_s3 import S3Client

    from tools.lake.lease import Lease
    from tools.lake.packed_file import PackedFile
    from tools.lake.replay.group_reader import GroupReader
    from tools.lake.replay.grouping import Group
    from tools.lake.row_ledger import Record

VERB: Final = "replay"
AGAIN: Final = "still-failed-"
"""Names of objects of records that failed again start with this."""


class GroupReplayer:
    """Replays groups of one table, while `held` is. Threads may share it.

    Args:
        s3: a client of the lake's account.
        bucket: the lake.
        table: name of the table.
        prefixes: its data prefix and its error prefix, which end with a slash.
        reader: reads the groups.
        held: the lease on the table.
    """

    def __init__(
        self, s3: S3Client, bucket: str, table: str, *, prefixes: tuple[str, str], reader: GroupReader, held: Lease
    ) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._staged = f"{prefixes[1]}{STAGED}/"
        self._reader = reader
        self._held = held
        self._ledger = RowLedger(s3, bucket, table)
        self._writer = RowWriter(s3, bucket, table, prefix=prefixes[0], verb=VERB, held=held)

    def replay(self, group: Group) -> Outcome:
        """Writes the rows of a group, and removes its objects; records that fail again have one of their own then.

        Raises:
            LakeError: S3 refuses, another has the lease, the function cannot be called, or the disk is full.
            Stopped: the user does not wait any more.
        """
        if self._writer.is_done(group.identity):
            return Outcome(warnings=(f"objects of {group.folder} were replayed before, and stay as they are",))
        tried = Outcome()

        def make(rows: PackedFile, record: Record) -> Counts | None:
            nonlocal tried
            with spooled() as rest:
                carrier = self._reader.carry(group, rows, rest)
                tried = Outcome(carrier.counts, dict(carrier.reasons))
                if carrier.has_changed and rest.lines:
                    self._stage(record, rest)
                return carrier.counts if carrier.has_changed else None

        try:
            record = self._writer.write(group.identity, group.sources, make, datetime.now(UTC))
        except LeftAloneError as error:
            return Outcome(warnings=(str(error),))
        if record is None:
            return tried
        return Outcome(record.counts or Counts(), tried.reasons, tuple(self._finish(record)))

    def go_on(self, groups: Iterable[Group]) -> list[str]:
        """Ends what earlier runs have begun, and returns what was odd.

        What they have written is finished. Of the rest, what is none of `groups` is forgotten.

        Raises:
            LakeError: S3 refuses, or another has the lease.
        """
        planned = {group.identity for group in groups}
        warnings: list[str] = []
        for record, etag in self._ledger.open_records(VERB):
            self._held.check()
            # A run that goes on late, without its lease, opens a record again.
            if self._writer.is_done(record.identity):
                self._writer.drop(record)
                continue
            settled = self._writer.settled(record, etag)
            if settled:
                warnings += self._finish(settled)
            elif record.identity not in planned:
                self._writer.drop(record)
        return warnings

    def sweep(self) -> None:
        """Removes the copies of records that failed again, but those of groups that are not finished.

        Raises:
            LakeError: S3 refuses, or another has the lease.
        """
        unfinished = {record.identity for record, _ in self._ledger.open_records(VERB)}
        try:
            left = [
                Source(found.key, found.etag, found.size)
                for found in objects.list_objects(self._s3, self._bucket, self._staged)
                if found.key.removeprefix(self._staged).split("/")[0] not in unfinished
            ]
        except (BotoCoreError, ClientError) as error:
            raise self._failed(self._staged, error) from None
        removal.remove_unchanged(self._s3, self._bucket, left, self._held, lambda _: None)

    def _stage(self, record: Record, rest: PackedFile) -> None:
        self._held.check()
        key = self._staged_key(record)
        try:
            rest.put(self._s3, (self._bucket, key), rest.finish(), {})
        except (BotoCoreError, ClientError) as error:
            raise self._failed(key, error) from None

    def _finish(self, record: Record) -> list[str]:
        """Puts what failed again in its place, removes the objects, closes the record; returns what was odd."""
        warnings: list[str] = []
        folder = record.sources[0].key.rpartition("/")[0]
        try:
            if record.counts and record.counts.left:
                self._held.check()
                self._s3.copy_object(
                    Bucket=self._bucket,
                    Key=f"{folder}/{AGAIN}{record.identity}.gz",
                    CopySource={"Bucket": self._bucket, "Key": self._staged_key(record)},
                )
            removal.remove_unchanged(self._s3, self._bucket, record.sources, self._held, warnings.append)
            self._writer.close(record)
        except (BotoCoreError, ClientError) as error:
            raise self._failed(folder, error) from None
        return warnings

    def _staged_key(self, record: Record) -> str:
        return f"{self._staged}{record.identity}/{record.attempt}.gz"

    def _failed(self, key: str, error: BotoCoreError | ClientError) -> LakeError:
        return LakeError(f"s3://{self._bucket}/{key}: {reason(error)}")


def written(ledger: RowLedger) -> Iterator[Source]:
    """Yields objects whose records are in the lake already, and which a run that died has not removed.

    Raises:
        LakeError: S3 refuses.
    """
    for record, _ in ledger.open_records(VERB):
        if record.counts or ledger.written(record) is not None:
            yield from record.sources
