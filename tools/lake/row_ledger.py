"""The ledger of rows that our tools write: which objects become rows, where these lie, and how far that has come.

A record lies at `ledger/<table>/rows/open/<verb>/<identity>.json`, and then at `…/rows/done/…`. Its rows are in one
object. While the record is open, compaction leaves that object alone: its presence says that the rows were written. A
record holds names and counts, and nothing of what is in rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake import ledger
from tools.lake.compaction.grouping import Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_s3 import S3Client

    from tools.lake.packed_file import Packed, PackedFile

ATTEMPT: Final = "attempt"
"""Member of the metadata of an object of rows: which attempt has written it."""

_MISSING: Final = 404
_TAKEN: Final = (409, 412)


class Counts(msgspec.Struct, frozen=True):
    """What became of records: rows, records that were dropped on purpose, and records that stay where they were."""

    rows: int = 0
    dropped: int = 0
    left: int = 0

    def __add__(self, other: Counts) -> Counts:
        """Returns the sum."""
        return Counts(self.rows + other.rows, self.dropped + other.dropped, self.left + other.left)


class Record(msgspec.Struct, frozen=True):
    """Objects that become rows.

    Attributes:
        verb: the tool.
        identity: what is told by it becomes rows once.
        sources: the objects.
        key: the object that has the rows.
        attempt: the attempt that is under way, or has been carried out.
        counts: what became of the records, when the rows are written; None before.
    """

    verb: str
    identity: str
    sources: tuple[Source, ...]
    key: str
    attempt: str
    counts: Counts | None = None

    @property
    def name(self) -> str:
        """What the ledger has it under."""
        return f"{self.verb}/{self.identity}"


class RowLedger:
    """The records of one table."""

    def __init__(self, s3: S3Client, bucket: str, table: str) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._records = ledger.Ledger(s3, bucket, f"ledger/{table}/rows/", Record)

    def unsettled(self) -> frozenset[str]:
        """Returns the keys of objects, there or not, whose presence still says something.

        Raises:
            LakeError: the records cannot be listed or read.
        """
        return frozenset(record.key for record, _ in self.open_records())

    def open_records(self, verb: str | None = None) -> list[tuple[Record, str]]:
        """Returns what a tool has under way, each with the ETag of its record; None: what all have.

        Raises:
            LakeError: the records cannot be listed or read.
        """
        try:
            names = list(self._records.names())
        except (BotoCoreError, ClientError) as error:
            raise LakeError(f"the ledger in s3://{self._bucket} cannot be listed: {reason(error)}") from None
        found = [self._records.read(name) for name in names if verb is None or name.startswith(f"{verb}/")]
        return [each for each in found if each]

    def read(self, verb: str, identity: str) -> tuple[Record, str] | None:
        """Returns the record of a set that is under way, and its ETag; None where it is not.

        Raises:
            LakeError: it cannot be read.
        """
        return self._records.read(f"{verb}/{identity}")

    def write(self, record: Record, etag: str | None) -> str:
        """Writes a record, over that with this ETag, or anew; returns the new ETag.

        Raises:
            ChangedError: somebody else has written meanwhile.
            LakeError: S3 refuses.
        """
        return self._records.write(record.name, record, etag)

    def close(self, record: Record) -> None:
        """Notes that all is done.

        Raises:
            LakeError: S3 refuses.
        """
        self._records.close(record.name, record.name, record)

    def read_done(self, verb: str, identity: str) -> Record | None:
        """Returns the record of a set for which nothing is to be done any more; None where there is none.

        Raises:
            LakeError: it cannot be read.
        """
        return self._records.read_done(f"{verb}/{identity}")

    def is_done(self, verb: str, identity: str) -> bool:
        """Tells whether nothing is to be done any more for what an identity tells.

        Raises:
            LakeError: S3 refuses.
        """
        return self._records.is_done(f"{verb}/{identity}")

    def drop(self, record: Record) -> None:
        """Forgets a record of which nothing was written.

        Raises:
            LakeError: S3 refuses.
        """
        self._records.drop(record.name)

    def written(self, record: Record) -> Mapping[str, str] | None:
        """Returns the metadata of the object of rows; None where it was not written.

        Raises:
            LakeError: S3 refuses.
        """
        try:
            return self._s3.head_object(Bucket=self._bucket, Key=record.key)["Metadata"]
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == _MISSING:
                return None
            raise self._failed(record, error) from None
        except BotoCoreError as error:
            raise self._failed(record, error) from None

    def put_rows(self, record: Record, file: PackedFile, packed: Packed, counts: Counts) -> Mapping[str, str]:
        """Writes the object of rows, unless it is there; returns the metadata of what is there then.

        Raises:
            LakeError: S3 refuses.
        """
        metadata = {ATTEMPT: record.attempt, **{name: str(value) for name, value in _members(counts).items()}}
        try:
            file.put(self._s3, (self._bucket, record.key), packed, metadata, IfNoneMatch="*")
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] not in _TAKEN:
                raise self._failed(record, error) from None
        except BotoCoreError as error:
            raise self._failed(record, error) from None
        else:
            return metadata
        # The answer to our own put was lost on the way, or another attempt was first: what is there counts.
        found = self.written(record)
        if found is None:
            raise LakeError(f"s3://{self._bucket}/{record.key} comes and goes; run the same again")
        return found

    def _failed(self, record: Record, error: BotoCoreError | ClientError) -> LakeError:
        return LakeError(f"s3://{self._bucket}/{record.key} cannot be written: {reason(error)}")


def committed(record: Record, metadata: Mapping[str, str]) -> Record:
    """Returns the record as carried out by the attempt whose rows have this metadata.

    Raises:
        LakeError: the object is none that this wrote.
    """
    try:
        counts = msgspec.convert({name: metadata[name] for name in _members(Counts())}, Counts, strict=False)
        attempt = metadata[ATTEMPT]
    except (KeyError, msgspec.ValidationError):
        raise LakeError(
            f"{record.key} is no object that {record.verb} wrote; remove it, or restore its version"
        ) from None
    return msgspec.structs.replace(record, attempt=attempt, counts=counts)


def _members(counts: Counts) -> dict[str, Any]:
    return {name: getattr(counts, name) for name in counts.__struct_fields__}
