"""Exports of a table to S3, as it was at one point in time or what changed in a window: begins, follows, reads them.

AWS documentation: Amazon DynamoDB Developer Guide, "DynamoDB data export to Amazon S3: how it works" and "DynamoDB
table export output format"; API Reference, "ExportTableToPointInTime".
"""

from __future__ import annotations

import base64
import gzip
import hashlib
from datetime import UTC, datetime
from time import sleep
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake import instants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

L = TypeVar("L")

_POLL_SECONDS: Final = 2.0


class File(msgspec.Struct, frozen=True):
    """A file of an export: its key, how many items it has, and the MD5 of its bytes in Base64."""

    key: str
    items: int
    md5: str


class Window(msgspec.Struct, frozen=True):
    """What an incremental export is of: changes from one second of the epoch, included, until another, excluded."""

    first: int
    end: int


class Export(msgspec.Struct, frozen=True):
    """A finished export: its ARN, its bucket, its time in microseconds since the epoch, and its items.

    `manifest` is the key of its `manifest-summary.json`. The time of an incremental export is the end of its window.
    """

    arn: str
    bucket: str
    time_us: int
    items: int
    manifest: str
    is_incremental: bool = False

    @property
    def id(self) -> str:
        """Its identity among the exports of the table, which is the last part of its ARN."""
        return self.arn.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """What the keys of its manifests start with, and of a full export those of its data files too."""
        return self.manifest.rpartition("/")[0] + "/"


class Change(msgspec.Struct, frozen=True):
    """An item that has changed in a window: its key, its last state there and that before, and when that was written.

    `new` is None where the item was removed, `old` where there was none before; `written_us` is in microseconds since
    the epoch.
    """

    keys: dict[str, Any]
    new: dict[str, Any] | None
    old: dict[str, Any] | None
    written_us: int


class _Line(msgspec.Struct):
    Item: dict[str, Any]


class _Number(msgspec.Struct):
    N: int


class _Metadata(msgspec.Struct):
    WriteTimestampMicros: _Number


class _ChangeLine(msgspec.Struct):
    Metadata: _Metadata
    Keys: dict[str, Any]
    NewImage: dict[str, Any] | None = None
    OldImage: dict[str, Any] | None = None


_ITEM: Final = msgspec.json.Decoder(_Line)
_CHANGE: Final = msgspec.json.Decoder(_ChangeLine, strict=False)


_NOT_LET_IN: Final = (
    "; the lake's account lets in the roles of its variable exporter_role_arns: name the role that runs this there"
)


class ExportFailedError(LakeError):
    """DynamoDB has given an export up: it has to be begun anew."""


class Exporter:
    """Exports one table to a bucket, below `prefix`, encrypted with the key `kms_key_arn` where there is one.

    `owner` is the bucket's account, which AWS wants to know where it is another than the caller's.
    """

    def __init__(
        self,
        dynamodb: DynamoDBClient,
        table_arn: str,
        *,
        bucket: str,
        prefix: str,
        kms_key_arn: str | None = None,
        owner: str | None = None,
    ) -> None:
        self._dynamodb = dynamodb
        self._table_arn = table_arn
        self._place: dict[str, Any] = {"S3Bucket": bucket, "S3Prefix": prefix}
        if kms_key_arn:
            self._place |= {"S3SseAlgorithm": "KMS", "S3SseKmsKeyId": kms_key_arn}
        if owner:
            self._place["S3BucketOwner"] = owner

    def start(self, token: str | None = None, at: datetime | None = None, window: Window | None = None) -> str:
        """Begins an export, of the table as it is or was at a time, or of what changed in a window; returns its ARN.

        A second call with the same token within eight hours begins none, and returns the first one's.

        Raises:
            LakeError: DynamoDB refuses.
        """
        more: dict[str, Any] = {"ExportTime": at} if at else {}
        if window:
            more["ExportType"] = "INCREMENTAL_EXPORT"
            more["IncrementalExportSpecification"] = {
                "ExportFromTime": datetime.fromtimestamp(window.first, UTC),
                "ExportToTime": datetime.fromtimestamp(window.end, UTC),
                "ExportViewType": "NEW_AND_OLD_IMAGES",
            }
        if token:
            more["ClientToken"] = token
        try:
            answer = self._dynamodb.export_table_to_point_in_time(TableArn=self._table_arn, **self._place, **more)
        except (BotoCoreError, ClientError) as error:
            raise LakeError(f"{self._table_arn} cannot be exported: {reason(error)}") from None
        return answer["ExportDescription"]["ExportArn"]

    def follow(self, arn: str, tell: Callable[[str], None]) -> Export:
        """Waits for an export and returns it; `tell` is called with its state.

        Raises:
            LakeError: it has failed, or DynamoDB does not tell.
        """
        while True:
            try:
                found = self._dynamodb.describe_export(ExportArn=arn)["ExportDescription"]
            except (BotoCoreError, ClientError) as error:
                raise LakeError(f"export {arn} cannot be looked at: {reason(error)}") from None
            status = found["ExportStatus"]
            if status == "COMPLETED":
                window = found.get("IncrementalExportSpecification")
                time = (window["ExportToTime"] if window else found["ExportTime"]).astimezone(UTC)
                return Export(
                    arn,
                    found["S3Bucket"],
                    instants.microseconds(time),
                    found["ItemCount"],
                    found["ExportManifest"],
                    is_incremental=window is not None,
                )
            if status == "FAILED":
                said = f"{found.get('FailureCode', '')}: {found.get('FailureMessage', '')}"
                way_out = _NOT_LET_IN if "AccessDenied" in said and "S3BucketOwner" in self._place else ""
                raise ExportFailedError(f"export {arn} has failed: {said}{way_out}")
            tell(f"the export is {status.lower().replace('_', ' ')}")
            sleep(_POLL_SECONDS)


def items(s3: S3Client, bucket: str, file: File) -> Iterator[dict[str, Any]]:
    """Yields the items of one file, in DynamoDB's JSON, and checks its bytes and their number on the way.

    Raises:
        LakeError: it cannot be read, or is not what DynamoDB wrote: items that were yielded before are not to be used.
    """
    return (line.Item for line in _lines(s3, bucket, file, _ITEM))


def changes(s3: S3Client, bucket: str, file: File) -> Iterator[Change]:
    """Yields the changes of one file of an incremental export, as `items` yields items.

    Raises:
        LakeError: as `items`.
    """
    for line in _lines(s3, bucket, file, _CHANGE):
        yield Change(line.Keys, line.NewImage, line.OldImage, line.Metadata.WriteTimestampMicros.N)


def _lines(s3: S3Client, bucket: str, file: File, decoder: msgspec.json.Decoder[L]) -> Iterator[L]:
    place = f"s3://{bucket}/{file.key}"
    count = 0
    try:
        body: Any = s3.get_object(Bucket=bucket, Key=file.key)["Body"]
        checked = _Checked(body)
        # It reads to the end, to see whether another member follows.
        with gzip.GzipFile(fileobj=checked) as unpacked:  # type: ignore[call-overload]  # it reads, and no more
            for line in unpacked:
                yield decoder.decode(line)
                count += 1
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"{place} cannot be read: {reason(error)}") from None
    except (OSError, EOFError, ValueError, msgspec.DecodeError, msgspec.ValidationError):
        raise LakeError(f"{place} is damaged; export again") from None
    if (checked.md5(), count) != (file.md5, file.items):
        raise LakeError(f"{place} is not the file of {file.items} items that its manifest tells of; export again")


class _Checked:
    """What a body holds, with the MD5 of what was read."""

    def __init__(self, body: Any) -> None:  # noqa: ANN401  # a streaming body
        self._body = body
        self._digest = hashlib.md5(usedforsecurity=False)

    def read(self, size: int = -1) -> bytes:
        """Reads so many bytes at most."""
        data: bytes = self._body.read(None if size < 0 else size)
        self._digest.update(data)
        return data

    def md5(self) -> str:
        """Returns the MD5 of what was read, in Base64."""
        return base64.b64encode(self._digest.digest()).decode()
