"""Shows the progress of Terraform: a line for each finished resource, and the resources still waited for."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Final, Self

from rich.markup import escape

from tools.cli import console

if TYPE_CHECKING:
    from rich.status import Status

    from tools.terraform.diagnostics import Event

REPORT_SECONDS: Final = 10
"""Without a terminal, a line about resources still waited for is printed at most this often."""

_MAX_NAMES: Final = 3


class Progress:
    """Renders Terraform's events; a live line on a terminal, plain lines elsewhere."""

    def __init__(self) -> None:
        self._status: Status = console.out.status("")
        self._waiting: dict[str, float] = {}
        self._read = 0
        self._printed_at = monotonic()

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
                    self._print(f"    {event.done}")
            case "refresh_complete":
                self._read += 1
            case "diagnostic" if event.diagnostic and not event.diagnostic.is_error and not _is_noise(event):
                console.warn(event.diagnostic.line())
            case _:
                pass
        self._update()

    def _update(self) -> None:
        line = self._summary()
        if console.out.is_terminal:
            self._status.update(escape(line))
        elif self._waiting and monotonic() - self._printed_at >= REPORT_SECONDS:
            self._print(f"    {line}")

    def _summary(self) -> str:
        if not self._waiting:
            return f"{self._read} resources read" if self._read else "working"
        addresses = sorted(self._waiting, key=self._waiting.__getitem__)
        names = ", ".join(addresses[:_MAX_NAMES]) + (
            f" and {len(addresses) - _MAX_NAMES} more" if len(addresses) > _MAX_NAMES else ""
        )
        return f"waiting for {names} ({monotonic() - self._waiting[addresses[0]]:.0f} s)"

    def _print(self, line: str) -> None:
        console.say(line)
        self._printed_at = monotonic()


def _is_noise(event: Event) -> bool:
    # The caller raises it as an error, or it only says that our own -target option is in use.
    return event.diagnostic is not None and (
        event.diagnostic.is_undeclared
        or event.diagnostic.summary in ("Resource targeting is in effect", "Applied changes may be incomplete")
    )
