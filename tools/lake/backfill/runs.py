"""Runs of a backfill that are under way: which exports they are of, and which of these are rows already."""

from __future__ import annotations

from typing import Final

import msgspec

from tools.lake.export import Window
from tools.lake.gaps import Gap

LOAD: Final = "load"
"""Name of the run that loads a whole table."""


class Part(msgspec.Struct, frozen=True):
    """One export of a run.

    Attributes:
        token: what DynamoDB knows the request by, so that it begins one export whoever asks again.
        window: what it is of; None: of the whole table.
        arn: the export, when it has been begun.
        has_rows: whether its rows are written.
        is_done: whether nothing is left to be done with it.
    """

    token: str
    window: Window | None = None
    arn: str = ""
    has_rows: bool = False
    is_done: bool = False


class Run(msgspec.Struct, frozen=True):
    """A run.

    Attributes:
        name: what it is told by while it is under way.
        parts: its exports, in the order in which they are carried out.
        keeps_exports: whether these are kept afterwards.
        gap: the span whose versions are lost, where that is what is healed.
    """

    name: str
    parts: tuple[Part, ...]
    keeps_exports: bool
    gap: Gap | None = None

    def with_part(self, number: int, part: Part) -> Run:
        """Returns the run with another part in the place of one."""
        return msgspec.structs.replace(self, parts=(*self.parts[:number], part, *self.parts[number + 1 :]))


def root(table: str) -> str:
    """Returns what the keys of a table's runs start with."""
    return f"ledger/{table}/backfill/"
