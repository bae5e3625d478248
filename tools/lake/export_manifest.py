"""Manifests of an export: which files it has, with their checksums, as DynamoDB wrote them or an erasure left them.

AWS documentation: Amazon DynamoDB Developer Guide, "DynamoDB table export output format".
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any, Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake.export import File

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_s3 import S3Client

    from tools.lake.export import Export

ERASED: Final = "erased-items"
"""Metadata of what an erasure has written anew, a data file or the list of files: how many lines are gone from it."""

FILES: Final = "manifest-files.json"
"""Name of the list of an export's files."""


class Manifest(msgspec.Struct, frozen=True):
    """A manifest: its key, bytes and ETag, lines that erasures took from its files, and whether its MD5 is right."""

    key: str
    content: bytes
    etag: str
    erased: int
    is_checked: bool


class _Summary(msgspec.Struct):
    itemCount: int  # noqa: N815  # AWS's names
    manifestFilesS3Key: str  # noqa: N815


class _File(msgspec.Struct):
    itemCount: int  # noqa: N815
    md5Checksum: str  # noqa: N815
    dataFileS3Key: str  # noqa: N815


def files(s3: S3Client, export: Export) -> list[File]:
    """Returns the files of an export that have items.

    Raises:
        LakeError: a manifest cannot be read, or is not what DynamoDB wrote, or an erasure afterwards.
    """
    summary = _decoded(_checked(s3, export.bucket, export.manifest).content, _Summary, export.manifest)
    listed = _checked(s3, export.bucket, summary.manifestFilesS3Key)
    found = [_decoded(line, _File, listed.key) for line in listed.content.splitlines() if line.strip()]
    place = f"s3://{export.bucket}/{export.manifest}"
    if sum(file.itemCount for file in found) != summary.itemCount:
        raise LakeError(f"{place} counts other items than its files; export again")
    if summary.itemCount + listed.erased != export.items:
        raise LakeError(f"{place} counts other items than DynamoDB says of {export.arn}; export again")
    return [File(file.dataFileS3Key, file.itemCount, file.md5Checksum) for file in found if file.itemCount]


def read(s3: S3Client, bucket: str, key: str) -> Manifest:
    """Returns a manifest.

    Raises:
        LakeError: it, or the checksum beside it, cannot be read.
    """
    try:
        answer = s3.get_object(Bucket=bucket, Key=key)
        content = answer["Body"].read()
        told = s3.get_object(Bucket=bucket, Key=checksum_key(s3, bucket, key))["Body"].read().strip()
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"s3://{bucket}/{key} cannot be read: {reason(error)}") from None
    etag = answer.get("ETag", "").strip('"')
    return Manifest(key, content, etag, erased(answer), is_checked=told == md5(content))


def erased(answer: Mapping[str, Any]) -> int:
    """Returns how many lines erasures have taken from an object, as an answer of S3 says."""
    return int(answer.get("Metadata", {}).get(ERASED, "0"))


def md5(content: bytes) -> bytes:
    """Returns the MD5 of bytes as the file beside a manifest has it."""
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest())


def checksum_key(s3: S3Client, bucket: str, key: str) -> str:
    """Returns the key of the file with a manifest's checksum, which AWS names with either ending.

    Raises:
        botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError: S3 does not list.
    """
    stem = key.removesuffix(".json")
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=stem).get("Contents", [])
    endings = {f"{stem}.checksum", f"{stem}.md5"}
    return next((each["Key"] for each in listed if each["Key"] in endings), f"{stem}.checksum")


def _checked(s3: S3Client, bucket: str, key: str) -> Manifest:
    """Returns a manifest that has the MD5 which lies beside it."""
    found = read(s3, bucket, key)
    if not found.is_checked:
        raise LakeError(f"s3://{bucket}/{key} is not what DynamoDB wrote: its checksum is another; export again")
    return found


def _decoded(content: bytes, kind: type[msgspec.Struct], key: str) -> Any:  # noqa: ANN401  # of that type
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
        raise LakeError(f"{key} is no manifest of an export; export again") from None
