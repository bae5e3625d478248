"""Spans of time of which versions may be missing in the history of a table, as catch-up notes them in the ledger."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake import objects

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_TEXT: Final = "%Y-%m-%dT%H:%M:%SZ"


class Gap(msgspec.Struct, frozen=True, order=True):
    """A span, from its first second, included, to its end; texts like 2026-01-31T12:00:00Z."""

    since: str
    until: str

    @classmethod
    def of(cls, since: datetime, until: datetime) -> Gap:
        """Returns the gap between two instants."""
        return cls(*(each.astimezone(UTC).strftime(_TEXT) for each in (since, until)))


def root(table: str) -> str:
    """Returns what the keys of a table's gaps start with."""
    return f"ledger/{table}/gaps/"


def put(s3: S3Client, bucket: str, table: str, gap: Gap) -> None:
    """Notes a gap; noting it again changes nothing.

    Raises:
        LakeError: S3 refuses.
    """
    key = f"{root(table)}{gap.since}-{gap.until}.json".replace(":", "")
    try:
        s3.put_object(Bucket=bucket, Key=key, Body=msgspec.json.encode(gap))
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"s3://{bucket}/{key} cannot be written: {reason(error)}") from None


def find(s3: S3Client, bucket: str, table: str) -> list[Gap]:
    """Returns the gaps of a table, in order.

    Raises:
        LakeError: they cannot be read.
    """
    try:
        listed = list(objects.list_objects(s3, bucket, root(table)))
        found = [s3.get_object(Bucket=bucket, Key=each.key)["Body"].read() for each in listed]
        return sorted(msgspec.json.decode(each, type=Gap) for each in found)
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"s3://{bucket}/{root(table)} cannot be read: {reason(error)}") from None
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise LakeError(f"s3://{bucket}/{root(table)} holds what is no gap; remove it") from None
