"""Shows what Terraform is doing: a line for each resource that it finished, and what it still waits for."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Final, Self

from rich.markup import escape

from tools.cli import console

if TYPE_CHECKING:
    from rich.status import Status

    from tools.terraform.diagnostics import Event

QUIET_SECONDS: Final = 10
"""Without a terminal there is no live line: say what is being waited for at most this often."""

_NAMED: Final = 3


class Progress:
    """Renders Terraform's events; a live line on a terminal, plain lines elsewhere."""

    def __init__(self) -> None:
        self._status: Status = console.out.status("")
        self._waiting: dict[str, float] = {}
        self._read = 0
        self._said = monotonic()

    def __enter__(self) -> Self:
        if console.out.is_terminal:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._status.stop()

    def show(self, event: Event) -> None:
        """Shows one event."""
        address = event.address
        match event.type:
            case "apply_start":
                self._waiting[address] = monotonic()
            case "apply_complete" | "apply_errored":
                self._waiting.pop(address, None)
                if event.type == "apply_complete" and event.done:
                    self._line(f"    {event.done}")
            case "refresh_complete":
                self._read += 1
            case "diagnostic" if event.diagnostic and not event.diagnostic.is_error and not _is_noise(event):
                console.warn(event.diagnostic.line())
            case _:
                pass
        self._live()

    def _live(self) -> None:
        line = self._summary()
        if console.out.is_terminal:
            self._status.update(escape(line))
        elif self._waiting and monotonic() - self._said >= QUIET_SECONDS:
            self._line(f"    {line}")

    def _summary(self) -> str:
        if not self._waiting:
            return f"{self._read} resources read" if self._read else "working"
        oldest = sorted(self._waiting, key=self._waiting.__getitem__)
        named = ", ".join(oldest[:_NAMED]) + (f" and {len(oldest) - _NAMED} more" if len(oldest) > _NAMED else "")
        return f"waiting for {named} ({monotonic() - self._waiting[oldest[0]]:.0f} s)"

    def _line(self, line: str) -> None:
        console.say(line)
        self._said = monotonic()


def _is_noise(event: Event) -> bool:
    # Raised as an error by the caller, or the plain consequence of a target that we chose ourselves.
    return event.diagnostic is not None and (
        event.diagnostic.is_undeclared
        or event.diagnostic.summary in ("Resource targeting is in effect", "Applied changes may be incomplete")
    )
