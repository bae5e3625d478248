"""Lets Ctrl-C end what an engine is about, whatever holds the main thread at the moment."""

from __future__ import annotations

import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYetError
from contextlib import contextmanager
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final, TypeVar

from tools.errors import StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import duckdb

POLL_SECONDS: Final = 0.5

T = TypeVar("T")


@contextmanager
def held_back() -> Iterator[None]:
    """Holds a first Ctrl-C back until the block has ended, which then raises KeyboardInterrupt; a second one is not."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def hold_back(number: int, _frame: object) -> None:
        if came:
            raise KeyboardInterrupt
        came.append(number)

    own = signal.signal(signal.SIGINT, hold_back)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, own)
    if came:
        raise KeyboardInterrupt


def run(connection: duckdb.DuckDBPyConnection, call: Callable[[], T], tell: Callable[[str], None]) -> T:
    """Returns what `call` on a connection does; `tell` is called with how long it takes.

    Raises:
        StoppedError: the user interrupted, and DuckDB has stopped.
    """
    started = monotonic()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(call)
        try:
            while True:
                try:
                    return running.result(POLL_SECONDS)
                except NotYetError:
                    tell(f"DuckDB: running, {monotonic() - started:.0f} s")
        except KeyboardInterrupt:
            # Again and again: an interruption is lost between two calls.
            while not running.done():
                connection.interrupt()
                sleep(0.05)
            raise StoppedError("interrupted; DuckDB has stopped") from None
