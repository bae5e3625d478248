"""An append-only journal of small changes, so that a killed process loses none that it has acknowledged.

A journal belongs to one service and consists of numbered parts. A snapshot of the service begins a new part at the
instant it is taken, and removes the older parts once it is on disk: snapshot and remaining parts, replayed in order,
always give the latest state. Entries must be replayable twice.
"""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Journal:
    """The journal of `service` in `folder`: entries are JSON arrays, one a line."""

    def __init__(self, folder: Path, service: str) -> None:
        self._folder = folder
        self._service = service
        self._lock = threading.Lock()
        self._part = max(self._parts(), default=0)
        self._handle: int | None = None
        self.size = sum(self._path(part).stat().st_size for part in self._parts())
        """Bytes since the last snapshot."""

    def append(self, *entry: object) -> None:
        """Writes the entry to the operating system: it survives this process, but not a power cut."""
        line = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
        with self._lock:
            if self._handle is None:
                self._part += 1
                self._handle = os.open(self._path(self._part), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.write(self._handle, line)
            self.size += len(line)

    def sync(self) -> None:
        """Writes all entries so far to the disk: they then survive a power cut too."""
        with self._lock:
            if self._handle is not None:
                os.fsync(self._handle)

    def begin_part(self) -> int:
        """Starts a new part for later entries; returns the number of the last part that a snapshot taken now covers."""
        with self._lock:
            if self._handle is not None:
                os.close(self._handle)
                self._handle = None
            self.size = 0
            return self._part

    def remove_parts(self, part: int) -> None:
        """Removes the parts up to `part`, which a snapshot on disk covers."""
        for number in self._parts():
            if number <= part:
                self._path(number).unlink(missing_ok=True)

    def entries(self) -> Iterator[list[Any]]:
        """Yields the entries of all parts in order. The last line of a part is left out when it was cut off."""
        for part in self._parts():
            with self._path(part).open("rb") as lines:
                for line in lines:
                    if line.endswith(b"\n"):
                        yield json.loads(line)

    def _parts(self) -> list[int]:
        return sorted(int(path.name.split(".")[-2]) for path in self._folder.glob(f"{self._service}.*.journal"))

    def _path(self, part: int) -> Path:
        return self._folder / f"{self._service}.{part:08d}.journal"
