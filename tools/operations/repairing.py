"""Writes to the lake what it lacks of a table: a SNAPSHOT row of each item as it is now, under the table's lease."""

from __future__ import annotations

import gzip
import hashlib
import json
import socket
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake import lease
from tools.lake.deployed_transform import Record
from tools.lake.reconcile import claims, items, readings
from tools.operations import reading_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mypy_boto3_s3 import S3Client

    from tools.lake.lease import Lease
    from tools.lake.reconcile.comparison import Open
    from tools.operations.reconciled_table import ReconciledTable

VERB: Final = "reconcile --repair"
PREFIX: Final = "repaired-"
"""Names of what repair writes start with this."""

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
        s3, bucket = self._table.lake.client(), self._table.lake.bucket
        with lease.held(s3, bucket, self._table.name, who=self._who, host=socket.gethostname(), verb=VERB) as held:
            at = datetime.now(UTC)
            rows = self._rows(found, f"repair-{at:%Y%m%dT%H%M%SZ}")
            while lines := list(islice(rows, _ROWS_OF_AN_OBJECT)):
                write_rows(s3, bucket, (self._table.name, self._table.outputs.data_prefix), lines, at=at, held=held)
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


def snapshot_line(line: bytes, snapshot: str) -> bytes:
    """Returns the line of an INSERT as that of a SNAPSHOT, whose identity is the snapshot's and the key's."""
    row: dict[str, Any] = dict(claims.read_row(line))
    key = msgspec.json.decode(row["cdc_key"])
    row |= {"cdc_event": "SNAPSHOT", "cdc_event_id": f"{snapshot}:{key}", "cdc_sequence_number": None}
    return msgspec.json.encode(row) + b"\n"


def write_rows(
    s3: S3Client, bucket: str, table: tuple[str, str], lines: Sequence[bytes], *, at: datetime, held: Lease
) -> str:
    """Writes lines as one object under the hour of `at`, after a note in the ledger, and returns the object's key.

    The same lines are written to the same place, however often.

    Args:
        s3: a client.
        bucket: the lake.
        table: the table's name and data prefix.
        lines: the lines, each ended by a newline.
        at: when they are written for the first time.
        held: the lease on the table.

    Raises:
        LakeError: another has the lease, or S3 refuses.
    """
    name, prefix = table
    body = b"".join(lines)
    digest = hashlib.sha256(body).hexdigest()[:16]
    key = f"{prefix}cdc_date={at:%Y-%m-%d}/cdc_hour={at:%H}/{PREFIX}{at:%Y-%m-%d-%H-%M-%S}-{digest}.gz"
    note = {"table": name, "object": key, "rows": len(lines), "at": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
    held.check()
    try:
        s3.put_object(
            Bucket=bucket,
            Key=f"ledger/{name}/repair/{at:%Y-%m-%d-%H-%M-%S}-{digest}.json",
            Body=json.dumps(note).encode(),
        )
        s3.put_object(Bucket=bucket, Key=key, Body=gzip.compress(body, mtime=0), ContentType="application/gzip")
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"s3://{bucket}/{key} cannot be written: {reason(error)}") from None
    return key
