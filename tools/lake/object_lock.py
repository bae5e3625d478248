"""Whether a bucket keeps versions from being removed for a time, and what removing them takes.

Amazon S3 User Guide, "Locking objects with Object Lock": in governance mode, who may do so can pass the time over; in
compliance mode nobody can, and a legal hold keeps a version until it is taken off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_NONE: Final = "ObjectLockConfigurationNotFoundError"


@dataclass(frozen=True)
class ObjectLock:
    """Object lock of a bucket; the mode and the days are those of its default, None where it has none."""

    mode: str | None
    days: int | None

    def describe(self) -> str:
        """Returns what keeps a version, as the end of a sentence."""
        if self.mode == "GOVERNANCE":
            takes = " in governance mode: the caller needs s3:BypassGovernanceRetention"
        else:
            takes = ": a version can be removed when its time is over, by nobody earlier in compliance mode"
        return f"object lock{takes}; a version under a legal hold goes when that is taken off"


def read(s3: S3Client, bucket: str) -> ObjectLock | None:
    """Returns the object lock of a bucket, None where it has none.

    Raises:
        ClientError: S3 does not say.
    """
    try:
        found = s3.get_object_lock_configuration(Bucket=bucket).get("ObjectLockConfiguration", {})
    except ClientError as error:
        if error.response["Error"]["Code"] == _NONE:
            return None
        raise
    default = found.get("Rule", {}).get("DefaultRetention", {})
    return ObjectLock(default.get("Mode"), default.get("Days"))
