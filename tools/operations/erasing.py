"""Erases items from a lake: looks through all versions, rewrites and removes, and looks again until nothing is left.

What is asked for results goes first: which values to look for there, the rows say. Each step can be repeated, so that
the same command goes on after whatever has interrupted it.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError, RefusedError
from tools.lake import item_keys, object_lock
from tools.lake.erasure import certificate, matching, notes, replicating, searching
from tools.lake.erasure.certificate import Look
from tools.lake.erasure.export_mending import ExportMender
from tools.lake.erasure.places import Place
from tools.lake.erasure.removing import Outcome, Remover
from tools.lake.erasure.searching import Found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tools.lake.erasure.places import Bucket
    from tools.lake.erasure.subject import Subject
    from tools.lake.lease import Lease
    from tools.operations.erasing_look import Looker, Seen
    from tools.operations.summarising import Source

ROUNDS: Final = 5
"""Times that what has come meanwhile is erased too, before the run gives up."""

THREADS: Final = 8


class Survey(msgspec.Struct, frozen=True):
    """What a look has found: by place, in counts, what could not be read, and notes that are only told."""

    found: tuple[tuple[Place, tuple[Found, ...]], ...]
    look: Look
    not_searched: dict[str, str]
    look_at: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be erased."""
        return not any(each for _, each in self.found)


class Eraser:
    """Erases one subject from the places of one table, in as many buckets as there are.

    Attributes:
        touched: bucket, key and ETag of each version that had something of the subject.
    """

    def __init__(
        self,
        subject: Subject,
        places: Sequence[Place],
        sources: Mapping[Bucket, Source],
        looker: Looker,
        *,
        threads: int = THREADS,
    ) -> None:
        self._threads = threads
        self._subject = subject
        self._places = places
        self._sources = sources
        self._looker = looker
        self._values = {
            value
            for key in (*subject.plain, *subject.written)
            for value in item_keys.values(key)
            if matching.tells(value)
        }
        self.touched: Final[set[tuple[str, str, str]]] = set()

    def survey(self, tell: Callable[[str], None]) -> Survey:
        """Looks at all places.

        Raises:
            LakeError: S3 does not list, or does not hand something over.
        """
        seen: list[tuple[Place, Seen]] = []
        for place in self._lines_first():
            found = _without_own(self._looker.look(place, self._how(place), tell, again=not self._is_text(place)))
            self._values |= {value for each in found.found for value in each.values}
            seen.append((place, found))
        at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        counts = tuple(certificate.count(place, each.found, each.searched, each.markers) for place, each in seen)
        of_subject = [(place, tuple(one for one in each.found if one.is_of_subject)) for place, each in seen]
        return Survey(
            tuple((place, each) for place, each in reversed(of_subject) if place.kind != "notes"),
            certificate.Look(at, counts),
            {
                f"s3://{place.bucket.name}/{one.version.key}": one.problem
                for place, each in seen
                for one in each.found
                if one.problem
            },
            tuple(
                f"s3://{place.bucket.name}/{one.version.key}"
                for place, each in of_subject
                for one in each
                if place.kind == "notes"
            ),
        )

    def erase(self, survey: Survey, held: Lease, tell: Callable[[str], None]) -> Outcome:
        """Takes out what a look has found.

        Raises:
            RefusedError: another tool has begun to work with one of the objects.
            LakeError: S3 refuses, or another has taken the lease over.
        """
        total = Outcome()
        removers = {bucket: self.remover(bucket, held) for bucket in self._sources}
        for place, found in survey.found:
            by_key: dict[str, list[Found]] = {}
            for each in found:
                by_key.setdefault(each.version.key, []).append(each)
                self.touched.add((place.bucket.name, each.version.key, each.version.etag))
            is_of_subject = None if self._is_text(place) else searching.matcher(place, self._subject)
            work = partial(_take_out, removers[place.bucket], place, is_of_subject)
            for done, outcome in enumerate(_in_threads(work, by_key, self._threads), start=1):
                total += outcome
                tell(f"{place.text}: {done} of {len(by_key)} objects")
        return total

    def erase_all(self, survey: Survey, held: Lease, tell: Callable[[str], None]) -> tuple[Outcome, list[Survey]]:
        """Erases and looks again, until a look finds nothing but what is locked; returns what was done and all looks.

        Raises:
            LakeError: as `erase`; or something comes all the time.
        """
        total, looks = Outcome(), [survey]
        for _ in range(ROUNDS):
            total += self.erase(looks[-1], held, tell)
            looks.append(self.survey(tell))
            kept = {each.version for each in total.locked}
            left = [one for _, found in looks[-1].found for one in found if one.version.id not in kept]
            if not left:
                return total, looks
        raise LakeError("the items come back to the lake all the time: end what writes them, and run this again")

    @property
    def sources(self) -> Mapping[Bucket, Source]:
        """The buckets that are worked on, each with what reaches it."""
        return self._sources

    def remover(self, bucket: Bucket, held: Lease) -> Remover:
        """Returns what removes from one of the buckets.

        Raises:
            LakeError: S3 does not say how the bucket is set.
        """
        s3 = self._sources[bucket].client()
        try:
            lock, is_replicated = object_lock.read(s3, bucket.name), replicating.is_replicated(s3, bucket.name)
        except (BotoCoreError, ClientError) as error:
            raise LakeError(f"cannot look at object lock and replication of {bucket.name}: {reason(error)}") from None
        return Remover(s3, bucket.name, held, lock, is_replicated=is_replicated)

    def mend_exports(self, held: Lease) -> int:
        """Makes manifests of exports tell what is left in their files; returns how many had to be written.

        Raises:
            LakeError: S3 refuses, or another has taken the lease over.
        """
        exports = [place for place in self._places if place.kind == "items"]
        return sum(
            ExportMender(self._sources[each.bucket].client(), each.bucket.name, held).mend(each.prefix)
            for each in exports
        )

    def refuse_what_others_began(self, survey: Survey, bucket: Bucket, table: str) -> None:
        """Checks that no other tool has begun to work with an object that would change.

        Raises:
            RefusedError: one has.
            LakeError: its notes cannot be read.
        """
        keys = {one.version.key for place, found in survey.found if place.bucket == bucket for one in found}
        begun = notes.claimed(self._sources[bucket].client(), bucket.name, table, keys)
        if begun:
            note = next(iter(begun.values()))
            raise RefusedError(
                f"refused: a command that was interrupted has begun to work with {len(begun)} of the objects, as "
                f"s3://{bucket.name}/{note} says; run it again until it has ended (compact: --wait), then this"
            )

    def _lines_first(self) -> list[Place]:
        return sorted(self._places, key=self._is_text)

    @staticmethod
    def _is_text(place: Place) -> bool:
        return place.kind in ("results", "notes")

    def _how(self, place: Place) -> Callable[..., Found]:
        if place.kind == "notes":
            # Numbers are sizes and times there, and short words those of every note.
            return searching.texts_of(place, [each for each in self._values if _is_telling_text(each)])
        return searching.texts_of(place, self._values) if self._is_text(place) else self._of_lines(place)

    def _of_lines(self, place: Place) -> Callable[..., Found]:
        return searching.lines_of(place, self._subject)


def _without_own(seen: Seen) -> Seen:
    """Leaves out notes of erasures under way, which have the keys until they are done."""
    kept = tuple(each for each in seen.found if f"/{notes.OPEN}" not in each.version.key)
    return msgspec.structs.replace(seen, found=kept)


def _take_out(
    remover: Remover, place: Place, is_of_subject: Callable[[bytes], bool] | None, key: str, found: Sequence[Found]
) -> Outcome:
    is_listed = place.kind == "items" and "/data/" in key
    return remover.take_out(key, [each.version for each in found], is_of_subject, is_listed=is_listed)


def _is_telling_text(value: str) -> bool:
    return len(value) >= 8 and any(character.isalpha() for character in value) and not value.startswith("{")


def _in_threads(
    work: Callable[[str, list[Found]], Outcome], by_key: Mapping[str, list[Found]], threads: int
) -> Iterator[Outcome]:
    """Yields what `work` returns for each key; after an error, what has not begun is not begun any more."""
    stop = threading.Event()
    pool = ThreadPoolExecutor(threads)

    def one(key: str, found: list[Found]) -> Outcome:
        return Outcome() if stop.is_set() else work(key, found)

    try:
        for future in [pool.submit(one, key, found) for key, found in by_key.items()]:
            yield future.result()
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)
