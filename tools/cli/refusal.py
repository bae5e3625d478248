"""Refuses a command for everything that is wrong with it at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.cli import console
from tools.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_LINES: Final = 20
"""Lines that one refusal prints; the last one counts the problems that are left."""


def refuse(problems: Iterable[str]) -> None:
    """Prints one line for each of the problems, each once, and ends the command; returns when there are none.

    Raises:
        UsageError: with the last line, which whoever catches it prints like the others.
    """
    lines = list(dict.fromkeys(problems))
    if len(lines) > MOST_LINES:
        left = len(lines) - MOST_LINES + 1
        lines = [*lines[: MOST_LINES - 1], f"{left} more problems like these"]
    for line in lines[:-1]:
        console.fail(line)
    if lines:
        raise UsageError(lines[-1])
