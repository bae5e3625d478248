"""Runs one thing in a process of its own, and measures it with all processes that it starts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

SAMPLE_SECONDS = 0.1
_PROC = Path("/proc")


class Measured(NamedTuple):
    """What a run took, and what it answered.

    Attributes:
        wall: seconds.
        cpu: seconds of all processors, in all of its processes.
        memory: the most that its processes had together at one of the moments that were looked at, in MiB. What they
            share is counted in each.
        spilt: the most bytes in the files that DuckDB had put aside, in MiB.
        answer: a number that says that it did its work: rows, mostly.
    """

    wall: float
    cpu: float
    memory: int
    spilt: int
    answer: int


def run(way: str, lake: Path, scratch: Path, cores: int) -> Measured:
    """Measures a way of `asking` on so many processors."""
    started = time.monotonic()
    allowed = ",".join(map(str, sorted(os.sched_getaffinity(0))[:cores]))
    command = [sys.executable, "-m", "tests.bench.lake.asking", way, str(lake), str(scratch)]
    with subprocess.Popen(["taskset", "--cpu-list", allowed, *command], stdout=subprocess.PIPE) as process:
        memory = spilt = 0
        while True:
            done, status, usage = os.wait4(process.pid, os.WNOHANG)
            if done:
                break
            memory = max(memory, sum(map(_resident, _tree(process.pid))))
            spilt = max(spilt, _size(scratch))
            time.sleep(SAMPLE_SECONDS)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - started
        assert process.stdout is not None
        printed = process.stdout.read()
    if process.returncode:
        sys.exit(f"error: {' '.join(command)} ended with {process.returncode}")
    return Measured(wall, usage.ru_utime + usage.ru_stime, memory >> 20, spilt >> 20, json.loads(printed))


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for task in _listed(_PROC / str(pid) / "task"):
        for child in _read(task / "children").split():
            yield from _tree(int(child))


def _resident(pid: int) -> int:
    pages = _read(_PROC / str(pid) / "statm").split()
    return int(pages[1]) * os.sysconf("SC_PAGE_SIZE") if pages else 0


def _listed(folder: Path) -> Sequence[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return ()


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""


def _size(scratch: Path) -> int:
    try:
        return sum(file.stat().st_size for file in scratch.glob("copies/spill/*"))
    except FileNotFoundError:
        return 0
