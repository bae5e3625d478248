"""Meters what processes use: memory at most, and seconds of the processor."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import psutil  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

_SAMPLE_SECONDS: Final = 0.2


@dataclass(frozen=True)
class Use:
    """What a process has used: its largest resident memory in bytes, and seconds of the processor (user and system)."""

    peak_bytes: int
    cpu_seconds: float


class Meter:
    """Meters processes (name -> id) from its start to its end; what others have started counts as "NAME children".

    A process that ends meanwhile counts until its last sample.
    """

    def __init__(self, processes: Mapping[str, int]) -> None:
        self._processes = {name: psutil.Process(pid) for name, pid in processes.items()}
        self._first: dict[tuple[str, int], float] = {}
        self._last: dict[tuple[str, int], float] = {}
        self._peaks: dict[str, int] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="meter", daemon=True)

    def __enter__(self) -> Meter:
        """Starts to meter."""
        self._sample()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends."""
        self._stop.set()
        self._thread.join()
        self._sample()

    def add(self, processes: Mapping[str, int]) -> None:
        """Meters these too, from now on; those that it meters already stay as they are."""
        for name, pid in processes.items():
            if name not in self._processes:
                self._peaks.setdefault(name, 0)
                self._processes = {**self._processes, name: psutil.Process(pid)}

    def uses(self) -> dict[str, Use]:
        """Returns name -> what was used."""
        seconds: dict[str, float] = {}
        for (name, pid), last in self._last.items():
            seconds[name] = seconds.get(name, 0.0) + last - self._first[name, pid]
        return {name: Use(self._peaks[name], round(seconds[name], 1)) for name in seconds}

    def _run(self) -> None:
        while not self._stop.wait(_SAMPLE_SECONDS):
            self._sample()

    def _sample(self) -> None:
        for name, process in self._processes.items():
            try:
                children = process.children(recursive=True)
            except psutil.Error:
                continue
            self._add(name, [process])
            if process.pid != os.getpid():
                self._add(f"{name} children", children)

    def _add(self, name: str, processes: list[psutil.Process]) -> None:
        resident = 0
        for each in processes:
            try:
                with each.oneshot():
                    used = each.cpu_times()
                    resident += each.memory_info().rss
            except psutil.Error:
                continue
            seconds = used.user + used.system
            # A child that is new has used what it has used for this.
            self._first.setdefault((name, each.pid), seconds if name not in self._peaks else 0.0)
            self._last[name, each.pid] = seconds
        if processes:
            self._peaks[name] = max(self._peaks.get(name, 0), resident)
