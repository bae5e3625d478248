"""Copies lake objects to a folder on this machine, under their keys; goes on where it was interrupted."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from tools import files
from tools.deployments.aws import reason
from tools.errors import LakeError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from tools.lake.objects import LakeObject

_CHUNK: Final = 256 * 1024


def download(s3: S3Client, bucket: str, found: LakeObject, folder: Path) -> bool:
    """Copies one object as it was listed, and returns False where its copy is there already.

    A copy is of the object's bytes and time; the same of both are taken for the same content.

    Raises:
        LakeError: the object cannot be read, has changed meanwhile, came with other bytes than were listed, or its key
            leads out of `folder`.
    """
    place = f"s3://{bucket}/{found.key}"
    target = folder / found.key
    if not Path(os.path.normpath(target)).is_relative_to(os.path.normpath(folder)) or found.key.endswith("/"):
        raise LakeError(f"{place} can be no file in {folder}; leave it out, or copy it by another name")
    if _is_there(target, found):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with files.replacing(target) as partial:
            body: Any = s3.get_object(Bucket=bucket, Key=found.key, IfMatch=found.etag)["Body"]
            with partial.open("wb") as copied:
                size = sum(copied.write(chunk) for chunk in iter(lambda: body.read(_CHUNK), b""))
            if size != found.size:
                raise LakeError(f"{place} came with {size} bytes of {found.size}; run the same command again")
            os.utime(partial, (found.written_at.timestamp(),) * 2)
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"{place} cannot be copied: {reason(error)}") from None
    return True


def _is_there(target: Path, found: LakeObject) -> bool:
    try:
        stat = target.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return stat.st_size == found.size and int(stat.st_mtime) == int(found.written_at.timestamp())
