"""Processes beside this one that work on objects: how many, and how they start."""

from __future__ import annotations

import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

FEW_BYTES: Final = 4 * 1024 * 1024
"""Bytes of objects that are read sooner than processes start."""

ENDED: Final = "a process that reads objects was ended from outside, for want of memory perhaps"
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


def _start(start: Callable[..., None] | None, arguments: tuple[object, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if start:
        start(*arguments)
