"""What becomes of an export: sets of its files, each of which becomes one object of rows.

The plan lies in the lake, so that whoever carries a set out, here or in a Spark job, puts the same rows to the same
place. It holds names and counts, and nothing of what is in items.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from tools.errors import LakeError
from tools.lake import data_objects
from tools.lake.export import File
from tools.lake.row_writer import folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

SET_BYTES: Final = 32 * 1024 * 1024
"""Packed bytes of export files that become one object: what a run that dies has to do again is small, and an object is
large enough for readers."""

SET_ITEMS: Final = 50_000
"""Items that become one object, where they are small."""

SLACK_US: Final = 60_000_000
"""So much before the export's time is that of its rows, in microseconds: a change that came after the export wins,
though its time is told in whole milliseconds or is a little off. One that came just before wins too, and has the same
state.
"""

VERB: Final = "backfill"
"""Who the lease and the ledger say is at work; names of objects start with it."""


class PlannedSet(msgspec.Struct, frozen=True):
    """Files whose rows go into the object `key`; `identity` is what the ledger has the set under."""

    identity: str
    key: str
    files: tuple[File, ...]

    @property
    def items(self) -> int:
        """Items of its files."""
        return sum(file.items for file in self.files)


class Plan(msgspec.Struct, frozen=True):
    """All sets of an export.

    Attributes:
        bucket: the lake.
        table: name of the table.
        snapshot: what the identities of rows start with.
        time_us: the time of rows, in microseconds since the epoch; those of an incremental export have their own.
        is_incremental: whether the files have changes of a window, not items.
        key_names: attributes of the table's key.
        kms_key_arn: the lake's key.
        sets: the sets.
    """

    bucket: str
    table: str
    snapshot: str
    time_us: int
    is_incremental: bool
    key_names: tuple[str, ...]
    kms_key_arn: str | None
    sets: tuple[PlannedSet, ...]


def key(table: str, export_id: str) -> str:
    """Returns the key of the plan of an export."""
    return f"ledger/{table}/backfill/{export_id}/plan.json"


def sets(
    files: Iterable[File], sizes: Mapping[str, int], *, export_id: str, prefix: str, now: datetime
) -> tuple[PlannedSet, ...]:
    """Groups files, in order, into sets of `SET_BYTES` packed bytes and `SET_ITEMS` items, or of one file with more.

    Args:
        files: the files.
        sizes: bytes of each, by its key.
        export_id: the export's identity.
        prefix: the table's data prefix, which ends with a slash.
        now: the time in whose hour the rows are written.
    """
    groups = enumerate(_grouped(files, sizes))
    return tuple(_set(f"{export_id}-{number}", tuple(group), prefix, now) for number, group in groups)


def hour(planned: PlannedSet, prefix: str) -> datetime:
    """Returns the hour whose folder the rows of a set go to, below the table's data prefix.

    Raises:
        LakeError: it is in none: somebody has changed the plan.
    """
    found = data_objects.hour_of(planned.key, prefix)
    if found is None:
        raise LakeError(f"{planned.key} of a plan is no key below {prefix}; restore the plan")
    return found


def moved(planned: Plan, unwritten: Iterable[str], prefix: str, now: datetime) -> Plan:
    """Returns the plan with the sets of the identities `unwritten` in the hour of `now`."""
    chosen = frozenset(unwritten)
    return msgspec.structs.replace(
        planned,
        sets=tuple(
            _set(each.identity, each.files, prefix, now) if each.identity in chosen else each for each in planned.sets
        ),
    )


def _set(identity: str, files: tuple[File, ...], prefix: str, now: datetime) -> PlannedSet:
    return PlannedSet(identity, f"{prefix}{folder(now)}/{VERB}-{identity}.gz", files)


def _grouped(files: Iterable[File], sizes: Mapping[str, int]) -> Iterator[list[File]]:
    group: list[File] = []
    size = items = 0
    for file in files:
        more = sizes.get(file.key, 0)
        if group and (size + more > SET_BYTES or items + file.items > SET_ITEMS):
            yield group
            group, size, items = [], 0, 0
        group.append(file)
        size += more
        items += file.items
    if group:
        yield group
