"""Waits for events, with a limit that a loaded machine does not reach: a test that fails here has hung."""

from __future__ import annotations

from time import monotonic, sleep
from typing import TYPE_CHECKING, Final, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT_SECONDS: Final = 300.0
POLL_SECONDS: Final = 0.3

T = TypeVar("T")


def wait_until(condition: Callable[[], T], what: str | Callable[[], str]) -> T:
    """Returns the first true value of `condition()`; fails with `what` when there is none within the limit."""
    deadline = monotonic() + LIMIT_SECONDS
    while not (value := condition()):
        if monotonic() > deadline:
            pytest.fail(f"not within {LIMIT_SECONDS:.0f} s: {what if isinstance(what, str) else what()}")
        sleep(POLL_SECONDS)
    return value
