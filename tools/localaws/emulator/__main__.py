"""`python -m tools.localaws.emulator`: the emulator with our corrections, configured by environment variables."""

from __future__ import annotations

import importlib
import os
from pathlib import Path

from tools.errors import LakeError
from tools.localaws import process_lock
from tools.localaws.emulator import durability, registry
from tools.localaws.emulator.database import UnusableStateError


def main() -> None:
    """Applies the corrections and serves until SIGTERM."""
    try:
        process_lock.hold(Path(os.environ.pop("LAKE_PROCESS_LOCK")))
    except LakeError as error:
        raise SystemExit(f"error: {error}") from None
    # Functions inherit this process's variables, and must not find the checkout on their path.
    os.environ.pop("PYTHONPATH", None)
    registry.apply_all()
    try:
        database = durability.install()
    except UnusableStateError as error:
        raise SystemExit(f"error: {error}") from None
    importlib.import_module("ministack.app").main()
    database.close()


if __name__ == "__main__":
    main()
