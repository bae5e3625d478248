"""Times, memory and import times. Times are CPU time, which other programs on the machine disturb little."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.bench.results import FLOOR

Transform = Callable[[dict[str, Any]], dict[str, Any]]

_STATUS = Path("/proc/self/status")
_RESET_PEAK = Path("/proc/self/clear_refs")
_IN_A_CHILD = "import json, sys; from tests.bench import measure; print(json.dumps(measure.{name}(*sys.argv[1:])))"


def load(module: str) -> Transform:
    """Imports a way and returns its function."""
    return importlib.import_module(f"tests.bench.ways.{module}").transform  # type: ignore[no-any-return]


def times(modules: Sequence[str], event: dict[str, Any], rounds: int) -> dict[str, list[float]]:
    """Returns way -> seconds of CPU time, one for each round. Each round runs every way once, in another order."""
    transforms = {module: load(module) for module in modules}
    taken: dict[str, list[float]] = {module: [] for module in modules}
    with _discarded_stdout():
        for transform in transforms.values():
            transform(event)
        for number in range(rounds):
            turn = number % len(modules)
            for module in [*modules[turn:], *modules[:turn]]:
                gc.collect()
                started = time.process_time()
                transforms[module](event)
                taken[module].append(time.process_time() - started)
    return taken


def ratios(taken: dict[str, list[float]]) -> dict[str, float]:
    """Returns way -> median of its ratios to the floor, each ratio of one round."""
    return {
        module: statistics.median(mine / floor for mine, floor in zip(seconds, taken[FLOOR], strict=True))
        for module, seconds in taken.items()
    }


def memory(module: str, event: Path) -> float | None:
    """Returns the peak over the baseline, in MB, of one batch; None if the system does not tell it.

    Args:
        module: the way.
        event: file of the batch as JSON. Memory that is free after reading it is given back to the system first,
            because it would hide what the way takes.
    """
    if not _RESET_PEAK.exists():
        return None
    return _in_a_child("memory_here", module, str(event))  # type: ignore[no-any-return]


def memory_here(module: str, file: str) -> float:
    """Measures what `memory` returns, in this process."""
    transform = load(module)
    event = json.loads(Path(file).read_bytes())
    with _discarded_stdout():
        transform(event | {"records": event["records"][:10]})
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        _RESET_PEAK.write_text("5")
        before = _status("VmRSS")
        answer = transform(event)
        peak = _status("VmHWM")
    assert len(answer["records"]) == len(event["records"])
    return (peak - before) / 1_000


def cold_start(module: str, repeats: int) -> float:
    """Returns the median import time in milliseconds, in new processes that have imported the Lambda runtime."""
    return statistics.median(_in_a_child("import_here", module) for _ in range(repeats))


def import_here(module: str) -> float:
    """Imports a way in this process and returns the CPU time in milliseconds."""
    importlib.import_module("awslambdaric.bootstrap")
    importlib.import_module("tests.bench.ways")
    started = time.process_time()
    load(module)
    return (time.process_time() - started) * 1_000


def output_megabytes(module: str, event: dict[str, Any]) -> float:
    """Returns the size of a way's answer to a batch, as JSON."""
    with _discarded_stdout():
        return len(json.dumps(load(module)(event))) / 1e6


def _in_a_child(name: str, *arguments: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", _IN_A_CHILD.format(name=name), *arguments], stdout=subprocess.PIPE, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def _status(name: str) -> int:
    """Returns a member of the process's status in kB."""
    (line,) = [line for line in _STATUS.read_text().splitlines() if line.startswith(f"{name}:")]
    return int(line.split()[1])


@contextlib.contextmanager
def _discarded_stdout() -> Iterator[None]:
    """Writes stdout, to which our function logs, to the null device."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
        yield
