"""Carries out the sets of a plan on Spark: notes them, has an engine run the job, and notes what it has written.

What is under way stands in the ledger before the job begins, so that compaction leaves its objects alone. That a set
is written its object says, and no state of a run.
"""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, Protocol

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake import row_ledger
from tools.lake.backfill import stored_plans
from tools.lake.backfill.plan import VERB
from tools.lake.row_ledger import Counts, Record, RowLedger
from tools.operations import backfill_sets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mypy_boto3_s3 import S3Client

    from tools.lake.backfill.plan import Plan, PlannedSet


class RunJob(Protocol):
    """Has a job carry out the plan that lies at a key of the lake, to its end; `tell` is called with how far it is."""

    def __call__(self, plan_key: str, tell: Callable[[str], None]) -> None:
        """Runs the job.

        Raises:
            LakeError: the job cannot be run, or fails.
        """


_NOTES_AT_ONCE: Final = 10
"""Threads that note sets: as many as a client of boto3 has connections."""

_RESULT: Final = msgspec.json.Decoder(dict[str, Counts])


def carry_out(
    s3: S3Client,
    planned: Plan,
    sets: Sequence[PlannedSet],
    run_job: RunJob,
    *,
    export_id: str,
    tell: Callable[[str], None],
) -> Counts:
    """Carries out sets of a plan, while the caller has the table's lease; returns what became of their items.

    The caller has ended before what runs have begun that died (`RowWriter.end_open`).

    Args:
        s3: a client of the lake's account.
        planned: the plan.
        sets: those of its sets that are not noted as written.
        run_job: runs the job.
        export_id: the export's identity.
        tell: called with how far it is.

    Raises:
        LakeError: S3 refuses, the job fails, or not every item became something. Sets that are written stay so.
    """
    ledger = RowLedger(s3, planned.bucket, planned.table)
    with ThreadPoolExecutor(_NOTES_AT_ONCE) as pool:
        begun = list(pool.map(lambda each: _begun(ledger, each), sets))
        left = [(each, record) for each, record in zip(sets, begun, strict=True) if record.counts is None]
        if left:
            folder = f"ledger/{planned.table}/backfill/{export_id}/"
            rest = msgspec.structs.replace(planned, sets=tuple(each for each, _ in left))
            stored_plans.write(s3, planned.bucket, f"{folder}spark-plan.json", rest)
            run_job(f"{folder}spark-plan.json", tell)
            result = _result(s3, planned.bucket, f"{folder}spark-result.json")
        else:
            result = {}
        settled = pool.map(lambda each, record: _settled(ledger, each, record, result), sets, begun)
        return sum(settled, Counts())


def _begun(ledger: RowLedger, planned: PlannedSet) -> Record:
    """Returns the record of a set, noted as under way; with what it has become where its rows are written."""
    found = ledger.read(VERB, planned.identity)
    if found:
        there = ledger.written(found[0])
        if there is not None:
            return row_ledger.committed(found[0], there)
        if found[0].key == planned.key:
            return found[0]
    record = Record(VERB, planned.identity, (), planned.key, uuid.uuid4().hex)
    ledger.write(record, found[1] if found else None)
    return record


def _settled(ledger: RowLedger, planned: PlannedSet, record: Record, result: Mapping[str, Counts]) -> Counts:
    """Notes a set as done, and returns what became of its items."""
    if record.counts is None:
        there = ledger.written(record)
        told = result.get(planned.identity)
        if there is not None:
            record = row_ledger.committed(record, there)
        elif told is not None and not told.rows:
            record = msgspec.structs.replace(record, counts=told)
    counts = record.counts
    if counts is None:
        raise LakeError(f"set {planned.identity} was not written; run the same again")
    backfill_sets.check_whole(planned, counts, record.key)
    ledger.close(record)
    return counts


def _result(s3: S3Client, bucket: str, key: str) -> dict[str, Counts]:
    try:
        return _RESULT.decode(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"s3://{bucket}/{key}, what the job has done, cannot be read: {reason(error)}") from None
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
        raise LakeError(f"s3://{bucket}/{key} is no result of this version; run the same again") from None
