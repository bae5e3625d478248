"""Raises the rate of a load step by step until a hop gives way, and names it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tools.localaws.load.running import Result

FIRST_RATE: Final = 50
"""Changes a second of the first step; each further one has twice as many."""
KEPT_UP: Final = 0.9
"""The share of its rate that a table keeps up with at least."""
LATER: Final = 0.5
"""Delivery keeps up while it ends no later than in the first step, by this share of the time of writing."""
PUT: Final = "put"
"""The hop of writing to the table."""


@dataclass(frozen=True)
class Step:
    """One step: the rate that was asked for, what it came to, and how late the first step was; None: it is that one."""

    rate: int
    result: Result
    usual_seconds: float | None

    @property
    def written_rate(self) -> float:
        """Changes a second that the table took."""
        return self.result.changes / max(self.result.written_seconds, 0.1)

    @property
    def late_seconds(self) -> float:
        """How long after the last write everything was delivered."""
        return self.result.delivered_seconds - self.result.written_seconds

    @property
    def gave_way(self) -> str:
        """The hop that did not keep up; "" where all did.

        Where delivery falls behind it is the hop whose calls took longest.
        """
        if self.written_rate < self.rate * KEPT_UP:
            return PUT
        usual = self.late_seconds if self.usual_seconds is None else self.usual_seconds
        if self.late_seconds <= usual + LATER * self.result.written_seconds:
            return ""
        hops = {hop: seconds for hop, seconds in self.result.hop_seconds.items() if hop != PUT}
        return max(hops, key=lambda hop: hops[hop], default="delivery")


def climb(run: Callable[[int], Result]) -> Iterator[Step]:
    """Yields the steps, up to the one in which a hop gives way.

    `run` writes so many changes a second, and waits until all are delivered. What is missing or altered ends it, too.
    """
    rate = FIRST_RATE
    usual = None
    while True:
        step = Step(rate, run(rate), usual)
        usual = step.late_seconds if usual is None else usual
        yield step
        if step.gave_way or step.result.faults:
            return
        rate *= 2


def lines(step: Step) -> list[str]:
    """Returns a step in a line, and one more for the hop that gave way."""
    memory = ", ".join(f"{name} {use.peak_bytes / 2**20:,.0f} MiB" for name, use in step.result.uses.items())
    shown = [
        f"{step.rate:8,} changes/s: written {step.written_rate:,.0f}/s, delivered {step.late_seconds:.1f} s after the "
        f"last; {memory}"
    ]
    return shown + ([f"    gave way: {step.gave_way}"] if step.gave_way else [])
