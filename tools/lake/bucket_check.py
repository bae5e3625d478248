"""Looks at the lake's bucket from the producer's account, as far as a stranger may, before anything delivers there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_VARIABLE: Final = "cross_account_datalake_bucket"
_NOT_FOUND: Final = 404


def check(s3: S3Client, bucket: str, *, account_id: str, region: str) -> None:
    """Checks that `bucket` exists, in another account than `account_id` and in `region`.

    S3 tells strangers apart whether a bucket exists (403 or 404), and its Region (AWS documentation: "HeadBucket").

    Raises:
        LakeError: it does not exist, is this account's own, lies in another Region, or S3 cannot be asked.
    """
    try:
        s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=account_id)
        raise LakeError(
            f"{_VARIABLE}: {bucket} belongs to this account ({account_id}), not to the consumer's; "
            "give the consumer's output bucket_name, or use envs/single-account"
        )
    except ClientError as error:
        metadata = error.response["ResponseMetadata"]
    except BotoCoreError as error:
        raise LakeError(f"{_VARIABLE}: cannot look at {bucket} ({reason(error)})") from None
    if metadata["HTTPStatusCode"] == _NOT_FOUND:
        raise LakeError(
            f"{_VARIABLE}: there is no bucket {bucket}; deploy the consumer first, and give its output bucket_name"
        )
    lies_in = metadata["HTTPHeaders"].get("x-amz-bucket-region", region)
    if lies_in != region:
        raise LakeError(
            f"{_VARIABLE}: {bucket} lies in {lies_in}, the producer in {region}; deploy both in the same Region"
        )
