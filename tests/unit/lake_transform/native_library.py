"""The compiled native path, for tests."""

from __future__ import annotations

import functools
import hashlib
import os
from pathlib import Path

_FOLDER = Path(__file__).parents[3] / "build" / "native-for-tests"


@functools.cache
def path():
    """Returns the library, the one that ONE_PASS_LIBRARY names or one compiled from the sources; None if it cannot be
    compiled for this system."""
    if named := os.environ.get("ONE_PASS_LIBRARY"):
        return Path(named)
    from tools.core import artifact, native_code, paths

    content = native_code.of(artifact.LOCAL, paths.BUILD / "native").get(native_code.PATH_IN_ZIP)
    if content:
        file = _FOLDER / f"{hashlib.sha256(content).hexdigest()[:16]}.so"
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            partial = file.with_suffix(f".{os.getpid()}")
            partial.write_bytes(content)
            partial.replace(file)
        return file
    return None
