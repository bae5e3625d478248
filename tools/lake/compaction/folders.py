"""Compacts one folder, a step at a time: writes the new objects, and later removes those whose lines they hold.

Each step is noted in the ledger before the next, and does nothing that is done already: whenever it is killed, the same
command goes on. Nothing is removed unless the object that has its lines is there, as it was written.
"""

from __future__ import annotations

import tempfile
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake import lease, objects, removal
from tools.lake.compaction import grouping, merging
from tools.lake.compaction.grouping import Target
from tools.lake.compaction.ledger import Ledger, Record
from tools.lake.packed_file import LINES, PackedFile
from tools.lake.row_ledger import RowLedger

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

    from tools.lake.compaction.grouping import Group, Source
    from tools.lake.lease import Lease
    from tools.lake.objects import LakeObject

_ATTEMPTS: Final = 3
_MISSING: Final = 404
_CHANGED: Final = (404, 409, 412)


class Outcome(msgspec.Struct, frozen=True):
    """What a step did: objects and bytes written, objects removed, seconds until the rest can be, and what was odd."""

    written: int = 0
    written_bytes: int = 0
    removed: int = 0
    wait_seconds: int = 0
    warnings: tuple[str, ...] = ()


class FolderCompactor:
    """Compacts folders of one table, while `held` is.

    Args:
        s3: a client, which threads may share.
        bucket: the lake.
        table: name of the table.
        prefix: its data prefix, which ends with a slash.
        target_bytes: how large objects are to be.
        held: the lease on the table.
        is_stopped: says that the user does not wait any more.
    """

    def __init__(
        self,
        s3: S3Client,
        bucket: str,
        table: str,
        *,
        prefix: str,
        target_bytes: int,
        held: Lease,
        is_stopped: Callable[[], bool],
    ) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._table = table
        self._prefix = prefix
        self._target_bytes = target_bytes
        self._held = held
        self._is_stopped = is_stopped
        self._ledger = Ledger(s3, bucket, table)
        self._rows = RowLedger(s3, bucket, table)

    def write(self, folder: str) -> Outcome:
        """Writes the new objects of a folder that are not there yet.

        Raises:
            LakeError: S3 refuses, another has the lease, or the disk is full.
        """
        listed = {each.key: each for each in direct(self._s3, self._bucket, f"{self._prefix}{folder}/")}
        found = self._ledger.read(folder)
        if found is None:
            unsettled = self._rows.unsettled()
            settled = [each for key, each in listed.items() if key not in unsettled]
            groups = tuple(grouping.plan(settled, self._target_bytes))
            if not groups:
                return Outcome()
            self._held.check()
            record = Record(self._table, folder, groups)
            etag = self._ledger.write(record, None)
        else:
            record, etag = found
        written: list[Target] = []
        warnings: list[str] = []
        index = 0
        while index < len(record.groups):
            group = record.groups[index]
            if group.target is None:
                self._held.check()
                changed = self._attempt(group, listed, warnings)
                record = record.with_group(index, changed)
                etag = self._ledger.write(record, etag)
                if changed is None or changed.target is None:
                    continue
                written.append(changed.target)
            index += 1
        if not record.groups:
            self._ledger.drop(folder)
        return Outcome(len(written), sum(target.size for target in written), warnings=tuple(warnings))

    def remove(self, folder: str, grace: timedelta) -> Outcome:
        """Removes the objects of a folder whose lines others have had for at least `grace`, by S3's clock.

        A version stays of each. One that is not what was read stays as it is.

        Raises:
            LakeError: a new object is not there as it was written, S3 refuses, or another has the lease.
        """
        found = self._ledger.read(folder)
        if found is None or not found[0].is_written:
            return Outcome()
        record, etag = found
        ages = []
        for index, group in enumerate(record.groups):
            head = self._head(group.key)
            if head is None and self._has_all(folder, group):
                # Somebody removed it, and its lines are all where they came from: it is written again.
                self._ledger.write(record.with_group(index, msgspec.structs.replace(group, target=None)), etag)
                return Outcome(warnings=(f"{self._place(group.key)} is gone, and is written again by the next run",))
            self._check(group, head)
            ages.append(lease.clock(head) - head["LastModified"] if head else timedelta())
        left = grace - min(ages)
        if left > timedelta():
            return Outcome(wait_seconds=int(left.total_seconds()) + 1)
        warnings: list[str] = []
        sources = [source for group in record.groups for source in group.sources]
        removed = removal.remove_unchanged(self._s3, self._bucket, sources, self._held, warnings.append)
        self._ledger.close(record)
        return Outcome(removed=removed, warnings=tuple(warnings))

    def _attempt(self, group: Group, listed: Mapping[str, LakeObject], warnings: list[str]) -> Group | None:
        """Returns the group with its target; one with fewer sources, or None, where one of them cannot be read."""
        there = [source for source in group.sources if _is_listed(source, listed)]
        if len(there) < len(group.sources):
            # What was removed or replaced since the plan must not come back with it.
            self._remove_unfinished(group, listed)
            return None
        try:
            target = self._written_before(group) if group.key in listed else None
            return msgspec.structs.replace(group, target=target or self._write(group))
        except merging.DamagedSourceError as error:
            warnings.append(f"{self._place(error.key)} stays as it is: {error}")
            return group.without(error.key)
        except merging.Stopped:
            raise
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] not in _CHANGED:
                raise LakeError(f"{self._place(group.key)} cannot be written: {reason(error)}") from None
            warnings.append(f"{self._place(group.key)}: its sources change meanwhile; the next run looks again")
            return None
        except BotoCoreError as error:
            raise LakeError(f"{self._place(group.key)} cannot be written: {reason(error)}") from None
        except OSError as error:
            raise LakeError(
                f"no room for {self._place(group.key)} in {tempfile.gettempdir()} ({error.strerror}); set TMPDIR to "
                "another folder, or give a smaller --target-size"
            ) from None

    def _write(self, group: Group) -> Target:
        for attempt in range(1, _ATTEMPTS + 1):
            with tempfile.TemporaryFile() as file:
                packed_file = PackedFile(file)
                try:
                    merged = merging.merge(self._s3, self._bucket, group.sources, packed_file, self._is_stopped)
                except BotoCoreError:
                    # The connection broke off on the way.
                    if attempt == _ATTEMPTS:
                        raise
                    continue
                answer = packed_file.put(self._s3, (self._bucket, group.key), merged, {})
                return Target(answer["ETag"].strip('"'), merged.size, merged.sha256, merged.lines)
        raise AssertionError("the last attempt returns or raises")

    def _written_before(self, group: Group) -> Target | None:
        """Returns what a run wrote that was killed before it could note so."""
        head = self._head(group.key)
        if head is None or "ChecksumSHA256" not in head:
            return None
        lines = int(head["Metadata"].get(LINES, 0))
        return Target(head["ETag"].strip('"'), head["ContentLength"], head["ChecksumSHA256"], lines)

    def _remove_unfinished(self, group: Group, listed: Mapping[str, LakeObject]) -> None:
        if group.key in listed:
            self._s3.delete_object(Bucket=self._bucket, Key=group.key, IfMatch=listed[group.key].etag)

    def _has_all(self, folder: str, group: Group) -> bool:
        listed = {each.key: each for each in direct(self._s3, self._bucket, f"{self._prefix}{folder}/")}
        return all(_is_listed(source, listed) for source in group.sources)

    def _head(self, key: str) -> HeadObjectOutputTypeDef | None:
        try:
            return self._s3.head_object(Bucket=self._bucket, Key=key, ChecksumMode="ENABLED")
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == _MISSING:
                return None
            raise LakeError(f"{self._place(key)} cannot be looked at: {reason(error)}") from None
        except BotoCoreError as error:
            raise LakeError(f"{self._place(key)} cannot be looked at: {reason(error)}") from None

    def _check(self, group: Group, head: HeadObjectOutputTypeDef | None) -> None:
        place = self._place(group.key)
        if head is None:
            raise LakeError(
                f"{place} is gone, which has the lines of objects that are partly removed; restore its version; "
                "nothing more was removed"
            )
        seen = head["ETag"].strip('"'), head["ContentLength"], head.get("ChecksumSHA256")
        if group.target is None or seen != (group.target.etag, group.target.size, group.target.sha256):
            raise LakeError(
                f"{place} is not what compaction wrote; restore that version, or remove it where all objects that it "
                "was made of are there; nothing was removed"
            )

    def _place(self, key: str) -> str:
        return f"s3://{self._bucket}/{key}"


def direct(s3: S3Client, bucket: str, folder: str) -> list[LakeObject]:
    """Returns the objects right below a folder, which ends with a slash, as readers see them."""
    return [
        found
        for found in objects.list_objects(s3, bucket, folder)
        if "/" not in (name := found.key.removeprefix(folder)) and not name.startswith(("_", ".")) and found.size
    ]


def _is_listed(source: Source, listed: Mapping[str, LakeObject]) -> bool:
    return source.key in listed and listed[source.key].etag == source.etag
