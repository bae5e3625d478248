"""Looks through all versions of all objects of a place with all processors; what was clean once is not read again."""

from __future__ import annotations

from concurrent.futures import as_completed
from typing import TYPE_CHECKING, Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake import processes
from tools.lake.erasure import searching, versions
from tools.lake.erasure.searching import Found
from tools.lake.erasure.versions import Version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from mypy_boto3_s3 import S3Client

    from tools.lake.erasure.places import Bucket, Place
    from tools.operations.summarising import Source

    Look = Callable[[S3Client, str, Version], Found]

_VERSIONS_OF_A_TASK: Final = 16


class Seen(msgspec.Struct, frozen=True):
    """What is in a place: versions with something or not readable, how many there are, and delete markers."""

    found: tuple[Found, ...]
    searched: int
    markers: int


class Looker:
    """Looks through places; `sources` say how processes reach their buckets, `jobs` how many there are."""

    def __init__(self, sources: Mapping[Bucket, Source], jobs: int) -> None:
        self._sources = sources
        self._jobs = jobs
        self._clean: set[tuple[str, str, str]] = set()

    def look(self, place: Place, how: Look, tell: Callable[[str], None], *, again: bool = True) -> Seen:
        """Returns what `how` finds in a place.

        Args:
            place: the place.
            how: looks through a version.
            tell: called with how far it is.
            again: whether to leave out what was clean in a look before; what is found depends on `how`.

        Raises:
            LakeError: S3 does not list, or does not hand something over.
        """
        source = self._sources[place.bucket]
        listed, markers = self._listed(source, place)
        unread = [each for each in listed if not again or self._name(place, each) not in self._clean]
        found: list[Found] = []
        searched = 0
        jobs = self._jobs if sum(each.size for each in unread) > processes.FEW_BYTES else 1
        with processes.sharing(jobs) as executor:
            tasks = {executor.submit(_look, source, how, part): part for part in _parts(unread)}
            for task in as_completed(tasks):
                found += task.result()
                searched += len(tasks[task])
                tell(f"{place.text}: {searched} of {len(unread)} versions")
        if again:
            dirty = {self._name(place, each.version) for each in found}
            self._clean |= {self._name(place, each) for each in unread} - dirty
        return Seen(tuple(found), len(listed), markers)

    @staticmethod
    def _name(place: Place, found: Version) -> tuple[str, str, str]:
        return place.bucket.name, found.key, f"{found.id} {found.etag}"

    @staticmethod
    def _listed(source: Source, place: Place) -> tuple[list[Version], int]:
        there, markers = [], 0
        try:
            for each in versions.listed(source.client(), place.bucket.name, place.prefix):
                if isinstance(each, Version):
                    there.append(each)
                else:
                    markers += 1
        except (BotoCoreError, ClientError) as error:
            raise LakeError(f"{place.text} cannot be listed: {reason(error)}") from None
        return there, markers


def _parts(found: Iterable[Version]) -> Iterator[list[Version]]:
    part: list[Version] = []
    size = 0
    for each in found:
        part.append(each)
        size += each.size
        if len(part) == _VERSIONS_OF_A_TASK or size > processes.FEW_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part


def _look(source: Source, how: Look, part: list[Version]) -> list[Found]:
    client = source.client()
    read = (searching.version(how, client, source.bucket, each) for each in part)
    return [each for each in read if each and (each.is_of_subject or each.problem)]
