"""Carries out the sets of a plan with all processors: reads their files, makes rows, writes each set once.

A process keeps the items of one call of the function in memory, and the rows of a set on the disk.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.cli.console import counted
from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake import export, lease, processes
from tools.lake.backfill import row_making
from tools.lake.backfill.plan import VERB
from tools.lake.backfill.row_making import FAILED, RowMaker
from tools.lake.row_ledger import Counts, RowLedger
from tools.lake.row_writer import RowWriter, folder, spooled
from tools.operations import reading_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from mypy_boto3_s3 import S3Client

    from tools.lake.backfill.plan import Plan, PlannedSet
    from tools.lake.backfill.row_making import State
    from tools.lake.export import File
    from tools.lake.packed_file import PackedFile
    from tools.lake.replay.carrying import Transform
    from tools.lake.row_ledger import Record
    from tools.operations.reading_table import TableSource
    from tools.operations.summarising import Source

METRICS_NAME: Final = "backfill"
"""What the function's own metrics of these calls are counted under."""


class Done(msgspec.Struct, frozen=True):
    """What became of items, and how many of those that are left failed in this run, by reason."""

    counts: Counts = Counts()
    reasons: dict[str, int] = {}

    def __add__(self, other: Done) -> Done:
        """Returns the sum."""
        return Done(self.counts + other.counts, dict(Counter(self.reasons) + Counter(other.reasons)))


@dataclass(frozen=True)
class Work:
    """What processes need to carry out sets of one plan.

    Attributes:
        source: the table and its function.
        lake: the bucket.
        plan: the plan, without its sets.
        prefixes: data prefix and error prefix of the table, which end with a slash.
        token: what the lease of the run is told by.
        at: the time in whose hour rows are written.
    """

    source: TableSource
    lake: Source
    plan: Plan
    prefixes: tuple[str, str]
    token: str
    at: datetime


def carry_out(work: Work, sets: Sequence[PlannedSet], jobs: int, done: Callable[[Done], None]) -> Done:
    """Carries out sets, in any order, calls `done` with what became of each, and returns the sum.

    Raises:
        LakeError: a file is not what DynamoDB wrote, the function cannot be called, or another has the lease. Sets that
            are written stay so.
    """
    total = Done()
    with processes.sharing(min(jobs, len(sets)) or 1) as executor:
        tasks = [executor.submit(_carry_out, work, each) for each in sets]
        for task in as_completed(tasks):
            done(task.result())
            total += task.result()
    return total


def _carry_out(work: Work, planned: PlannedSet) -> Done:
    s3, bucket = work.lake.client(), work.lake.bucket
    held = lease.Witness(s3, bucket, work.plan.table, work.token)
    writer = RowWriter(s3, bucket, work.plan.table, prefix=work.prefixes[0], verb=VERB, held=held)
    transform = reading_table.transform(work.source.aws(), work.source, work.source.versions[0], METRICS_NAME)
    return write_set(s3, work, planned, writer, transform)


def write_set(s3: S3Client, work: Work, planned: PlannedSet, writer: RowWriter, transform: Transform) -> Done:
    """Writes the rows of one set, unless that has been done, and returns what became of its items.

    Raises:
        LakeError: as `carry_out`.
    """
    reasons: Counter[str] = Counter()

    def make(rows: PackedFile, _: Record) -> Counts:
        with spooled() as failed:
            maker = RowMaker(
                transform,
                work.source.schema,
                snapshot=work.plan.snapshot,
                identity=f"{VERB}-{planned.identity}",
                rows=rows,
                failed=failed,
            )
            for file in planned.files:
                maker.add(_states(s3, work, file))
            maker.flush()
            if failed.lines:
                _put_failed(s3, work, planned, failed)
            reasons.update(maker.reasons)
            return maker.counts

    written = writer.write(planned.identity, (), make, work.at)
    # It makes rows, or raises: nothing stays as it is.
    counts = written.counts if written and written.counts else Counts()
    check_whole(planned, counts, f"s3://{work.lake.bucket}/{planned.key}")
    if written:
        writer.close(written)
    return Done(counts, dict(reasons))


def check_whole(planned: PlannedSet, counts: Counts, place: str) -> None:
    """Refuses a set of which an item became nothing; its rows lie at `place`.

    Raises:
        LakeError: they are not as many as the set has items.
    """
    if counts.rows + counts.dropped + counts.left != planned.items:
        raise LakeError(
            f"set {planned.identity}: {counted(planned.items, 'item')} became {counts.rows:,} rows, {counts.dropped:,} "
            f"dropped and {counts.left:,} failed; remove {place}, and run this again"
        )


def counts_of(ledger: RowLedger, sets: Sequence[PlannedSet]) -> dict[str, Counts]:
    """Returns what became of the items of sets that are written, by identity.

    Raises:
        LakeError: S3 refuses.
    """
    found = ((each.identity, ledger.read_done(VERB, each.identity)) for each in sets)
    return {identity: record.counts or Counts() for identity, record in found if record}


def _states(s3: S3Client, work: Work, file: File) -> Iterator[State]:
    if work.plan.is_incremental:
        return row_making.of_changes(export.changes(s3, work.lake.bucket, file))
    return row_making.of_items(work.source.schema, export.items(s3, work.lake.bucket, file), work.plan.time_us)


def _put_failed(s3: S3Client, work: Work, planned: PlannedSet, failed: PackedFile) -> None:
    key = f"{work.prefixes[1]}{FAILED}/{folder(work.at)}/{VERB}-{planned.identity}.gz"
    try:
        failed.put(s3, (work.lake.bucket, key), failed.finish(), {})
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"s3://{work.lake.bucket}/{key} cannot be written: {reason(error)}") from None
