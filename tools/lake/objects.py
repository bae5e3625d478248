"""Reads lake objects: which there are, and the records in them."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class LakeObject:
    """One object of the bucket: its key, size in bytes, when it was last written, and the ETag of what it holds."""

    key: str
    size: int
    written_at: datetime
    etag: str = ""


def list_objects(s3: S3Client, bucket: str, prefix: str, after: str = "") -> Iterator[LakeObject]:
    """Yields the objects whose key starts with `prefix` and comes after the key `after`, in key order."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, StartAfter=after):
        for entry in page.get("Contents", ()):
            yield LakeObject(entry["Key"], entry["Size"], entry["LastModified"], entry.get("ETag", "").strip('"'))


def list_folders(s3: S3Client, bucket: str, prefix: str) -> Iterator[str]:
    """Yields the prefixes, each ended by a slash, that group the keys right below `prefix`."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, Delimiter="/"):
        for entry in page.get("CommonPrefixes", ()):
            yield entry["Prefix"]


def read_lines(s3: S3Client, bucket: str, key: str) -> list[str]:
    """Returns the lines of one object, unpacked when its bytes are gzip."""
    body: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    # Told by the bytes, because clients may unpack on the way when an object declares its encoding.
    text = gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
    # Only a newline ends a record: values may hold other characters that Python takes for line ends.
    return text.decode("utf-8").removesuffix("\n").split("\n")


def read_records(s3: S3Client, bucket: str, key: str) -> list[dict[str, Any]]:
    """Returns the lake records of one object; numbers that are no integers stay text, digit for digit."""
    return [json.loads(line, parse_float=str) for line in read_lines(s3, bucket, key) if line.strip()]
