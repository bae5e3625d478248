"""Whether S3 is still about to replicate a version, which would come to the replica after all was removed there.

AWS documentation: Amazon S3 User Guide, "Getting replication status information".
"""

from __future__ import annotations

from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from tools.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mypy_boto3_s3 import S3Client

    from tools.lake.erasure.versions import Version

WAIT_SECONDS: Final = 900
"""How long S3 may take: most objects within 15 minutes (Amazon S3 User Guide, "Meeting compliance requirements with S3
Replication Time Control")."""
POLL_SECONDS: Final = 2.0

_NONE: Final = "ReplicationConfigurationNotFoundError"
_GONE: Final = (404, 405)
"""No such version, or a delete marker."""


def is_replicated(s3: S3Client, bucket: str) -> bool:
    """Tells whether anything of a bucket is replicated.

    Raises:
        ClientError: S3 does not say.
    """
    try:
        s3.get_bucket_replication(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] == _NONE:
            return False
        raise
    return True


def wait(s3: S3Client, bucket: str, versions: Iterable[Version], check: Callable[[], None]) -> None:
    """Waits until each version is replicated, or has failed to be; `check` is called meanwhile.

    Raises:
        LakeError: one is still on its way after a quarter of an hour.
        ClientError, BotoCoreError: S3 does not say.
    """
    until = monotonic() + WAIT_SECONDS
    for each in versions:
        while _is_pending(s3, bucket, each):
            if monotonic() >= until:
                raise LakeError(
                    f"S3 has not replicated s3://{bucket}/{each.key} yet, which would come to the replica after the "
                    "removal; see docs/runbook.md#replica-late, then run this again"
                )
            check()
            sleep(POLL_SECONDS)


def _is_pending(s3: S3Client, bucket: str, version: Version) -> bool:
    try:
        head = s3.head_object(Bucket=bucket, Key=version.key, VersionId=version.id)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] in _GONE:
            return False
        raise
    return head.get("ReplicationStatus") == "PENDING"
