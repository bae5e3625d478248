"""What a look at the account finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Weight(Enum):
    """How much a finding matters."""

    STOPS = "stops"
    """The apply would fail, half done."""
    HURTS = "hurts"
    """The apply would succeed, and what it makes would not work as it should."""
    NOTE = "note"
    """Something could not be looked at."""


@dataclass(frozen=True)
class Finding:
    """One thing: where it is, what is wrong, and what to do about it (empty where nothing is to be done)."""

    weight: Weight
    where: str
    what: str
    remedy: str = ""

    @property
    def line(self) -> str:
        """The finding in one line."""
        return f"{self.where}: {self.what}" + (f"; {self.remedy}" if self.remedy else "")


def stops(where: str, what: str, remedy: str) -> Finding:
    """Returns a finding that would stop the apply."""
    return Finding(Weight.STOPS, where, what, remedy)


def hurts(where: str, what: str, remedy: str) -> Finding:
    """Returns a finding that would hurt what the apply makes."""
    return Finding(Weight.HURTS, where, what, remedy)


def note(where: str, what: str) -> Finding:
    """Returns a note on what could not be looked at."""
    return Finding(Weight.NOTE, where, what)
