"""Empties a bucket, or what is under a prefix of it: every object version and every delete marker."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, as_completed, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake import object_lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import DeleteTypeDef, ObjectIdentifierTypeDef

    from tools.lake.object_lock import ObjectLock

BATCH: Final = 1000
"""Most keys of one call (AWS documentation: "DeleteObjects")."""

AT_ONCE: Final = 8
"""Calls under way at a time: one takes S3 seconds. boto3 has ten connections."""


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


def purge(s3: S3Client, bucket: str, progress: Callable[[int], None], prefix: str = "") -> int:
    """Removes everything from `bucket` whose key starts with `prefix`, and returns the number removed.

    `progress` is called with the number removed by each call.

    Where the bucket has object lock, the caller's permission to pass over its governance mode is used.

    Raises:
        LakeError: S3 did not delete some object.
    """
    removed = 0
    lock = _lock(s3, bucket)
    under_way: set[Future[int]] = set()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            for batch in _batches(s3, bucket, prefix):
                if len(under_way) == AT_ONCE:
                    done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                    removed += _count(done, progress)
                under_way.add(pool.submit(_delete, s3, bucket, batch, lock))
            removed += _count(as_completed(under_way), progress)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return removed


def _count(done: Iterable[Future[int]], progress: Callable[[int], None]) -> int:
    total = 0
    for each in done:
        progress(each.result())
        total += each.result()
    return total


def _delete(s3: S3Client, bucket: str, batch: list[ObjectIdentifierTypeDef], lock: ObjectLock | None) -> int:
    objects: DeleteTypeDef = {"Objects": batch, "Quiet": True}
    if lock is None:
        result = s3.delete_objects(Bucket=bucket, Delete=objects)
    else:
        # S3 refuses the header for a bucket without object lock.
        result = s3.delete_objects(Bucket=bucket, Delete=objects, BypassGovernanceRetention=True)
    if result.get("Errors"):
        error, why = result["Errors"][0], f" ({lock.describe()})" if lock else ""
        said = f"{error['Code']} {error.get('Message', '')}".rstrip()
        raise LakeError(f"cannot delete {error['Key']} from {bucket}: {said}{why}")
    return len(batch)


def _lock(s3: S3Client, bucket: str) -> ObjectLock | None:
    try:
        return object_lock.read(s3, bucket)
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"cannot look at the object lock of {bucket}: {reason(error)}") from None


def _batches(s3: S3Client, bucket: str, prefix: str) -> Iterator[list[ObjectIdentifierTypeDef]]:
    pages = s3.get_paginator("list_object_versions").paginate(
        Bucket=bucket, Prefix=prefix, PaginationConfig={"PageSize": BATCH}
    )
    for page in pages:
        entries = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        batch: list[ObjectIdentifierTypeDef] = [
            {"Key": entry["Key"], "VersionId": entry["VersionId"]} for entry in entries
        ]
        for start in range(0, len(batch), BATCH):
            yield batch[start : start + BATCH]
