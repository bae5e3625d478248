"""Which tests run: those of the short form are part of `make test`, those of the long form of targets of their own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pytest

ROUNDS: Final = int(os.environ.get("FAULT_ROUNDS", "0"))
"""How often the long form repeats what can fall otherwise each time; 0 for the short form."""


def leave_out_long(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves the tests that are marked `long` to the long form."""
    left_out = [item for item in items if item.get_closest_marker("long") and not ROUNDS]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]
