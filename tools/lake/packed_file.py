"""A file of lines, packed with gzip on the way to it: its size, checksum and lines are known when it is finished."""

from __future__ import annotations

import base64
import hashlib
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import PutObjectOutputTypeDef

LINES: Final = "lines"
"""Member of an object's metadata that says how many lines it has."""

_GZIP_WINDOW: Final = 31
_LEVEL: Final = 6


class Packed(msgspec.Struct, frozen=True):
    """What is in the file: bytes, their SHA-256 in Base64, and lines."""

    size: int
    sha256: str
    lines: int


class PackedFile:
    """Packs what is added into `file`, in constant memory; with `is_plain` it writes it as it is."""

    def __init__(self, file: BinaryIO, *, is_plain: bool = False) -> None:
        self._file = file
        self._packer = None if is_plain else zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
        self._digest = hashlib.sha256()
        self._size = 0
        self._lines = 0

    @property
    def lines(self) -> int:
        """Lines that were added."""
        return self._lines

    def add(self, chunk: bytes) -> None:
        """Adds bytes; newlines end lines.

        Raises:
            OSError: the disk is full.
        """
        self._lines += chunk.count(b"\n")
        self._write(self._packer.compress(chunk) if self._packer else chunk)

    def finish(self) -> Packed:
        """Writes what is left, and returns what is in the file. Nothing can be added any more.

        Raises:
            OSError: the disk is full.
        """
        self._write(self._packer.flush() if self._packer else b"")
        return Packed(self._size, base64.b64encode(self._digest.digest()).decode(), self._lines)

    def put(
        self, s3: S3Client, place: tuple[str, str], packed: Packed, metadata: Mapping[str, str], **conditions: str
    ) -> PutObjectOutputTypeDef:
        """Puts the finished file into `place`, a bucket and a key, with its checksum, under conditions of S3's.

        Raises:
            botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError: S3 refuses.
        """
        self._file.seek(0)
        options: dict[str, Any] = dict(conditions)
        return s3.put_object(
            Bucket=place[0],
            Key=place[1],
            Body=self._file,
            ChecksumSHA256=packed.sha256,
            ContentType="application/gzip",
            Metadata={LINES: str(packed.lines), **metadata},
            **options,
        )

    def _write(self, packed: bytes) -> None:
        self._digest.update(packed)
        self._size += self._file.write(packed)
