"""Processes that share a long work, and end with it."""

from __future__ import annotations

import multiprocessing
import signal
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tools.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def pool(jobs: int) -> Iterator[Executor]:
    """Yields what runs tasks in so many processes at once; a single one is a thread, which needs no start.

    What is not begun when the block is left by an error is not begun any more.

    Raises:
        LakeError: a process was ended from outside.
    """
    # Not forked: a copy of threads and open connections is no good start.
    executor: Executor = (
        ThreadPoolExecutor(1)
        if jobs == 1
        else ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _ignore_interrupts)
    )
    try:
        yield executor
    except BrokenProcessPool:
        raise LakeError("a process was ended from outside, for want of memory perhaps; try --jobs 1") from None
    finally:
        executor.shutdown(cancel_futures=True)


def _ignore_interrupts() -> None:
    # Ctrl-C goes to all processes of a terminal; the first one ends the others when they have done their tasks.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
