"""The certificate of an erasure: what was searched and removed, and what is beyond it. It has no value of an item."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from tools.lake.erasure.removing import Locked, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tools.lake.erasure.places import Place
    from tools.lake.erasure.searching import Found


class Counts(msgspec.Struct, frozen=True):
    """What one place has.

    Attributes:
        place: the place, as `s3://BUCKET/PREFIX`.
        objects: keys that have something of the subject, in any version.
        versions: versions that do; `old` of them are not what readers get.
        old: see `versions`.
        rows: lines of the subject in them; an object that goes as a whole has none.
        bytes: size of these versions, as they are stored.
        others_in_old: lines of others in the old ones, which go with them.
        searched: versions that were looked through.
        delete_markers: delete markers below the prefix.
    """

    place: str
    objects: int = 0
    versions: int = 0
    old: int = 0
    rows: int = 0
    bytes: int = 0
    others_in_old: int = 0
    searched: int = 0
    delete_markers: int = 0


class Look(msgspec.Struct, frozen=True):
    """One look at all places: when, in ISO 8601, and what there was."""

    at: str
    places: tuple[Counts, ...]


class Beyond(msgspec.Struct, frozen=True):
    """A copy that erasure does not reach: what it is, when it is gone in ISO 8601 (None: not by itself), and how."""

    what: str
    gone_by: str | None
    how: str


class Certificate(msgspec.Struct, frozen=True):
    """What was done.

    Attributes:
        id: its name.
        table: the table.
        by: the ARN of who did it.
        asked: HMAC-SHA-256 of what was asked for, under a salt that only the operator was told.
        asked_by: whether keys were given, or a value of a column.
        items: how many items it came to.
        started: when it began, in ISO 8601; where it was interrupted, the first time.
        ended: when it was done.
        looks: each look at all places; the last has found nothing.
        done: what was written and removed since the last interruption.
        exports: exports whose manifests were written anew since then.
        not_searched: objects that could not be read, and why.
        look_at: notes of tools that have a text of the subject.
        beyond: copies that are not reached.
    """

    id: str
    table: str
    by: str
    asked: str
    asked_by: Literal["key", "column"]
    items: int
    started: str
    ended: str
    looks: tuple[Look, ...]
    done: Outcome
    exports: int
    not_searched: dict[str, str]
    look_at: tuple[str, ...]
    beyond: tuple[Beyond, ...]

    @property
    def locked(self) -> tuple[Locked, ...]:
        """Versions that object lock keeps."""
        return self.done.locked

    @property
    def is_complete(self) -> bool:
        """Whether all that is in the lake's buckets was searched, and what was found is gone."""
        return not self.not_searched and not self.locked

    def encoded(self) -> bytes:
        """Returns it as JSON."""
        return json.dumps(msgspec.to_builtins(self), indent=1, ensure_ascii=False).encode() + b"\n"


def count(place: Place, found: Iterable[Found], searched: int, markers: int) -> Counts:
    """Returns what was found in a place."""
    mine: list[Any] = [each for each in found if each.is_of_subject]
    old = [each for each in mine if not each.version.is_latest]
    return Counts(
        place.text,
        objects=len({each.version.key for each in mine}),
        versions=len(mine),
        old=len(old),
        rows=sum(each.lines for each in mine),
        bytes=sum(each.version.size for each in mine),
        others_in_old=sum(each.others for each in old),
        searched=searched,
        delete_markers=markers,
    )
