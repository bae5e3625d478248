"""Processes beside this one that work on objects: how many, and how they start."""

from __future__ import annotations

import multiprocessing
import os
import signal
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from tools.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FEW_BYTES: Final = 4 * 1024 * 1024
"""Bytes of objects that are read sooner than processes start."""

ENDED: Final = "a process that works beside this one was ended from outside, for want of memory perhaps"
"""What it means that a process of a pool is gone."""


def processors() -> int:
    """Returns how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def pool(count: int, start: Callable[..., None] | None = None, *arguments: object) -> ProcessPoolExecutor:
    """Returns a pool of processes, each of which calls `start` with the arguments first.

    They leave Ctrl-C, which goes to all processes of a terminal, to this one.
    """
    # Not forked: a copy of threads and open connections is no good start.
    return ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), _start, (start, arguments))


@contextmanager
def sharing(count: int) -> Iterator[Executor]:
    """Yields what runs tasks in so many processes at once; a single one is a thread, which needs no start.

    What is not begun when the block is left by an error is not begun any more.

    Raises:
        LakeError: a process was ended from outside.
    """
    executor: Executor = ThreadPoolExecutor(1) if count == 1 else pool(count)
    try:
        yield executor
    except BrokenProcessPool:
        raise LakeError(f"{ENDED}; try --jobs 1") from None
    finally:
        executor.shutdown(cancel_futures=True)


def _start(start: Callable[..., None] | None, arguments: tuple[object, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if start:
        start(*arguments)
