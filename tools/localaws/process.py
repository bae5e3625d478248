"""Background processes that outlive the command that started them, and are never mistaken for others."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

import psutil  # type: ignore[import-untyped]

from tools import files
from tools.errors import LakeError
from tools.localaws.state_folder import REMEDY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_CLOCK_SLACK: Final = 2.0
"""Seconds by which a process's creation time, worked out from the boot time, may differ between two readings."""

_POLL_SECONDS: Final = 0.05
_DYING_SECONDS: Final = 10.0
"""How long a killed process may take to be gone."""


@dataclass(frozen=True)
class Process:
    """A process of ours: its id, and when it was created, which tells it from a later one with the same id."""

    pid: int
    created: float

    def find(self) -> psutil.Process | None:
        """Returns the process, or None when it has ended."""
        try:
            found = psutil.Process(self.pid)
            same = abs(found.create_time() - self.created) < _CLOCK_SLACK
            return found if same and found.status() != psutil.STATUS_ZOMBIE else None
        except psutil.Error:
            return None


def start(command: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path, record: Path) -> Process:
    """Starts `command` detached in `folder`, its output appended to `log`, and remembers it in `record`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        child = subprocess.Popen(
            command,
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        process = Process(child.pid, psutil.Process(child.pid).create_time())
    except psutil.NoSuchProcess:
        process = Process(child.pid, 0.0)
    files.write_json(record, {"pid": process.pid, "created": process.created})
    return process


def remembered(record: Path) -> Process | None:
    """Returns the running process that `record` names, or None. A record that cannot be read names none.

    Raises:
        LakeError: the record is damaged.
    """
    content = files.read_json(record, REMEDY)
    if content is None:
        return None
    try:
        process = Process(int(content["pid"]), float(content["created"]))
    except (KeyError, TypeError, ValueError):
        return None
    return process if process.find() else None


def stop(record: Path, patience: float) -> bool:
    """Ends the process that `record` names and its children; returns whether there was one.

    It is asked to stop, and killed when it has not after `patience` seconds.

    Raises:
        LakeError: it could not be ended.
    """
    process = remembered(record)
    found = process.find() if process else None
    if found is None:
        record.unlink(missing_ok=True)
        return False
    children = _children(found)
    with suppress(psutil.NoSuchProcess):
        found.terminate()
    if not _gone(found, patience):
        with suppress(psutil.NoSuchProcess):
            found.kill()
        if not _gone(found, _DYING_SECONDS):
            raise LakeError(f"process {found.pid} cannot be ended; see {record}")
    for child in children:
        with suppress(psutil.NoSuchProcess):
            child.kill()
    record.unlink(missing_ok=True)
    return True


def last_lines(log: Path, count: int) -> list[str]:
    """Returns the last `count` lines of `log`; none when there is no log."""
    try:
        with log.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - count * 2_000))
            return file.read().decode(errors="replace").splitlines()[-count:]
    except OSError:
        return []


def _gone(process: psutil.Process, patience: float) -> bool:
    """Waits at most `patience` seconds for a process to end, and returns whether it has."""
    deadline = monotonic() + patience
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        if monotonic() > deadline:
            return False
        sleep(_POLL_SECONDS)
    return True


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.children(recursive=True))
    except psutil.NoSuchProcess:
        return []
