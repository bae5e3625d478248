"""Carries out the sets of a plan on Spark: notes them, has an engine run the job, and notes what it has written.

What is under way stands in the ledger before the job begins, so that compaction leaves its objects alone. That a set
is written its object says, and no state of a run.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final, Protocol

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake import row_ledger
from tools.lake.backfill.plan import VERB
from tools.lake.row_ledger import Counts, Record, RowLedger
from tools.operations import backfill_sets

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mypy_boto3_s3 import S3Client

    from tools.lake.backfill.plan import Plan, PlannedSet


class RunJob(Protocol):
    """Has a job carry out the plan that lies at a key of the lake, to its end; `tell` is called with how far it is."""

    def __call__(self, plan_key: str, tell: Callable[[str], None]) -> None:
        """Runs the job.

        Raises:
            LakeError: the job cannot be run, or fails.
        """


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
    _forget_what_is_done(ledger)
    found, left = Counts(), []
    for each in sets:
        record, etag = _begun(ledger, each)
        there = ledger.written(record)
        if there is None:
            left.append((each, ledger.write(record, etag), record))
        else:
            found += _closed(ledger, each, row_ledger.committed(record, there))
    if not left:
        return found
    folder = f"ledger/{planned.table}/backfill/{export_id}/"
    rest = msgspec.structs.replace(planned, sets=tuple(each for each, _, _ in left))
    key = f"{folder}spark-plan.json"
    _put(s3, planned.bucket, key, backfill_sets.plan_text(rest))
    run_job(key, tell)
    result = _result(s3, planned.bucket, f"{folder}spark-result.json")
    for each, _, record in left:
        there = ledger.written(record)
        if there is not None:
            done = row_ledger.committed(record, there)
        elif each.identity in result and not result[each.identity].rows:
            done = msgspec.structs.replace(record, counts=result[each.identity])
        else:
            raise LakeError(f"set {each.identity} was not written; run the same again")
        found += _closed(ledger, each, done)
    return found


def _forget_what_is_done(ledger: RowLedger) -> None:
    """Removes what a run that died between noting a set as done and no longer as under way has left."""
    for record, _ in ledger.open_records(VERB):
        if ledger.is_done(VERB, record.identity):
            ledger.drop(record)


def _begun(ledger: RowLedger, planned: PlannedSet) -> tuple[Record, str | None]:
    """Returns the record of a set that is under way, and its ETag; a new one where none is, or another key is meant."""
    found = ledger.read(VERB, planned.identity)
    if found and (found[0].key == planned.key or ledger.written(found[0])):
        return found
    record = Record(VERB, planned.identity, (), planned.key, uuid.uuid4().hex)
    return record, found[1] if found else None


def _closed(ledger: RowLedger, planned: PlannedSet, record: Record) -> Counts:
    counts = record.counts or Counts()
    if counts.rows + counts.dropped + counts.left != planned.items:
        raise LakeError(
            f"set {planned.identity}: {planned.items:,} items became {counts.rows:,} rows, {counts.dropped:,} dropped "
            f"and {counts.left:,} failed; remove {record.key}, and run this again"
        )
    ledger.close(record)
    return counts


def _put(s3: S3Client, bucket: str, key: str, content: bytes) -> None:
    try:
        s3.put_object(Bucket=bucket, Key=key, Body=content)
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"s3://{bucket}/{key} cannot be written: {reason(error)}") from None


def _result(s3: S3Client, bucket: str, key: str) -> dict[str, Counts]:
    try:
        return _RESULT.decode(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"s3://{bucket}/{key}, what the job has done, cannot be read: {reason(error)}") from None
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
        raise LakeError(f"s3://{bucket}/{key} is no result of this version; run the same again") from None
