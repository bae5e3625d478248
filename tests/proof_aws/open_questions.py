"""The lines of docs/proven.md that only an account can settle."""

from __future__ import annotations

import re
from typing import Final

from tools import paths

PAGE: Final = paths.REPOSITORY / "docs" / "proven.md"
_HEADINGS: Final = ("What an account has to settle first:", "To be seen in an account:", "What an account has to show:")
_TO_BE_SEEN: Final = re.compile(r"\bto be seen in an account\b|\bplanned only\b", re.IGNORECASE)


def read(text: str) -> list[str]:
    """Returns the behaviours that a page says are to be seen in an account, as it words them.

    These are the rows of its tables whose last cell says so, and the lines of the lists under a paragraph that does.
    """
    found: list[str] = []
    is_open = False
    for block in re.split(r"\n{2,}", text):
        if block.startswith("- "):
            if is_open:
                found += [" ".join(each.split()) for each in re.split(r"^- ", block, flags=re.MULTILINE) if each]
        elif block.startswith("|"):
            rows = [[cell.strip() for cell in row.strip("|").split(" | ")] for row in block.splitlines()]
            found += [row[0] for row in rows if len(row) > 1 and _TO_BE_SEEN.search(row[1])]
        else:
            text = " ".join(block.split())
            is_open = any(heading in text for heading in _HEADINGS)
    return found
