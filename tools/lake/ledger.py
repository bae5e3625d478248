"""The ledger of a tool: records of what is under way, and of what has been done, each an object under `ledger/`.

What is under way lies at `<root>open/<name>.json`; when it is done, it goes to `<root>done/<name>.json`. No record is
changed but by whoever has read its last version.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake import objects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client

R = TypeVar("R", bound=msgspec.Struct)

_MISSING: Final = 404
_CHANGED: Final = (404, 409, 412)


class ChangedError(LakeError):
    """Somebody else has written the record meanwhile."""


class Ledger(Generic[R]):
    """The records of one kind; `root` is what their keys start with, and ends with a slash."""

    def __init__(self, s3: S3Client, bucket: str, root: str, kind: type[R]) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._root = root
        self._kind = kind

    def names(self) -> Iterator[str]:
        """Yields the names of what is under way."""
        prefix = f"{self._root}open/"
        for found in objects.list_objects(self._s3, self._bucket, prefix):
            yield found.key.removeprefix(prefix).removesuffix(".json")

    def read(self, name: str) -> tuple[R, str] | None:
        """Returns the record of what is under way, and its ETag; None where nothing is.

        Raises:
            LakeError: it cannot be read.
        """
        return self._read(self._open(name))

    def read_done(self, done_name: str) -> R | None:
        """Returns the record of what has been done; None where nothing has.

        Raises:
            LakeError: it cannot be read.
        """
        found = self._read(self._done(done_name))
        return found[0] if found else None

    def _read(self, key: str) -> tuple[R, str] | None:
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=key)
            return msgspec.json.decode(answer["Body"].read(), type=self._kind), answer["ETag"].strip('"')
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == _MISSING:
                return None
            raise self._failed(key, "read", error) from None
        except BotoCoreError as error:
            raise self._failed(key, "read", error) from None
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise LakeError(f"s3://{self._bucket}/{key} is no record of this version ({error}); restore it") from None

    def write(self, name: str, record: R, etag: str | None) -> str:
        """Writes what is under way, over the record with this ETag, or anew; returns the new ETag.

        Raises:
            ChangedError: somebody else has written meanwhile.
            LakeError: S3 refuses.
        """
        key = self._open(name)
        condition: Any = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        try:
            answer = self._s3.put_object(Bucket=self._bucket, Key=key, Body=_text(record), **condition)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] in _CHANGED:
                raise ChangedError(f"s3://{self._bucket}/{key} has changed meanwhile; run the same again") from None
            raise self._failed(key, "written", error) from None
        except BotoCoreError as error:
            raise self._failed(key, "written", error) from None
        return answer["ETag"].strip('"')

    def close(self, name: str, done_name: str, record: R) -> None:
        """Notes that all is done, under the name `done_name`.

        Raises:
            LakeError: S3 refuses.
        """
        key = self._done(done_name)
        try:
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=_text(record))
        except (BotoCoreError, ClientError) as error:
            raise self._failed(key, "written", error) from None
        self.drop(name)

    def is_done(self, done_name: str) -> bool:
        """Tells whether all has been done, as `close` notes it.

        Raises:
            LakeError: S3 refuses.
        """
        key = self._done(done_name)
        try:
            self._s3.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == _MISSING:
                return False
            raise self._failed(key, "looked at", error) from None
        except BotoCoreError as error:
            raise self._failed(key, "looked at", error) from None
        return True

    def drop(self, name: str) -> None:
        """Forgets what was under way.

        Raises:
            LakeError: S3 refuses.
        """
        key = self._open(name)
        try:
            self._s3.delete_object(Bucket=self._bucket, Key=key)
        except (BotoCoreError, ClientError) as error:
            raise self._failed(key, "removed", error) from None

    def _open(self, name: str) -> str:
        return f"{self._root}open/{name}.json"

    def _done(self, name: str) -> str:
        return f"{self._root}done/{name}.json"

    def _failed(self, key: str, what: str, error: BotoCoreError | ClientError) -> LakeError:
        return LakeError(f"s3://{self._bucket}/{key} cannot be {what}: {reason(error)}")


def open_notes(s3: S3Client, bucket: str, prefix: str) -> Iterator[str]:
    """Yields the keys of all records of what is under way, of whatever tool, below a table's part of the ledger."""
    for found in objects.list_objects(s3, bucket, prefix):
        if "/open/" in found.key:
            yield found.key


def _text(record: msgspec.Struct) -> bytes:
    return json.dumps(msgspec.to_builtins(record), indent=1).encode()
