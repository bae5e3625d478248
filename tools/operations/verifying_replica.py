"""Proves that objects of the lake are in its replica: waits for each, compares it byte for byte, looks at its key."""

from __future__ import annotations

import hashlib
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from tools.cli import console
from tools.errors import LakeError, UsageError
from tools.lake.erasure import replicating

if TYPE_CHECKING:
    from collections.abc import Collection

    from mypy_boto3_s3 import S3Client

    from tools.deployments.deployment import Deployment
    from tools.deployments.outputs import Replica

WAIT_SECONDS: Final = replicating.WAIT_SECONDS
POLL_SECONDS: Final = 2.0

_CHUNK_BYTES: Final = 1024 * 1024


class Copies:
    """The copies of objects of `bucket` in its replica; `here` and `there` are S3 clients of the two Regions.

    AWS documentation: Amazon S3 User Guide, "Getting replication status information".
    """

    def __init__(self, here: S3Client, bucket: str, there: S3Client, replica: Replica) -> None:
        self._here = here
        self._bucket = bucket
        self._there = there
        self._replica = replica

    def wait(self, keys: Collection[str], seconds: int) -> dict[str, str]:
        """Returns each object's copy, key -> place, once all are there.

        Raises:
            LakeError: one could not be replicated, is another than the object, or is not there within `seconds`.
        """
        deadline = monotonic() + seconds
        waiting = dict.fromkeys(keys)
        with console.telling(f"waiting for the replica {self._replica.bucket_name}") as tell:
            while True:
                waiting = {key: None for key in waiting if not self._is_there(key)}
                left = deadline - monotonic()
                if not waiting:
                    return {key: self._place(key) for key in keys}
                if left <= 0:
                    break
                tell(f"{len(waiting)} of {len(keys)} objects are not in the replica yet; {left:.0f} s left")
                sleep(min(POLL_SECONDS, left))
        raise LakeError(
            f"{len(waiting)} of {len(keys)} objects are not in the replica after {seconds} s, such as "
            f"{self._place(next(iter(waiting)))}; see docs/runbook.md#replica-late"
        )

    def _is_there(self, key: str) -> bool:
        head = self._head(self._here, self._bucket, key)
        status = head.get("ReplicationStatus")
        if status == "FAILED":
            raise LakeError(
                f"s3://{self._bucket}/{key} could not be replicated, and S3 does not try it again by itself; "
                "see docs/runbook.md#replication-failing"
            )
        if status is None:
            raise LakeError(
                f"s3://{self._bucket}/{key} is not to be replicated: no rule of the bucket selects it; deploy again, "
                "and look with aws s3api get-bucket-replication whether somebody changed the rules"
            )
        if status != "COMPLETED":
            return False
        copy = self._head(self._there, self._replica.bucket_name, key)
        if copy.get("ReplicationStatus") != "REPLICA":
            raise LakeError(f"{self._place(key)} is no replica: somebody else has written it")
        used = copy.get("SSEKMSKeyId")
        if used != self._replica.kms_key_arn:
            wanted = self._replica.kms_key_arn
            raise LakeError(f"{self._place(key)} is encrypted with {used or 'no customer managed key'}, not {wanted}")
        own = _digest(self._here.get_object(Bucket=self._bucket, Key=key, VersionId=head["VersionId"]))
        if own != _digest(self._there.get_object(Bucket=self._replica.bucket_name, Key=key)):
            raise LakeError(f"{self._place(key)} is another object than s3://{self._bucket}/{key}")
        return True

    @staticmethod
    def _head(s3: S3Client, bucket: str, key: str) -> Any:  # noqa: ANN401  # S3's answer
        try:
            return s3.head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
                raise
            raise LakeError(f"s3://{bucket}/{key} is gone: somebody has removed it meanwhile") from None

    def _place(self, key: str) -> str:
        return f"s3://{self._replica.bucket_name}/{key}"


def choose(lake: Deployment) -> Copies:
    """Returns the copies in the replica of a lake.

    Raises:
        UsageError: it has no replica.
    """
    outputs = lake.outputs()
    if outputs.replica is None:
        raise UsageError(
            f"{lake.label} has no replica; docs/replica.md says how to switch one on, or leave out --replica"
        )
    here, there = (lake.aws(region).client("s3") for region in (outputs.region, outputs.replica.region))
    return Copies(here, outputs.bucket_name or "", there, outputs.replica)


def _digest(answer: Any) -> str:  # noqa: ANN401  # what GetObject answers
    found = hashlib.sha256()
    for chunk in answer["Body"].iter_chunks(_CHUNK_BYTES):
        found.update(chunk)
    return found.hexdigest()
