"""Permissions as a page lists them: the table below a heading, of places and of actions."""

from __future__ import annotations

import re
from typing import Final

from tools import paths

_ACTION: Final = re.compile(r"`((?:[a-z0-9]+:)?[A-Z][A-Za-z]+)`")


def listed(page: str, heading: str) -> dict[str, list[str]]:
    """Returns place -> actions, in the order of the page; an action without a service has that of the one before."""
    text = (paths.REPOSITORY / "docs" / page).read_text(encoding="utf-8").partition(f"## {heading}\n")[2]
    found = {}
    for line in text.partition("\n## ")[0].splitlines():
        if line.startswith("| ") and not line.startswith(("| where", "|---")):
            place, _, actions = line.strip("| ").partition(" | ")
            found[place] = _named(actions)
    return found


def _named(actions: str) -> list[str]:
    service, found = "", []
    for action in _ACTION.findall(actions):
        service = action.partition(":")[0] if ":" in action else service
        found.append(action if ":" in action else f"{service}:{action}")
    return found
