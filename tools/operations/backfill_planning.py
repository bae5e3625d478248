"""Plans what becomes of an export, once: whoever goes on with a run finds the plan in the ledger."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake import objects
from tools.lake.backfill import plan as planning
from tools.lake.backfill import stored_plans
from tools.lake.backfill.plan import VERB, Plan
from tools.lake.row_ledger import RowLedger
from tools.lake.row_writer import STALE
from tools.operations import backfill_sets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_s3 import S3Client

    from tools.lake.export import Export, File
    from tools.operations.reconciled_table import ReconciledTable


def planned(s3: S3Client, table: ReconciledTable, found: Export, files: Sequence[File]) -> Plan:
    """Returns the plan of an export, which is written where there is none; sets that are stale get another hour.

    Raises:
        LakeError: S3 refuses, or the plan cannot be read.
    """
    bucket, prefix, now = table.lake.bucket, table.outputs.data_prefix, datetime.now(UTC)
    key = planning.key(table.name, found.id)
    there = stored_plans.read(s3, bucket, key)
    if there is None:
        made = planning.sets(files, _sizes(s3, bucket, files), export_id=found.id, prefix=prefix, now=now)
        plan = Plan(
            bucket,
            table.name,
            f"{VERB}-{found.id}",
            found.time_us - planning.SLACK_US,
            found.is_incremental,
            tuple(table.source.schema.attributes),
            table.kms_key_arn,
            made,
        )
        stored_plans.write(s3, bucket, key, plan)
        return plan
    stale = [each for each in there.sets if now - planning.hour(each, prefix) >= STALE]
    known = backfill_sets.counts_of(RowLedger(s3, bucket, table.name), stale)
    unwritten = [each.identity for each in stale if each.identity not in known]
    if not unwritten:
        return there
    plan = planning.moved(there, unwritten, prefix, now)
    stored_plans.write(s3, bucket, key, plan)
    return plan


def _sizes(s3: S3Client, bucket: str, files: Sequence[File]) -> dict[str, int]:
    folders = {file.key.rpartition("/")[0] + "/" for file in files}
    try:
        listed = [each for folder in folders for each in objects.list_objects(s3, bucket, folder)]
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"the export in s3://{bucket} cannot be listed: {reason(error)}") from None
    return {each.key: each.size for each in listed}
