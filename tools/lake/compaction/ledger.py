"""The ledger of compaction: what is under way in a folder, and what has been done.

What is under way lies at `ledger/<table>/compaction/open/<folder>.json`; when its sources are gone, it goes to
`ledger/<table>/compaction/done/<folder>/<hash>.json`. No record is changed but by whoever has read its last version.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake import objects
from tools.lake.compaction.grouping import Group

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client

_MISSING: Final = 404
_CHANGED: Final = (404, 409, 412)


class Record(msgspec.Struct, frozen=True):
    """What becomes of the objects of one folder: its name is what its keys have between the data prefix and theirs."""

    table: str
    folder: str
    groups: tuple[Group, ...]

    @property
    def is_written(self) -> bool:
        """Whether all new objects are there."""
        return all(group.target for group in self.groups)

    def with_group(self, index: int, group: Group | None) -> Record:
        """Returns the record with another group in the place of one; None: without it."""
        groups = [*self.groups[:index], *([group] if group else []), *self.groups[index + 1 :]]
        return msgspec.structs.replace(self, groups=tuple(groups))


class Ledger:
    """The records of one table."""

    def __init__(self, s3: S3Client, bucket: str, table: str) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._root = f"ledger/{table}/compaction/"

    def folders(self) -> Iterator[str]:
        """Yields the folders in which something is under way."""
        prefix = f"{self._root}open/"
        for found in objects.list_objects(self._s3, self._bucket, prefix):
            yield found.key.removeprefix(prefix).removesuffix(".json")

    def read(self, folder: str) -> tuple[Record, str] | None:
        """Returns what is under way in a folder, and the ETag of the record; None where nothing is.

        Raises:
            LakeError: it cannot be read.
        """
        key = self._open(folder)
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=key)
            return msgspec.json.decode(answer["Body"].read(), type=Record), answer["ETag"].strip('"')
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == _MISSING:
                return None
            raise self._failed(key, "read", error) from None
        except BotoCoreError as error:
            raise self._failed(key, "read", error) from None
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise LakeError(f"s3://{self._bucket}/{key} is no record of this version ({error}); restore it") from None

    def write(self, record: Record, etag: str | None) -> str:
        """Writes what is under way, over the record with this ETag, or anew; returns the new ETag.

        Raises:
            LakeError: somebody else has written meanwhile, or S3 refuses.
        """
        key = self._open(record.folder)
        condition: Any = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        try:
            answer = self._s3.put_object(Bucket=self._bucket, Key=key, Body=_text(record), **condition)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] in _CHANGED:
                raise LakeError(f"s3://{self._bucket}/{key} has changed meanwhile; run the same again") from None
            raise self._failed(key, "written", error) from None
        except BotoCoreError as error:
            raise self._failed(key, "written", error) from None
        return answer["ETag"].strip('"')

    def close(self, record: Record) -> None:
        """Notes that all is done.

        Raises:
            LakeError: S3 refuses.
        """
        digest = hashlib.sha256("\n".join(group.key for group in record.groups).encode()).hexdigest()[:16]
        key = f"{self._root}done/{record.folder}/{digest}.json"
        try:
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=_text(record))
        except (BotoCoreError, ClientError) as error:
            raise self._failed(key, "written", error) from None
        self.drop(record.folder)

    def drop(self, folder: str) -> None:
        """Forgets what was under way in a folder.

        Raises:
            LakeError: S3 refuses.
        """
        key = self._open(folder)
        try:
            self._s3.delete_object(Bucket=self._bucket, Key=key)
        except (BotoCoreError, ClientError) as error:
            raise self._failed(key, "removed", error) from None

    def _open(self, folder: str) -> str:
        return f"{self._root}open/{folder}.json"

    def _failed(self, key: str, what: str, error: BotoCoreError | ClientError) -> LakeError:
        return LakeError(f"s3://{self._bucket}/{key} cannot be {what}: {reason(error)}")


def _text(record: Record) -> bytes:
    return json.dumps(msgspec.to_builtins(record), indent=1).encode()
