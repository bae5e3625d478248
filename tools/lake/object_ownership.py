"""Looks at a delivered object from both accounts: it is the consumer's, and the producer's account cannot read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from tools.errors import LakeError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_FORBIDDEN: Final = 403


def check(reader: S3Client, writer: S3Client, bucket: str, key: str, kms_key_arn: str | None) -> list[str]:
    """Returns what both sides see of `key` in `bucket`, a line each.

    `reader` is an S3 client of the account that owns the lake, `writer` one of the account that delivers, and
    `kms_key_arn` the key that the lake is encrypted with.

    Raises:
        LakeError: the object is not encrypted with that key, belongs to another account than the bucket, or can be read
            by the delivering account.
    """
    head = reader.head_object(Bucket=bucket, Key=key)
    used = head.get("SSEKMSKeyId")
    if kms_key_arn and used != kms_key_arn:
        raise LakeError(f"s3://{bucket}/{key} is encrypted with {used or 'no customer managed key'}, not {kms_key_arn}")
    (entry,) = reader.list_objects_v2(Bucket=bucket, Prefix=key, FetchOwner=True, MaxKeys=1)["Contents"]
    own = reader.list_buckets()["Owner"]["ID"]
    if entry["Owner"]["ID"] != own:
        raise LakeError(f"s3://{bucket}/{key} belongs to another account than its bucket ({entry['Owner']['ID']})")
    return [
        f"encrypted with {used}",
        "owned by the lake's account",
        f"closed to the delivering account ({_refusal(writer, bucket, key)})",
    ]


def _refusal(writer: S3Client, bucket: str, key: str) -> str:
    try:
        writer.get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == _FORBIDDEN:
            return str(error.response["Error"]["Code"])
        raise
    raise LakeError(
        f"the delivering account can read s3://{bucket}/{key}: the lake lets in more than its writers; "
        "look at the bucket's policy, and deploy the consumer again"
    )
