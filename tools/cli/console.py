"""Prints for people: stages, progress and errors, with colour only on a terminal."""

from __future__ import annotations

from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import RenderableType

FILE_WIDTH: Final = 160
"""Columns of what is laid out for a file or a pipe."""

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def say(line: str) -> None:
    """Prints one line to standard output, without interpreting markup."""
    out.print(escape(line))


def show(what: RenderableType) -> None:
    """Prints what rich lays out, such as a table, to standard output: in a file or a pipe as wide as `FILE_WIDTH`."""
    screen = out if out.is_terminal else Console(highlight=False, width=FILE_WIDTH)
    screen.print(what)


def note(line: str) -> None:
    """Prints one line beside the result, to standard error."""
    err.print(f"[dim]{escape(line)}[/]")


def warn(line: str) -> None:
    """Prints one warning line to standard error."""
    err.print(f"[yellow]warning:[/] {escape(line)}")


def fail(line: str) -> None:
    """Prints one error line to standard error."""
    err.print(f"[bold red]error:[/] {escape(line)}")


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Prints the name of a stage when it starts, and its duration in seconds when it has succeeded."""
    out.print(f"[bold cyan]==>[/] [bold]{escape(name)}[/]")
    started = monotonic()
    yield
    out.print(f"[dim]    {escape(name)}: {monotonic() - started:.1f} s[/]")


@contextmanager
def waiting(what: str, *, quiet: bool = False) -> Iterator[None]:
    """Shows what is waited for: on a terminal a live line with the elapsed time, else one line."""
    with tallying(what, quiet=quiet):
        yield


@contextmanager
def silent(*, quiet: bool) -> Iterator[None]:
    """Prints nothing to standard output meanwhile, when `quiet`."""
    before, out.quiet = out.quiet, quiet or out.quiet
    try:
        yield
    finally:
        out.quiet = before


@contextmanager
def telling(what: str) -> Iterator[Callable[[str], None]]:
    """Shows on standard error how far something is; yields the function to call with each new state.

    Without a terminal it prints the state when two seconds are over, and then every ten.
    """
    if err.is_terminal:
        with _live(err, what) as show:
            yield show
        return
    next_at = monotonic() + 2

    def tell(state: str) -> None:
        nonlocal next_at
        if (now := monotonic()) >= next_at:
            next_at = now + 10
            note(state)

    yield tell


@contextmanager
def counting(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Shows how much of `total` is done; yields the function to call with the size of each finished part."""
    with Progress(console=out, transient=True, disable=not out.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        yield lambda part: progress.advance(task, part)


@contextmanager
def tallying(what: str, *, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """Shows what goes on, without a known end, as `waiting` does; yields the function that is told how far it is."""
    if quiet or not out.is_terminal:
        if not quiet:
            say(what)
        yield lambda _how_far: None
        return
    with _live(out, what) as show:
        yield lambda how_far: show(f"{what}: {how_far}")


@contextmanager
def _live(console: Console, what: str) -> Iterator[Callable[[str], None]]:
    """Shows a live line with the elapsed time; yields the function that changes what it says."""
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what)
        yield lambda line: progress.update(task, description=line)


@contextmanager
def downloading(what: str) -> Iterator[Callable[[int, int], None]]:
    """Shows a download on a terminal; yields the function to call with the bytes so far and the bytes of the file."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn())
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def counted(number: int, noun: str) -> str:
    """Returns a number with the noun for what it counts.

    >>> counted(1, "row"), counted(12, "row")
    ('1 row', '12 rows')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


def mib(size: int) -> str:
    """Returns a size in bytes as text in MiB."""
    return f"{size / 1024 / 1024:.1f} MiB"
