"""What became of an export, in this run or in one that was interrupted after it had written the rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from tools.lake.backfill import plan as planning
from tools.lake.backfill import stored_plans
from tools.lake.row_ledger import Counts
from tools.operations import backfill_removals, backfill_sets
from tools.operations.backfill_sets import Done

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from tools.lake.row_ledger import RowLedger
    from tools.operations.reconciled_table import ReconciledTable


class Loaded(msgspec.Struct, frozen=True):
    """What became of one export; `removed` are items that the stream had, and that are gone without a trace in it."""

    export: str
    at: str
    items: int
    done: Done
    removed: int = 0


def of_earlier_run(s3: S3Client, table: ReconciledTable, ledger: RowLedger, arn: str) -> list[Loaded]:
    """Returns what became of an export whose rows are written; nothing where its plan is gone.

    Raises:
        LakeError: S3 refuses, or the plan cannot be read.
    """
    export_id = arn.rpartition("/")[2]
    plan = stored_plans.read(s3, table.lake.bucket, planning.key(table.name, export_id))
    if plan is None:
        return []
    counts = sum(backfill_sets.counts_of(ledger, plan.sets).values(), Counts())
    items, removed = sum(each.items for each in plan.sets), backfill_removals.written(ledger, export_id)
    return [Loaded(arn, instant(plan.time_us + planning.SLACK_US), items, Done(counts), removed)]


def instant(microseconds: int) -> str:
    """Returns the time of an export, given since the epoch, as people read it: yyyy-MM-dd HH:mm:ss, UTC."""
    return f"{datetime.fromtimestamp(microseconds / 1_000_000, UTC):%Y-%m-%d %H:%M:%S}"
