"""What people see: stages, progress, tables and errors, with colour only on a terminal."""

from __future__ import annotations

from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from collections.abc import Iterator

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def say(line: str) -> None:
    """Prints one line to standard output, taken literally (no markup)."""
    out.print(escape(line))


def warn(line: str) -> None:
    """Prints one warning line to standard error."""
    err.print(f"[yellow]warning:[/] {escape(line)}")


def fail(line: str) -> None:
    """Prints one error line to standard error."""
    err.print(f"[bold red]error:[/] {escape(line)}")


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Announces a stage of a command when it starts, and its duration in seconds when it is done."""
    out.print(f"[bold cyan]==>[/] [bold]{escape(name)}[/]")
    started = monotonic()
    yield
    out.print(f"[dim]    {escape(name)}: {monotonic() - started:.1f} s[/]")
