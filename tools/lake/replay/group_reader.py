"""Reads the objects of a group once, and lets the function make rows of their records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake.replay.carrying import Carrier
from tools.lake.replay.failed_objects import UnreadableError, read_lines
from tools.lake.row_ledger import Counts
from tools.lake.row_writer import spooled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_s3 import S3Client

    from tools.lake.compaction.grouping import Source
    from tools.lake.packed_file import PackedFile
    from tools.lake.replay.carrying import Transform
    from tools.lake.replay.grouping import Group
    from tools.lake.replay.selection import Selection

_CHANGED: Final = (404, 412)


class Outcome(msgspec.Struct, frozen=True):
    """What became of the records of a group, how many failed again by reason, and what was odd."""

    counts: Counts = Counts()
    reasons: dict[str, int] = {}
    warnings: tuple[str, ...] = ()

    def __add__(self, other: Outcome) -> Outcome:
        """Returns the sum."""
        reasons = {
            name: self.reasons.get(name, 0) + other.reasons.get(name, 0) for name in self.reasons | other.reasons
        }
        return Outcome(self.counts + other.counts, reasons, self.warnings + other.warnings)


class Stopped(Exception):  # noqa: N818  # no error
    """The user does not wait any more."""


class LeftAloneError(Exception):
    """Objects of a group are not what was listed, or cannot be carried over: the text says which and why."""


class GroupReader:
    """Reads groups. Threads may share it.

    Args:
        s3: a client of the lake's account.
        bucket: the lake.
        transform: the function.
        selection: the records that are chosen.
        is_stopped: says that the user does not wait any more.
    """

    def __init__(
        self, s3: S3Client, bucket: str, transform: Transform, selection: Selection, is_stopped: Callable[[], bool]
    ) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._transform = transform
        self._selection = selection
        self._is_stopped = is_stopped

    def carry(self, group: Group, rows: PackedFile, rest: PackedFile) -> Carrier:
        """Carries all lines of a group over, and returns what did so.

        Raises:
            LeftAloneError: an object has changed, or is damaged.
            LakeError: S3 refuses, the function cannot be called, or the disk is full.
            Stopped: `is_stopped` said so meanwhile.
        """
        carrier = Carrier(self._transform, self._selection, group.error_type, rows, rest)
        for source in group.sources:
            carrier.carry(self._lines(source))
        carrier.flush()
        return carrier

    def try_out(self, group: Group) -> Outcome:
        """Returns what would become of the records of a group.

        Raises:
            LakeError: S3 refuses, the function cannot be called, or the disk is full.
            Stopped: `is_stopped` said so meanwhile.
        """
        with spooled() as rows, spooled() as rest:
            try:
                carrier = self.carry(group, rows, rest)
            except LeftAloneError as error:
                return Outcome(warnings=(str(error),))
            return Outcome(carrier.counts, dict(carrier.reasons))

    def _lines(self, source: Source) -> Iterator[bytes]:
        place = f"s3://{self._bucket}/{source.key}"
        try:
            for line in read_lines(self._s3, self._bucket, source):
                if self._is_stopped():
                    raise Stopped
                yield line
        except UnreadableError as error:
            raise LeftAloneError(f"{place} stays as it is: {error}") from None
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] in _CHANGED:
                raise LeftAloneError(f"{place} changes meanwhile; run this again") from None
            raise LakeError(f"{place} cannot be read: {reason(error)}") from None
        except BotoCoreError as error:
            raise LakeError(f"{place} cannot be read: {reason(error)}") from None
