"""Replays the failed records of a table: looks what there is, and does it, group by group, with several threads.

Threads wait for the function and for S3 most of the time. Each keeps the records of one call in memory, and two files
on the disk that are as large as the rows of a group.
"""

from __future__ import annotations

import threading
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake import failed_records
from tools.lake.replay import failed_objects, group_replayer, grouping
from tools.lake.replay.failed_objects import UnreadableError
from tools.lake.replay.group_reader import GroupReader, Outcome
from tools.lake.replay.group_replayer import GroupReplayer
from tools.lake.replay.selection import Selection, Survey
from tools.lake.row_ledger import RowLedger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from mypy_boto3_s3 import S3Client

    from tools.deployments.outputs import Table
    from tools.lake.lease import Lease
    from tools.lake.replay.carrying import Transform
    from tools.lake.replay.failed_objects import FailedObject
    from tools.lake.replay.grouping import Group

T = TypeVar("T")
U = TypeVar("U")

_AHEAD: Final = 4
"""Tasks for each thread that are handed out at a time."""

_GONE: Final = (404, 412)
_FORBIDDEN: Final = 403


class Settings(msgspec.Struct, frozen=True):
    """How to replay: which records, threads, and lines of a group."""

    selection: Selection
    jobs: int
    most_lines: int = grouping.MOST_LINES


class TableReplayer:
    """Replays one table: `table` is its name, and what the outputs say of it."""

    def __init__(self, s3: S3Client, bucket: str, table: tuple[str, Table], settings: Settings) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._name, self._table = table
        self._settings = settings

    def survey(self, done: Callable[[Survey], None]) -> list[Survey]:
        """Returns what is in each object of failed records, and calls `done` with each.

        Raises:
            LakeError: S3 refuses.
        """
        written = {source.key for source in group_replayer.written(RowLedger(self._s3, self._bucket, self._name))}
        found = (each for each in self._listed() if each.source.key not in written)
        return list(self._in_threads(self._survey, found, done))

    def replay(
        self, surveys: Sequence[Survey], transform: Transform, held: Lease, done: Callable[[Outcome], None]
    ) -> Outcome:
        """Replays what was surveyed, while `held` is, calls `done` with each group's outcome, and returns their sum.

        Raises:
            LakeError: S3 refuses, another has taken the lease over, or the function cannot be called. What is done
                stays done.
        """
        stop = threading.Event()
        replayer = GroupReplayer(
            self._s3,
            self._bucket,
            self._name,
            prefixes=(self._table.data_prefix, self._table.error_prefix),
            reader=self._reader(transform, stop),
            held=held,
        )
        begun = Outcome(warnings=tuple(replayer.go_on(self._plan(surveys))))
        # What was finished just now is no longer there.
        there = {each.source for each in self._listed()}
        groups = self._plan(each for each in surveys if each.found.source in there)
        total = sum(self._in_threads(replayer.replay, groups, done, stop), begun)
        replayer.sweep()
        return total

    def try_out(self, surveys: Iterable[Survey], transform: Transform, done: Callable[[Outcome], None]) -> Outcome:
        """Returns what `replay` would do; writes nothing.

        Raises:
            LakeError: S3 refuses, or the function cannot be called.
        """
        stop = threading.Event()
        reader = self._reader(transform, stop)
        return sum(self._in_threads(reader.try_out, self._plan(surveys), done, stop), Outcome())

    def _plan(self, surveys: Iterable[Survey]) -> list[Group]:
        return grouping.plan(surveys, self._settings.most_lines)

    def _reader(self, transform: Transform, stop: threading.Event) -> GroupReader:
        return GroupReader(self._s3, self._bucket, transform, self._settings.selection, stop.is_set)

    def _listed(self) -> Iterator[FailedObject]:
        try:
            yield from failed_objects.list_failed(self._s3, self._bucket, self._table.error_prefix)
        except (BotoCoreError, ClientError) as error:
            raise self._failed(self._table.error_prefix, error) from None

    def _survey(self, found: FailedObject) -> Survey:
        survey = Survey(found)
        try:
            for line in failed_objects.read_lines(self._s3, self._bucket, found.source):
                survey.add(failed_records.replayable(line), self._settings.selection)
        except UnreadableError as error:
            return Survey(found, unreadable=str(error))
        except (BotoCoreError, ClientError) as error:
            if _status(error) in _GONE:
                return Survey(found)
            raise self._failed(found.source.key, error) from None
        return survey

    def _in_threads(
        self,
        work: Callable[[T], U],
        members: Iterable[T],
        done: Callable[[U], None],
        stop: threading.Event | None = None,
    ) -> Iterator[U]:
        """Yields what `work` returns for each member, in any order; one that fails ends all."""
        remaining = iter(members)
        pool = ThreadPoolExecutor(self._settings.jobs)
        running: set[Future[U]] = set()
        try:
            while True:
                for member in islice(remaining, self._settings.jobs * _AHEAD - len(running)):
                    running.add(pool.submit(work, member))
                if not running:
                    return
                # Ctrl-C is noticed between two waits.
                finished, running = wait(running, timeout=1, return_when=FIRST_COMPLETED)
                for future in finished:
                    result = future.result()
                    done(result)
                    yield result
        finally:
            if stop:
                stop.set()
            pool.shutdown(cancel_futures=True)

    def _failed(self, key: str, error: BotoCoreError | ClientError) -> LakeError:
        closed = _status(error) == _FORBIDDEN and self._table.rules
        more = "; failed records of a table with rules are open to original_reader_role_arns alone" if closed else ""
        return LakeError(f"s3://{self._bucket}/{key} cannot be read: {reason(error)}{more}")


def _status(error: BotoCoreError | ClientError) -> int:
    return error.response["ResponseMetadata"]["HTTPStatusCode"] if isinstance(error, ClientError) else 0
