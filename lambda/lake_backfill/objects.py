"""Objects that are written once: packed on the disk, and put where nothing is, with what they hold as metadata."""

from __future__ import annotations

import base64
import hashlib
import tempfile
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import msgspec
from botocore.exceptions import ClientError

from lake_backfill.errors import BackfillError

if TYPE_CHECKING:
    from collections.abc import Iterator

LINES: Final = "lines"
ATTEMPT: Final = "attempt"

_GZIP_WINDOW: Final = 31
_LEVEL: Final = 6
_MISSING: Final = 404
_TAKEN: Final = (409, 412)


class Counts(msgspec.Struct, frozen=True):
    """What became of the items of a set: rows, items that the hook dropped, and items that failed."""

    rows: int = 0
    dropped: int = 0
    left: int = 0


class PackedLines:
    """Packs lines into `file` with gzip, in constant memory."""

    def __init__(self, file: BinaryIO) -> None:
        """Prepares to pack."""
        self._file = file
        self._packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
        self._digest = hashlib.sha256()
        self.lines = 0
        """Lines that were added."""

    def add(self, line: bytes) -> None:
        """Adds a line, which ends with a newline."""
        self.lines += 1
        self._write(self._packer.compress(line))

    def put(self, s3: Any, place: tuple[str, str], metadata: dict[str, str]) -> bool:  # noqa: ANN401 - a client
        """Puts what was added into a bucket and key, unless an object is there; returns whether it was put.

        Nothing can be added any more.

        Raises:
            botocore.exceptions.ClientError: S3 refuses.
        """
        self._write(self._packer.flush())
        self._file.seek(0)
        try:
            s3.put_object(
                Bucket=place[0],
                Key=place[1],
                Body=self._file,
                ChecksumSHA256=base64.b64encode(self._digest.digest()).decode(),
                ContentType="application/gzip",
                Metadata={LINES: str(self.lines), **metadata},
                IfNoneMatch="*",
            )
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] not in _TAKEN:
                raise
            return False
        return True

    def _write(self, packed: bytes) -> None:
        self._digest.update(packed)
        self._file.write(packed)


@contextmanager
def packed_lines() -> Iterator[PackedLines]:
    """Yields a file on the disk that packs lines."""
    with tempfile.TemporaryFile() as file:
        yield PackedLines(file)


def written(s3: Any, bucket: str, key: str) -> Counts | None:  # noqa: ANN401 - a client
    """Returns what the rows that lie at a key were made of; None where no object is.

    Raises:
        BackfillError: the object is none that a backfill wrote.
        botocore.exceptions.ClientError: S3 refuses.
    """
    try:
        metadata = s3.head_object(Bucket=bucket, Key=key)["Metadata"]
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != _MISSING:
            raise
        return None
    try:
        return msgspec.convert({name: metadata[name] for name in Counts.__struct_fields__}, Counts, strict=False)
    except (KeyError, msgspec.ValidationError):
        raise BackfillError(f"s3://{bucket}/{key} is no object of a backfill; remove it, and run this again") from None


def metadata(counts: Counts, attempt: str) -> dict[str, str]:
    """Returns the metadata of an object of rows, as the tools' ledger of rows reads it."""
    return {ATTEMPT: attempt, **{name: str(getattr(counts, name)) for name in counts.__struct_fields__}}
