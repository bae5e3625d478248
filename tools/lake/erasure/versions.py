"""Every version of every object below a prefix, the old ones and those of deleted objects too.

AWS documentation: Amazon S3 API Reference, "ListObjectVersions"; Amazon S3 User Guide, "Deleting object versions from a
versioning-enabled bucket".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client


class Version(msgspec.Struct, frozen=True):
    """One version of an object: its key, id, ETag, bytes, and whether it is what readers get."""

    key: str
    id: str
    etag: str
    size: int
    is_latest: bool


class Marker(msgspec.Struct, frozen=True):
    """A delete marker: its key and id, and whether it is the latest, so that readers get nothing."""

    key: str
    id: str
    is_latest: bool


def listed(s3: S3Client, bucket: str, prefix: str) -> Iterator[Version | Marker]:
    """Yields all versions and delete markers of the keys that start with `prefix`.

    Raises:
        botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError: S3 does not list.
    """
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        for entry in page.get("Versions", ()):
            etag = entry.get("ETag", "").strip('"')
            yield Version(entry["Key"], entry["VersionId"], etag, entry["Size"], entry["IsLatest"])
        for marker in page.get("DeleteMarkers", ()):
            yield Marker(marker["Key"], marker["VersionId"], marker["IsLatest"])


def of_key(s3: S3Client, bucket: str, key: str) -> list[Version | Marker]:
    """Returns all versions and delete markers of one key.

    Raises:
        botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError: S3 does not list.
    """
    return [found for found in listed(s3, bucket, key) if found.key == key]
