"""Writes the lines of several objects into one file, packed: byte for byte, in their order, in constant memory."""

from __future__ import annotations

import base64
import hashlib
import zlib
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import msgspec

from tools.lake import lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mypy_boto3_s3 import S3Client

    from tools.lake.compaction.grouping import Source

_CHUNK: Final = 256 * 1024
_GZIP_WINDOW: Final = 31
_LEVEL: Final = 6


class Merged(msgspec.Struct, frozen=True):
    """What is in the file: bytes, their SHA-256 in Base64, and lines."""

    size: int
    sha256: str
    lines: int


class DamagedSourceError(Exception):
    """An object's gzip data is damaged: `key` says which, and the text what is wrong."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(reason)
        self.key = key


class Stopped(Exception):  # noqa: N818  # no error
    """The user does not wait any more."""


def merge(
    s3: S3Client, bucket: str, sources: Sequence[Source], file: BinaryIO, is_stopped: Callable[[], bool]
) -> Merged:
    """Writes the lines of `sources` to `file`; a last line without its newline gets one.

    Raises:
        DamagedSourceError: an object is damaged.
        Stopped: `is_stopped` said so meanwhile.
        botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError: S3 does not hand an object over, or it is
            another than was listed.
    """
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
    digest = hashlib.sha256()
    size = count = 0
    for chunk in _chunks(s3, bucket, sources, is_stopped):
        count += chunk.count(b"\n")
        packed = packer.compress(chunk)
        digest.update(packed)
        size += file.write(packed)
    packed = packer.flush()
    digest.update(packed)
    size += file.write(packed)
    return Merged(size, base64.b64encode(digest.digest()).decode(), count)


def _chunks(s3: S3Client, bucket: str, sources: Sequence[Source], is_stopped: Callable[[], bool]) -> Iterator[bytes]:
    for source in sources:
        body: Any = s3.get_object(Bucket=bucket, Key=source.key, IfMatch=source.etag)["Body"]
        last = b""
        try:
            for chunk in lines.unpacked(iter(partial(body.read, _CHUNK), b"")):
                if is_stopped():
                    raise Stopped
                yield chunk
                last = chunk or last
        except lines.DamagedError as error:
            raise DamagedSourceError(source.key, str(error)) from None
        finally:
            body.close()
        if last and not last.endswith(b"\n"):
            yield b"\n"
