"""Writes the lines of several objects into one file, packed: byte for byte, in their order, in constant memory."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tools.lake import lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mypy_boto3_s3 import S3Client

    from tools.lake.compaction.grouping import Source
    from tools.lake.packed_file import Packed, PackedFile

_CHUNK: Final = 256 * 1024


class DamagedSourceError(Exception):
    """An object's gzip data is damaged: `key` says which, and the text what is wrong."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(reason)
        self.key = key


class Stopped(Exception):  # noqa: N818  # no error
    """The user does not wait any more."""


def merge(
    s3: S3Client, bucket: str, sources: Sequence[Source], file: PackedFile, is_stopped: Callable[[], bool]
) -> Packed:
    """Writes the lines of `sources` to `file`; a last line without its newline gets one.

    Raises:
        DamagedSourceError: an object is damaged.
        Stopped: `is_stopped` said so meanwhile.
        botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError: S3 does not hand an object over, or it is
            another than was listed.
    """
    for chunk in _chunks(s3, bucket, sources, is_stopped):
        file.add(chunk)
    return file.finish()


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
