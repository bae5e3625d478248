"""Reads the objects of a table with all processors, as digests of their lines, and keeps what is read.

The digests of an object are kept by what it holds, so that a run which was interrupted goes on, and the next one reads
what has come since.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import as_completed
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake import data_objects, processes
from tools.lake.engines import object_cache
from tools.lake.engines.object_cache import ObjectCache
from tools.lake.reconcile import digests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from tools.lake.data_objects import Period
    from tools.lake.objects import LakeObject
    from tools.operations.summarising import Source

KEPT_BYTES: Final = 20 * 1024**3
"""What the digests of all objects may have together on this machine."""

_FORMAT: Final = "1"
"""Changes with what is kept of a line."""

_ATTEMPTS: Final = 3
_OBJECTS_OF_A_TASK: Final = 16
_GONE: Final = ("NoSuchKey", "404")


class LakeReader:
    """Reads the objects of one table, each once; `counter` is a column in which items count their versions.

    Attributes:
        objects: those that were read, in an order that does not change.
    """

    def __init__(self, source: Source, prefix: str, folder: Path, counter: str | None, jobs: int) -> None:
        self._source = source
        self._s3 = source.client()
        self._prefix = prefix
        self._counter = counter
        self._jobs = jobs
        variant = hashlib.sha256((counter or "").encode()).hexdigest()[:16]
        self._cache = ObjectCache(folder / f"{_FORMAT}-{variant}", KEPT_BYTES)
        self._known: set[tuple[str, str]] = set()
        self.objects: Final[list[LakeObject]] = []

    def new(self, period: Period, done: Callable[[LakeObject], None]) -> dict[str, int]:
        """Returns the digests of objects that were not there before: file -> number of the object in `objects`.

        Args:
            period: the hours that are looked at.
            done: called with each object that is read, and was not kept.

        Raises:
            LakeError: the lake cannot be listed or read.
        """
        try:
            listed = data_objects.list_data(self._s3, self._source.bucket, self._prefix, period)
            found = [each for each in listed if (each.key, each.etag) not in self._known]
        except (BotoCoreError, ClientError) as error:
            raise LakeError(f"s3://{self._source.bucket}/{self._prefix} cannot be listed: {reason(error)}") from None
        unread = [each for each in found if self._cache.find(self._source.bucket, each.key, each.etag) is None]
        gone = self._read(unread, done)
        added: dict[str, int] = {}
        for each in found:
            self._known.add((each.key, each.etag))
            if each.key not in gone:
                added[str(self._cache.path(self._source.bucket, each.key, each.etag))] = len(self.objects)
                self.objects.append(each)
        return added

    def trim(self) -> None:
        """Removes digests that were used longest ago, where there are too many."""
        self._cache.trim(())

    def _read(self, unread: list[LakeObject], done: Callable[[LakeObject], None]) -> set[str]:
        """Digests objects, and returns the keys of those that are gone."""
        gone: set[str] = set()
        jobs = self._jobs if sum(each.size for each in unread) > processes.FEW_BYTES else 1
        with processes.sharing(jobs) as executor:
            tasks = {
                executor.submit(_digest_all, self._source, self._cache.folder, self._counter, part): part
                for part in _parts(unread)
            }
            for task in as_completed(tasks):
                gone |= set(task.result())
                for each in tasks[task]:
                    done(each)
        return gone


def _parts(found: Iterable[LakeObject]) -> Iterator[list[LakeObject]]:
    """Groups objects: few at a time, or as many as have little in them."""
    part: list[LakeObject] = []
    size = 0
    for each in found:
        part.append(each)
        size += each.size
        if len(part) == _OBJECTS_OF_A_TASK or size > processes.FEW_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part


def _digest_all(source: Source, folder: Path, counter: str | None, found: list[LakeObject]) -> list[str]:
    """Digests objects into the cache, and returns the keys of those that are gone."""
    cache, client = ObjectCache(folder, KEPT_BYTES), source.client()
    gone = []
    for each in found:
        path = cache.path(source.bucket, each.key, each.etag)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                cache.put(path, object_cache.packed(digests.lake_lines(client, source.bucket, each.key, counter)))
                break
            except ClientError as error:
                if error.response["Error"]["Code"] in _GONE:
                    gone.append(each.key)
                    break
                raise LakeError(f"s3://{source.bucket}/{each.key} cannot be read: {reason(error)}") from None
            except BotoCoreError as error:
                # The connection broke off on the way.
                if attempt == _ATTEMPTS:
                    raise LakeError(f"s3://{source.bucket}/{each.key} cannot be read: {reason(error)}") from None
    return gone
