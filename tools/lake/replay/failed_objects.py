"""The objects of failed records under a table's error prefix, and the lines in them."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tools.lake import data_objects, lines, objects
from tools.lake.compaction.grouping import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client

STAGED: Final = "replay"
"""The folder below the error prefix, beside those of error types, in which records lie that fail again, until it is
certain that the others of their objects are rows. There are no hours in it, so nobody reads it as failed records."""

TRANSFORM_FAILED: Final = "processing-failed"
"""The error type of records that the function did not transform: the lines have the originals."""

_TYPE: Final = re.compile(r"([^/]+)/")
_CHUNK: Final = 256 * 1024


class FailedObject(msgspec.Struct, frozen=True):
    """An object of failed records.

    Attributes:
        source: the object.
        error_type: what failed, as Firehose calls it.
        folder: its key up to its own name.
    """

    source: Source
    error_type: str
    folder: str


class UnreadableError(Exception):
    """An object cannot be carried over line by line: the text says why."""


def list_failed(s3: S3Client, bucket: str, prefix: str) -> Iterator[FailedObject]:
    """Yields the objects of failed records under a table's error prefix, which ends with a slash.

    Amazon Data Firehose Developer Guide, "Custom prefixes for Amazon S3 objects": the error type is a folder.
    """
    for found in objects.list_objects(s3, bucket, prefix):
        kind = _TYPE.match(found.key, len(prefix))
        if kind is None or not found.size:
            continue
        if data_objects.hour_of(found.key, f"{prefix}{kind[0]}"):
            source = Source(found.key, found.etag, found.size)
            yield FailedObject(source, kind[1], f"{found.key.rpartition('/')[0]}/")


def read_lines(s3: S3Client, bucket: str, source: Source) -> Iterator[bytes]:
    """Yields the lines of an object, without their newlines, in constant memory; empty ones are left out.

    Raises:
        UnreadableError: it is damaged, or a line is too long.
        botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError: S3 does not hand the object over, or it is
            another than was listed.
    """
    body: Any = s3.get_object(Bucket=bucket, Key=source.key, IfMatch=source.etag)["Body"]
    try:
        for line in lines.split(iter(partial(body.read, _CHUNK), b"")):
            if line is None:
                raise UnreadableError(f"a line is longer than {lines.LONGEST} bytes")
            if line.strip():
                yield line
    except lines.DamagedError as error:
        raise UnreadableError(str(error)) from None
    finally:
        body.close()
