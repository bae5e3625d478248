"""Background processes that go on after the command that started them, each recorded in a file with its id."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

import psutil  # type: ignore[import-untyped]

from tools import files
from tools.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_CREATION_TOLERANCE_SECONDS: Final = 2.0
"""Seconds by which two readings of one process's creation time may differ: the boot time is read in whole seconds."""

_REMEDY: Final = "remove it: the next command tells which process runs without a record"

_POLL_SECONDS: Final = 0.05
_KILL_SECONDS: Final = 10.0
"""How long a killed process may take to end."""


@dataclass(frozen=True)
class Process:
    """A process of ours: its id, and when it was created, which distinguishes it from a later one with the same id.

    `created` is in seconds after the machine's boot: the time of day would change with a clock that is set.
    """

    pid: int
    created: float

    def find(self) -> psutil.Process | None:
        """Returns the process, or None when it has ended."""
        running = _find(self.pid)
        same = running and abs(_created(running) - self.created) < _CREATION_TOLERANCE_SECONDS
        return running if same else None


def is_alive(pid: int) -> bool:
    """Returns whether a process with this id runs."""
    return _find(pid) is not None


def start(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path, process_file: Path
) -> Process:
    """Starts `command` detached in `folder`, its output appended to `log`, and records it in `process_file`."""
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
        process = Process(child.pid, _created(psutil.Process(child.pid)))
    except psutil.NoSuchProcess:
        process = Process(child.pid, 0.0)
    files.write_json(process_file, {"pid": process.pid, "created": process.created})
    return process


def find_recorded(process_file: Path) -> Process | None:
    """Returns the running process that is recorded in `process_file`, or None.

    Raises:
        LakeError: the file is damaged.
    """
    content = files.read_json(process_file, _REMEDY)
    if content is None:
        return None
    try:
        process = Process(int(content["pid"]), float(content["created"]))
    except (KeyError, TypeError, ValueError):
        return None
    return process if process.find() else None


def stop(process_file: Path, seconds: float) -> bool:
    """Ends the process that is recorded in `process_file`, and its children; returns whether there was one.

    It gets SIGTERM, and SIGKILL when it has not ended after `seconds`.

    Raises:
        LakeError: it could not be ended.
    """
    process = find_recorded(process_file)
    running = process.find() if process else None
    if running is None:
        process_file.unlink(missing_ok=True)
        return False
    children = _children(running)
    with suppress(psutil.NoSuchProcess):
        running.terminate()
    if not _wait_for_end(running, seconds):
        with suppress(psutil.NoSuchProcess):
            running.kill()
        if not _wait_for_end(running, _KILL_SECONDS):
            raise LakeError(f"process {running.pid} cannot be ended; see {process_file}")
    for child in children:
        with suppress(psutil.NoSuchProcess):
            child.kill()
    process_file.unlink(missing_ok=True)
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


def _find(pid: int) -> psutil.Process | None:
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process
    except psutil.Error:
        return None


def _created(process: psutil.Process) -> float:
    return float(process.create_time() - psutil.boot_time())


def _wait_for_end(process: psutil.Process, seconds: float) -> bool:
    """Waits at most `seconds` for a process to end, and returns whether it has."""
    deadline = monotonic() + seconds
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
