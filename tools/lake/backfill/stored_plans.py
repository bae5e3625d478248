"""Plans as they lie in the lake, where both engines and whoever goes on with a run find them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake.backfill.plan import Plan

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_MISSING: Final = 404


def read(s3: S3Client, bucket: str, key: str) -> Plan | None:
    """Returns the plan that lies at a key; None where none does.

    Raises:
        LakeError: S3 refuses, or the object is no plan of this version.
    """
    try:
        return msgspec.json.decode(s3.get_object(Bucket=bucket, Key=key)["Body"].read(), type=Plan)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == _MISSING:
            return None
        raise LakeError(f"s3://{bucket}/{key} cannot be read: {reason(error)}") from None
    except BotoCoreError as error:
        raise LakeError(f"s3://{bucket}/{key} cannot be read: {reason(error)}") from None
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise LakeError(f"s3://{bucket}/{key} is no plan of this version; restore it") from None


def write(s3: S3Client, bucket: str, key: str, plan: Plan) -> None:
    """Writes a plan, over what lies there.

    Raises:
        LakeError: S3 refuses.
    """
    content = json.dumps(msgspec.to_builtins(plan), indent=1).encode()
    try:
        s3.put_object(Bucket=bucket, Key=key, Body=content)
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"s3://{bucket}/{key} cannot be written: {reason(error)}") from None
