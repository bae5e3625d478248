"""Locks a file, so that one command at a time works on a shared resource."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from tools.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def one_at_a_time(file: Path, *, seconds: float, busy: str) -> Iterator[None]:
    """Holds a lock on `file` inside the block; waits for it at most `seconds`.

    Raises:
        LakeError: another process holds it (the message is `busy`), or the file cannot be locked.
    """
    lock = FileLock(file, timeout=seconds)
    try:
        lock.acquire()
    except Timeout:
        raise LakeError(busy) from None
    except OSError as error:
        raise LakeError(f"{file} cannot be locked ({error.strerror})") from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def in_turn(file: Path, *, seconds: float) -> Iterator[None]:
    """Waits while another process is in a block of the same `file`, at most `seconds`, and then goes on all the same.

    For work that is only wasted when it is done twice at a time. Where nothing can be locked, nothing waits.
    """
    with ExitStack() as held:
        with suppress(OSError, LakeError):
            file.parent.mkdir(parents=True, exist_ok=True)
            held.enter_context(one_at_a_time(file, seconds=seconds, busy=f"{file} is held by another process"))
        yield
