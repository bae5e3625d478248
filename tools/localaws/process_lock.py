"""The lock that each process of local AWS holds on its state folder for as long as it lives.

The process takes it by itself: a record of what was started can be lost, and a start can be made by hand. It ends with
the process, however that ends, and no process that it started keeps it.
"""

from __future__ import annotations

import fcntl
import os
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

from tools.errors import LakeError

if TYPE_CHECKING:
    from pathlib import Path

_RETRY_SECONDS: Final = 2.0
"""How long a lock may be taken by one who only looks, or have a holder who has not written its id yet."""

_POLL_SECONDS: Final = 0.02

_held: list[int] = []


def hold(file: Path) -> None:
    """Locks `file` until this process ends.

    Raises:
        LakeError: another process holds it, or it cannot be locked.
    """
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise LakeError(f"{file} cannot be locked ({error.strerror})") from None
    if not _lock(descriptor, fcntl.LOCK_EX, monotonic() + _RETRY_SECONDS):
        holder = _pid(descriptor)
        os.close(descriptor)
        raise LakeError(f"process {holder} works in {file.parent} already; end it with: kill {holder}")
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    _held.append(descriptor)


def find_holder(file: Path) -> int | None:
    """Returns the id of the process that holds `file`, or None when none does."""
    try:
        descriptor = os.open(file, os.O_RDONLY)
    except OSError:
        return None
    try:
        deadline = monotonic() + _RETRY_SECONDS
        while not _lock(descriptor, fcntl.LOCK_SH, 0.0):
            pid = _pid(descriptor)
            if pid or monotonic() > deadline:
                return pid
            sleep(_POLL_SECONDS)
        return None
    finally:
        os.close(descriptor)


def _lock(descriptor: int, kind: int, deadline: float) -> bool:
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if monotonic() > deadline:
                return False
            sleep(_POLL_SECONDS)
        else:
            return True


def _pid(descriptor: int) -> int:
    content = os.pread(descriptor, 20, 0)
    return int(content) if content.isdigit() else 0
