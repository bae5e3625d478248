"""Compacts the tables of a lake: looks what there is to do, and does it, folder by folder, with several threads.

Packing lets go of the interpreter, so threads use all processors. Each keeps one chunk in memory, and one file on the
disk that is as large as an object becomes.
"""

from __future__ import annotations

import threading
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from itertools import groupby
from time import sleep
from typing import TYPE_CHECKING, Literal

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake import data_objects
from tools.lake.compaction import grouping
from tools.lake.compaction.folders import FolderCompactor, Outcome
from tools.lake.compaction.ledger import Ledger, Record
from tools.lake.lease import LeaseLostError
from tools.lake.row_ledger import RowLedger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mypy_boto3_s3 import S3Client

    from tools.lake.lease import Lease
    from tools.lake.objects import LakeObject


class Settings(msgspec.Struct, frozen=True):
    """How to compact: bytes of an object, how long an hour is over, how long old objects stay, and threads."""

    target_bytes: int
    margin: timedelta
    grace: timedelta
    jobs: int = 1


class Work(msgspec.Struct, frozen=True):
    """What is to be done in a folder.

    Attributes:
        folder: its name below the table's data prefix.
        step: to write new objects, to remove those that they replace, or to wait until these may be removed.
        objects: objects to read, or to remove.
        bytes: their size.
        targets: new objects.
        wait_seconds: how long they stay.
    """

    folder: str
    step: Literal["write", "remove", "wait"]
    objects: int
    bytes: int
    targets: int
    wait_seconds: int = 0


class Result(msgspec.Struct, frozen=True):
    """What was done in a folder: its outcome, or what went wrong."""

    folder: str
    outcome: Outcome = Outcome()
    error: str | None = None


class TableCompactor:
    """Compacts one table: `place` is the bucket, the table's name and its data prefix."""

    def __init__(self, s3: S3Client, place: tuple[str, str, str], settings: Settings) -> None:
        self._s3 = s3
        self._bucket, self.table, self._prefix = place
        self._settings = settings

    def survey(self, now: datetime) -> list[Work]:
        """Returns what there is to do at `now`, folder by folder.

        Raises:
            LakeError: S3 does not list, or the ledger cannot be read.
        """
        try:
            return list(self._survey(now))
        except (BotoCoreError, ClientError) as error:
            raise LakeError(f"s3://{self._bucket}/{self._prefix} cannot be listed: {reason(error)}") from None

    def _survey(self, now: datetime) -> Iterator[Work]:
        ledger = Ledger(self._s3, self._bucket, self.table)
        under_way = {folder: read[0] for folder in ledger.folders() if (read := ledger.read(folder))}
        unsettled = RowLedger(self._s3, self._bucket, self.table).unsettled()
        listed = data_objects.list_data(self._s3, self._bucket, self._prefix)
        for folder, found in groupby(listed, key=self._folder):
            each = [one for one in found if one.key.count("/") == self._prefix.count("/") + 2]
            record = under_way.pop(folder, None)
            settled = [one for one in each if one.key not in unsettled]
            work = self._going_on(record, each, now) if record else self._new(folder, settled, now)
            if work:
                yield work
        for record in under_way.values():
            yield self._going_on(record, [], now)

    def _folder(self, found: LakeObject) -> str:
        return "/".join(found.key.removeprefix(self._prefix).split("/")[:2])

    def _new(self, folder: str, found: Sequence[LakeObject], now: datetime) -> Work | None:
        hour = data_objects.hour_of(found[0].key, self._prefix) if found else None
        if hour is None or now < hour + timedelta(hours=1) + self._settings.margin:
            return None
        groups = grouping.plan(found, self._settings.target_bytes)
        return _work(folder, "write", groups) if groups else None

    def _going_on(self, record: Record, found: Sequence[LakeObject], now: datetime) -> Work:
        if not record.is_written:
            return _work(record.folder, "write", [group for group in record.groups if group.target is None])
        targets = {group.key for group in record.groups}
        # A target that is not listed is looked for when its turn comes.
        newest = max((each.written_at for each in found if each.key in targets), default=now - self._settings.grace)
        left = newest + self._settings.grace - now
        work = _work(record.folder, "remove", record.groups)
        if left <= timedelta():
            return work
        return msgspec.structs.replace(work, step="wait", wait_seconds=int(left.total_seconds()) + 1)

    def run(self, works: Sequence[Work], held: Lease, done: Callable[[Result], None]) -> list[Result]:
        """Does what is to be done, while `held` is, and calls `done` with each result; returns all.

        What fails in one folder stops no other.

        Raises:
            LeaseLostError: another has taken the lease over.
        """
        stop = threading.Event()
        compactor = FolderCompactor(
            self._s3,
            self._bucket,
            self.table,
            prefix=self._prefix,
            target_bytes=self._settings.target_bytes,
            held=held,
            is_stopped=stop.is_set,
        )
        results = []
        pool = ThreadPoolExecutor(self._settings.jobs)
        try:
            running = {pool.submit(self._one, compactor, work) for work in works if work.step != "wait"}
            while running:
                finished, running = _first(running)
                for future in finished:
                    result = future.result()
                    results.append(result)
                    done(result)
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)
        return results

    def run_to_the_end(
        self, works: Sequence[Work], held: Lease, done: Callable[[Result], None], waiting: Callable[[int], None]
    ) -> list[Result]:
        """Does what is to be done as `run` does, waits until old objects may be removed, and removes them.

        Args:
            works: what is to be done.
            held: the lease on the table.
            done: called with each result.
            waiting: called each second with those that are left.

        Raises:
            LakeError: S3 does not list, or another has taken the lease over.
        """
        results = self.run(works, held, done)
        left = {work.folder for work in works} - {result.folder for result in results if result.error}
        while works := [
            work for work in self.survey(datetime.now(UTC)) if work.folder in left and work.step != "write"
        ]:
            for seconds in range(max(work.wait_seconds for work in works), 0, -1):
                waiting(seconds)
                sleep(1)
            finished = self.run([msgspec.structs.replace(work, step="remove") for work in works], held, done)
            results += finished
            left -= {result.folder for result in finished if not result.outcome.wait_seconds}
            sleep(1 if left else 0)
        return results

    def _one(self, compactor: FolderCompactor, work: Work) -> Result:
        try:
            if work.step == "write":
                return Result(work.folder, compactor.write(work.folder))
            return Result(work.folder, compactor.remove(work.folder, self._settings.grace))
        except LeaseLostError:
            raise
        except LakeError as error:
            return Result(work.folder, error=str(error))
        except (BotoCoreError, ClientError) as error:
            return Result(work.folder, error=f"s3://{self._bucket}/{self._prefix}{work.folder}/: {reason(error)}")


def _first(running: set[Future[Result]]) -> tuple[set[Future[Result]], set[Future[Result]]]:
    finished = wait(running, timeout=1, return_when=FIRST_COMPLETED)
    return finished.done, finished.not_done


def _work(folder: str, step: Literal["write", "remove"], groups: Sequence[grouping.Group]) -> Work:
    objects, size = sum(len(group.sources) for group in groups), sum(group.size for group in groups)
    return Work(folder, step, objects, size, len(groups))
