"""Empties a bucket: every object version and every delete marker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tools.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

BATCH: Final = 1000
"""Most keys of one call (AWS documentation: "DeleteObjects")."""


@dataclass(frozen=True)
class Contents:
    """What a bucket holds: object versions, delete markers, and the versions' size in bytes."""

    versions: int = 0
    markers: int = 0
    size: int = 0

    @property
    def total(self) -> int:
        """How many entries must go before the bucket can be deleted."""
        return self.versions + self.markers


def contents(s3: S3Client, bucket: str) -> Contents:
    """Counts what `bucket` holds; nothing where there is no such bucket."""
    versions = markers = size = 0
    try:
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            versions += len(page.get("Versions", ()))
            size += sum(version["Size"] for version in page.get("Versions", ()))
            markers += len(page.get("DeleteMarkers", ()))
    except s3.exceptions.NoSuchBucket:
        return Contents()
    return Contents(versions, markers, size)


def contents_of(s3: S3Client, buckets: Iterable[str]) -> dict[str, Contents]:
    """Returns what each of `buckets` holds, by its name."""
    return {bucket: contents(s3, bucket) for bucket in buckets}


def purge(s3: S3Client, bucket: str, progress: Callable[[int], None]) -> int:
    """Removes everything from `bucket`, calls `progress` with the number removed by each call, returns the sum.

    Raises:
        LakeError: S3 did not delete some object.
    """
    removed = 0
    for batch in _batches(s3, bucket):
        result = s3.delete_objects(Bucket=bucket, Delete={"Objects": batch, "Quiet": True})
        if result.get("Errors"):
            error = result["Errors"][0]
            raise LakeError(f"cannot delete {error['Key']} from {bucket}: {error['Code']} {error.get('Message', '')}")
        removed += len(batch)
        progress(len(batch))
    return removed


def _batches(s3: S3Client, bucket: str) -> Iterator[list[ObjectIdentifierTypeDef]]:
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"PageSize": BATCH})
    for page in pages:
        entries = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        batch: list[ObjectIdentifierTypeDef] = [
            {"Key": entry["Key"], "VersionId": entry["VersionId"]} for entry in entries
        ]
        for start in range(0, len(batch), BATCH):
            yield batch[start : start + BATCH]
