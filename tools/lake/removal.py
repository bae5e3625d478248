"""Removes objects that are still what was read; a version stays of each.

Amazon S3 User Guide, "How to perform conditional deletes".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake.purge import BATCH

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mypy_boto3_s3 import S3Client

    from tools.lake.compaction.grouping import Source
    from tools.lake.lease import Lease

_GONE: Final = ("NoSuchKey", "NotFound")
_REPLACED: Final = ("ConditionalRequestConflict", "PreconditionFailed")


def remove_unchanged(
    s3: S3Client, bucket: str, sources: Sequence[Source], held: Lease, warn: Callable[[str], None]
) -> int:
    """Removes objects while `held` is, and returns how many were; one that has changed stays, and `warn` is told.

    Raises:
        LakeError: S3 refuses, or another has the lease.
    """
    removed = 0
    for start in range(0, len(sources), BATCH):
        held.check()
        removed += _remove(s3, bucket, sources[start : start + BATCH], warn)
    return removed


def _remove(s3: S3Client, bucket: str, sources: Sequence[Source], warn: Callable[[str], None]) -> int:
    try:
        answer = s3.delete_objects(
            Bucket=bucket,
            Delete={"Objects": [{"Key": source.key, "ETag": source.etag} for source in sources], "Quiet": True},
        )
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"objects of s3://{bucket} cannot be removed: {reason(error)}") from None
    failed = 0
    for each in answer.get("Errors", ()):
        code, place = each.get("Code", ""), f"s3://{bucket}/{each.get('Key', '')}"
        if code in _REPLACED:
            warn(f"{place} has changed since it was read, and stays")
        elif code not in _GONE:
            raise LakeError(f"{place} cannot be removed: {code} {each.get('Message', '')}".rstrip())
        failed += 1
    return len(sources) - failed
