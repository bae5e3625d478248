"""The emulator's certificate, which the emulator makes where there is none."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Final

from tools.localaws import ports

if TYPE_CHECKING:
    from pathlib import Path

_KEY: Final = "server.key"
_MAX_FLIGHTS: Final = 4
"""So often each side speaks at most before a connection stands."""


def remove_damaged(certificate: Path) -> bool:
    """Removes a certificate that no connection can be made with, and its key; returns whether it did."""
    key = certificate.with_name(_KEY)
    if not (certificate.exists() and key.exists()) or _can_connect(certificate, key):
        return False
    key.unlink()
    certificate.unlink()
    return True


def _can_connect(certificate: Path, key: Path) -> bool:
    """Returns whether a client that trusts the certificate alone connects to a server that has both, in memory."""
    try:
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(certificate, key)
        client = ssl.create_default_context(cafile=str(certificate))
        to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
        waiting = [
            client.wrap_bio(to_client, to_server, server_hostname=ports.LOOPBACK),
            server.wrap_bio(to_server, to_client, server_side=True),
        ]
        for _ in range(_MAX_FLIGHTS):
            waiting = [side for side in waiting if not _shakes_hands(side)]
    except (OSError, ValueError):
        return False
    return not waiting


def _shakes_hands(side: ssl.SSLObject) -> bool:
    try:
        side.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True
