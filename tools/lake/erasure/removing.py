"""Takes a subject out of one object: readers see it with all lines, or without the subject's, and nothing in between.

What is new is put over what was read, under a condition. Old versions go after that, so that none of them comes back to
readers. Each step does nothing that is done already: whenever it is killed, the same again goes on.

AWS documentation: Amazon S3 User Guide, "How to prevent object overwrites with conditional writes", "How to perform
conditional deletes" and "Deleting object versions from a versioning-enabled bucket".
"""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any, Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake import export_manifest
from tools.lake.erasure import replicating, versions
from tools.lake.erasure.searching import GONE, UnreadableError, opened
from tools.lake.erasure.versions import Marker, Version
from tools.lake.export_manifest import ERASED
from tools.lake.packed_file import LINES, PackedFile
from tools.lake.purge import BATCH

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from mypy_boto3_s3 import S3Client

    from tools.lake.erasure.searching import Opened
    from tools.lake.lease import Lease
    from tools.lake.object_lock import ObjectLock

_ATTEMPTS: Final = 5
_CHANGED: Final = (404, 409, 412)
_KEPT_HEADERS: Final = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "StorageClass",
)


class Locked(msgspec.Struct, frozen=True):
    """A version that object lock keeps: its key, its id, and until when, in ISO 8601; None under a legal hold."""

    key: str
    version: str
    until: str | None


class Outcome(msgspec.Struct, frozen=True):
    """What was done: objects rewritten, objects removed, old versions removed, and what could not be."""

    rewritten: int = 0
    removed: int = 0
    versions: int = 0
    locked: tuple[Locked, ...] = ()

    def __add__(self, other: Outcome) -> Outcome:
        """Returns the sum."""
        return Outcome(
            self.rewritten + other.rewritten,
            self.removed + other.removed,
            self.versions + other.versions,
            self.locked + other.locked,
        )


class Remover:
    """Works on the objects of one bucket while `held` is; threads may share it.

    `lock` is the bucket's object lock; `is_replicated` says that S3 replicates it, which is waited for before anything
    is removed.
    """

    def __init__(
        self, s3: S3Client, bucket: str, held: Lease, lock: ObjectLock | None, *, is_replicated: bool = False
    ) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._held = held
        self._lock = lock
        self._is_replicated = is_replicated

    def take_out(
        self,
        key: str,
        doomed: Collection[Version],
        is_of_subject: Callable[[bytes], bool] | None,
        *,
        is_listed: bool = False,
    ) -> Outcome:
        """Takes a subject out of all versions of a key.

        Args:
            key: the key.
            doomed: its versions that have something of the subject.
            is_of_subject: tells which lines go; None: the object goes as a whole.
            is_listed: whether it is a file of an export, whose manifest lists it: it stays where no line does, and says
                how many are gone.

        Raises:
            LakeError: S3 refuses, another has the lease, or the object changes all the time.
        """
        try:
            if self._is_replicated:
                replicating.wait(self._s3, self._bucket, doomed, self._held.check)
            replaced = self._replace(key, {(each.id, each.etag) for each in doomed}, is_of_subject, is_listed=is_listed)
            return replaced + self._remove_old(key, {(each.id, each.etag) for each in doomed})
        except UnreadableError as error:
            raise LakeError(f"{self._place(key)} cannot be rewritten: {error}") from None
        except (BotoCoreError, ClientError) as error:
            raise LakeError(f"{self._place(key)} cannot be erased: {reason(error)}") from None
        except OSError as error:
            raise LakeError(
                f"no room for {self._place(key)} in {tempfile.gettempdir()} ({error.strerror}); set TMPDIR to another "
                "folder"
            ) from None

    def remove_all(self, key: str) -> None:
        """Removes an object with all its versions and delete markers.

        Raises:
            LakeError: S3 refuses, or another has the lease.
        """
        try:
            there = versions.of_key(self._s3, self._bucket, key)
            self.take_out(key, [each for each in there if isinstance(each, Version)], None)
        except (BotoCoreError, ClientError) as error:
            raise LakeError(f"{self._place(key)} cannot be removed: {reason(error)}") from None

    def _replace(
        self,
        key: str,
        doomed: Collection[tuple[str, str]],
        is_of_subject: Callable[[bytes], bool] | None,
        *,
        is_listed: bool,
    ) -> Outcome:
        """Replaces what readers get, where it is doomed, or removes it where nothing would be left."""
        for _ in range(_ATTEMPTS):
            there = versions.of_key(self._s3, self._bucket, key)
            latest = next((each for each in there if each.is_latest), None)
            if not isinstance(latest, Version) or (latest.id, latest.etag) not in doomed:
                return Outcome()
            self._held.check()
            try:
                if is_of_subject is not None and self._rewrite(latest, is_of_subject, is_listed=is_listed):
                    return Outcome(rewritten=1)
                self._s3.delete_object(Bucket=self._bucket, Key=key, IfMatch=latest.etag)
                return Outcome(removed=1)
            except ClientError as error:
                # Somebody was faster, or our own answer was lost on the way: what is there decides.
                if error.response["ResponseMetadata"]["HTTPStatusCode"] not in _CHANGED:
                    raise
        raise LakeError(f"{self._place(key)} changes all the time; run the same again later")

    def _rewrite(self, latest: Version, is_of_subject: Callable[[bytes], bool], *, is_listed: bool) -> bool:
        """Puts the lines of others in the place of a version; returns False where it is left to be removed."""
        with (
            tempfile.TemporaryFile() as file,
            opened(self._s3, self._bucket, latest) as reading,
        ):
            packed_file = PackedFile(file, is_plain=not reading.is_packed)
            has_others, gone = False, 0
            for line in reading.lines:
                if is_of_subject(line):
                    gone += 1
                else:
                    packed_file.add(line)
                    has_others = has_others or bool(line.strip())
            if not (has_others or is_listed):
                return False
            packed = packed_file.finish()
            file.seek(0)
            self._held.check()
            self._s3.put_object(
                Bucket=self._bucket,
                Key=latest.key,
                Body=file,
                ChecksumSHA256=packed.sha256,
                IfMatch=latest.etag,
                **_headers(reading, packed.lines, gone if is_listed else 0),
            )
        return True

    def _remove_old(self, key: str, doomed: Collection[tuple[str, str]]) -> Outcome:
        there = versions.of_key(self._s3, self._bucket, key)
        # The latest stays: without it, readers would get the version before.
        old = [
            each
            for each in there
            if isinstance(each, Version) and (each.id, each.etag) in doomed and not each.is_latest
        ]
        locked = self._delete(old)
        gone = {each.id for each in old} - {each.version for each in locked}
        left = [each for each in there if not (isinstance(each, Version) and each.id in gone)]
        if not any(isinstance(each, Version) for each in left):
            self._delete(left)
        return Outcome(versions=len(gone), locked=tuple(locked))

    def _delete(self, found: Sequence[Version | Marker]) -> list[Locked]:
        """Deletes versions for good, and returns those that object lock keeps."""
        kept = []
        for start in range(0, len(found), BATCH):
            self._held.check()
            batch = found[start : start + BATCH]
            options: dict[str, Any] = {"BypassGovernanceRetention": True} if self._lock else {}
            answer = self._s3.delete_objects(
                Bucket=self._bucket,
                Delete={"Objects": [{"Key": each.key, "VersionId": each.id} for each in batch], "Quiet": True},
                **options,
            )
            kept += self._kept(answer.get("Errors", ()))
        return kept

    def _kept(self, errors: Iterable[Any]) -> list[Locked]:
        kept = []
        for each in errors:
            code, key, version = each.get("Code", ""), each.get("Key", ""), each.get("VersionId", "")
            if code in GONE:
                continue
            if self._lock is None or code != "AccessDenied":
                said = f"{code} {each.get('Message', '')}".rstrip()
                raise LakeError(f"version {version} of {self._place(key)} cannot be removed: {said}")
            head = self._s3.head_object(Bucket=self._bucket, Key=key, VersionId=version)
            until = head.get("ObjectLockRetainUntilDate")
            kept.append(Locked(key, version, until.isoformat() if until else None))
        return kept

    def _place(self, key: str) -> str:
        return f"s3://{self._bucket}/{key}"


def _headers(reading: Opened, count: int, gone: int) -> dict[str, Any]:
    """Returns what an object keeps when its lines become fewer; `gone` are those that it tells of."""
    answer: Any = reading.answer
    metadata = dict(answer.get("Metadata", {}))
    if LINES in metadata:
        metadata[LINES] = str(count)
    if gone:
        metadata[ERASED] = str(export_manifest.erased(answer) + gone)
    return {name: answer[name] for name in _KEPT_HEADERS if name in answer} | {"Metadata": metadata}
