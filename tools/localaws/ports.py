"""Which port the emulator listens on."""

from __future__ import annotations

import hashlib
import socket
from typing import TYPE_CHECKING, Final

from tools import paths
from tools.errors import LakeError

if TYPE_CHECKING:
    from pathlib import Path

LOOPBACK: Final = "127.0.0.1"
DEFAULT_PORT: Final = 4566
_OTHER_PORTS: Final = range(20_000, 30_000)
"""Below the ports that systems give to outgoing connections, so that a port stays free while its emulator is down."""


def default_port(home: Path) -> int:
    """Returns the default port of a state folder: 4566 for the checkout's own, else one derived from its path."""
    if home == paths.REPOSITORY / ".local":
        return DEFAULT_PORT
    return _OTHER_PORTS[int.from_bytes(hashlib.sha256(str(home).encode()).digest()[:4]) % len(_OTHER_PORTS)]


def choose(requested: int | None, *preferred: int | None) -> int:
    """Returns a free port: `requested` if one is asked for, else the first of `preferred` that is free, or any.

    Raises:
        LakeError: `requested` is taken.
    """
    if requested is not None:
        if not is_free(requested):
            raise LakeError(
                f"port {requested} is taken by another program; choose another with --port, or leave it out"
            )
        return requested
    for candidate in preferred:
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
