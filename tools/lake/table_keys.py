"""Keys of a table, as its rows in the lake have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake import data_objects, lines

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def example(s3: S3Client, bucket: str, name: str, data_prefix: str) -> str:
    """Returns the `cdc_key` of any row of a table, which shows what its key is called and which values are numbers.

    Raises:
        LakeError: there is none, or the lake cannot be read.
    """
    try:
        for found in data_objects.list_data(s3, bucket, data_prefix):
            for _, row in lines.read_rows(s3, bucket, found.key, lambda _bad: None):
                return str(msgspec.json.decode(row["cdc_key"]))
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"no key of {name} can be looked up in s3://{bucket}: {reason(error)}") from None
    raise LakeError(f"no change of {name} has arrived in s3://{bucket}/{data_prefix} yet")
