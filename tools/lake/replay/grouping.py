"""Which objects of failed records become rows together. Pure: no call of AWS."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import msgspec

from tools.lake.compaction.grouping import Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tools.lake.replay.selection import Survey

MOST_LINES: Final = 20_000
"""Lines of a group, unless one object has more: so much is done anew after a run has died."""

MOST_BYTES: Final = 16 * 1024 * 1024
"""Bytes of a group as they are stored, unless one object has more."""


class Group(msgspec.Struct, frozen=True):
    """Objects of one folder, whose records become rows in one object, and one object of those that fail again."""

    error_type: str
    folder: str
    sources: tuple[Source, ...]

    @property
    def identity(self) -> str:
        """What it is told by: the same contents, in the same order, have the same one."""
        text = "\n".join(f"{source.key} {source.etag}" for source in self.sources)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def plan(surveys: Iterable[Survey], most_lines: int = MOST_LINES) -> list[Group]:
    """Returns which objects go together, in the order of their keys; what has no chosen record stays.

    Args:
        surveys: what is in the objects.
        most_lines: lines of a group.
    """
    groups: list[list[Survey]] = []
    lines = size = 0
    for each in sorted(surveys, key=lambda survey: survey.found.source.key):
        if each.unreadable or not each.chosen:
            continue
        lines, size = lines + each.lines, size + each.found.source.size
        is_full = lines > most_lines or size > MOST_BYTES
        if not groups or is_full or groups[-1][0].found.folder != each.found.folder:
            groups.append([])
            lines, size = each.lines, each.found.source.size
        groups[-1].append(each)
    return [
        Group(group[0].found.error_type, group[0].found.folder, tuple(each.found.source for each in group))
        for group in groups
    ]
