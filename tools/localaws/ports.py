"""Which port the emulator listens on."""

from __future__ import annotations

import socket
from typing import Final

from tools.core.errors import LakeError

LOOPBACK: Final = "127.0.0.1"
USUAL: Final = 4566


def choose(wanted: int | None, remembered: int | None) -> int:
    """Returns a free port: `wanted` if one is asked for, else the one used before, the usual one, or any.

    Raises:
        LakeError: `wanted` is taken.
    """
    if wanted is not None:
        if not is_free(wanted):
            raise LakeError(f"port {wanted} is taken by another program; choose another with --port, or leave it out")
        return wanted
    for candidate in (remembered, USUAL):
        if candidate is not None and is_free(candidate):
            return candidate
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Returns whether this process could listen on `port` of the loopback interface."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
