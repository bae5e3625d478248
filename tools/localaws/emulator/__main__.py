"""`python -m tools.localaws.emulator`: the emulator with our corrections, configured by environment variables."""

from __future__ import annotations

import asyncio.constants
import importlib
import os
from pathlib import Path
from typing import Final

from tools.errors import LakeError
from tools.localaws import process_lock
from tools.localaws.emulator import durability, registry, request_log
from tools.localaws.emulator.database import UnusableStateError

_GOODBYE_SECONDS: Final = 1.0
"""How long a client may take to agree to the end of its connection. A stop waits for that, and saves only then; clients
that keep a connection for later do not look at it."""


def main() -> None:
    """Applies the corrections and serves until SIGTERM."""
    try:
        process_lock.hold(Path(os.environ.pop("LAKE_PROCESS_LOCK")))
    except LakeError as error:
        raise SystemExit(f"error: {error}") from None
    # Functions inherit this process's variables, and must not find the checkout on their path.
    os.environ.pop("PYTHONPATH", None)
    asyncio.constants.SSL_SHUTDOWN_TIMEOUT = _GOODBYE_SECONDS
    registry.apply_all()
    request_log.log_requests()
    try:
        database = durability.install()
    except UnusableStateError as error:
        raise SystemExit(f"error: {error}") from None
    importlib.import_module("ministack.app").main()
    database.close()


if __name__ == "__main__":
    main()
