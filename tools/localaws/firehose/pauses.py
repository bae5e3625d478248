"""How long to wait after a step that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_PAUSE_SECONDS: Final = 10.0


class Pause:
    """Exponential backoff with jitter for one kind of step: when it may be tried again after a failure."""

    def __init__(self, jitter: Callable[[], float]) -> None:
        self._jitter = jitter
        self._failures = 0
        self.until = 0.0

    def failed(self, now: float) -> None:
        """Starts a pause, twice as long as the one before."""
        self.until = now + min(MAX_PAUSE_SECONDS, 0.5 * 2**self._failures) * (0.5 + self._jitter() / 2)
        self._failures = min(self._failures + 1, 16)

    def succeeded(self) -> None:
        """Makes the next pause short again."""
        self._failures = 0
