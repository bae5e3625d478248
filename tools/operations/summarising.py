"""Summarises the objects of a table with all processors, and keeps what is done.

An object is a task of its own, whose summary is cached. The parts add up in any order, so nothing but the sum, the
tasks under way and the rows of one chunk each are in memory.
"""

from __future__ import annotations

import multiprocessing
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import Aws, reason
from tools.errors import LakeError
from tools.lake import lines, processes, summaries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from multiprocessing.synchronize import Event

    from mypy_boto3_s3 import S3Client

    from tools.lake.lines import BadLine, Row
    from tools.lake.objects import LakeObject
    from tools.lake.summaries import Summary
    from tools.lake.summary_cache import SummaryCache

_ATTEMPTS: Final = 3
_WAITING: Final = 4
"""Objects for each process that are handed out ahead."""

_ROWS_BETWEEN_LOOKS: Final = 2048
_GONE: Final = ("NoSuchKey", "404")


@dataclass(frozen=True)
class Source:
    """A bucket, and how another process reaches it: variables in the terms of the AWS CLI, and the Region."""

    environment: Mapping[str, str]
    region: str
    bucket: str

    def client(self) -> S3Client:
        """Returns an S3 client."""
        return Aws(dict(self.environment), self.region).client("s3")


class Stopped(Exception):  # noqa: N818  # no error
    """The user does not wait for the rest of the object any more."""


def summarise(
    source: Source,
    found: Iterable[LakeObject],
    cache: SummaryCache,
    *,
    jobs: int,
    done: Callable[[LakeObject], None],
) -> Summary:
    """Returns the summary of all rows in objects.

    An object that is removed while this is at work counts as empty.

    Args:
        source: the bucket.
        found: the objects, each once.
        cache: has summaries of earlier runs, and takes those of this one.
        jobs: processes that read.
        done: called with each object when its rows are counted.

    Raises:
        LakeError: an object cannot be read, or a process ended by itself.
    """
    return summaries.merge(_each(source, found, cache, jobs, done))


def _each(
    source: Source, found: Iterable[LakeObject], cache: SummaryCache, jobs: int, done: Callable[[LakeObject], None]
) -> Iterator[Summary]:
    few: list[LakeObject] = []
    size = 0
    remaining = iter(found)
    for each in remaining:
        known = cache.get(each)
        if known is not None:
            done(each)
            yield known
            continue
        few.append(each)
        size += each.size
        if size > processes.FEW_BYTES and jobs > 1:
            yield from _with_processes(source, _chained(few, remaining), cache, jobs, done)
            return
        if jobs == 1:
            break
    client = source.client()
    for each in _chained(few, remaining):
        known = cache.get(each)
        if known is None:
            known = read(client, source.bucket, each.key)
            _keep(cache, each, known)
        done(each)
        yield known


def _chained(first: list[LakeObject], then: Iterator[LakeObject]) -> Iterator[LakeObject]:
    yield from first
    yield from then


def _with_processes(
    source: Source, found: Iterator[LakeObject], cache: SummaryCache, jobs: int, done: Callable[[LakeObject], None]
) -> Iterator[Summary]:
    stop = multiprocessing.get_context("spawn").Event()
    pool = processes.pool(jobs, _start, source, stop)
    running: dict[Future[bytes], LakeObject] = {}
    try:
        for each in found:
            known = cache.get(each)
            if known is not None:
                done(each)
                yield known
                continue
            running[pool.submit(_task, each.key)] = each
            if len(running) >= jobs * _WAITING:
                yield from _finished(running, cache, done)
        while running:
            yield from _finished(running, cache, done)
    except BrokenProcessPool:
        raise LakeError(f"{processes.ENDED}; try --jobs 1") from None
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


def _finished(
    running: dict[Future[bytes], LakeObject], cache: SummaryCache, done: Callable[[LakeObject], None]
) -> Iterator[Summary]:
    for future in wait(running, return_when=FIRST_COMPLETED).done:
        each = running.pop(future)
        summary = summaries.decode(future.result())
        _keep(cache, each, summary)
        done(each)
        yield summary


def _keep(cache: SummaryCache, found: LakeObject, summary: Summary) -> None:
    # An empty one is that of an object that was gone, which may be put back as it was.
    if summary.rows or summary.bad_lines:
        cache.put(found, summary)


class _Worker:
    """What a process of the pool has: a client, its bucket, and the event that ends its work."""

    client: S3Client
    bucket: str
    stop: Event


def _start(source: Source, stop: Event) -> None:
    _Worker.client, _Worker.bucket, _Worker.stop = source.client(), source.bucket, stop


def _task(key: str) -> bytes:
    return summaries.encode(read(_Worker.client, _Worker.bucket, key, _Worker.stop.is_set))


def read(s3: S3Client, bucket: str, key: str, is_stopped: Callable[[], bool] = lambda: False) -> Summary:
    """Returns the summary of one object; an empty one where it is gone. What breaks off on the way is read again.

    Raises:
        LakeError: it cannot be read.
        Stopped: `is_stopped` said so meanwhile.
    """

    def rows(bad: Callable[[BadLine], None]) -> Iterator[tuple[int, Row]]:
        for number, row in lines.read_rows(s3, bucket, key, bad):
            if number % _ROWS_BETWEEN_LOOKS == 0 and is_stopped():
                raise Stopped
            yield number, row

    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return summaries.summarise(key, rows)
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                break
            raise LakeError(f"s3://{bucket}/{key} cannot be read ({reason(error)})") from None
        except BotoCoreError as error:
            if attempt == _ATTEMPTS:
                raise LakeError(f"s3://{bucket}/{key} cannot be read ({reason(error)})") from None
    return summaries.merge(())
