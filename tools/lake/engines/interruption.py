"""Lets Ctrl-C end what DuckDB is about: its calls hold the main thread, which then hears no signal."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYetError
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final, TypeVar

from tools.errors import StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

POLL_SECONDS: Final = 0.5

T = TypeVar("T")


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
