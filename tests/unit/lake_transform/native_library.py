"""The compiled native path, for tests. `python -m tests.unit.lake_transform.native_library FILE` writes it there."""

from __future__ import annotations

import functools
import hashlib
import os
import sys
from pathlib import Path

_FOLDER = Path(__file__).parents[3] / "build" / "native-for-tests"


@functools.cache
def path():
    """Returns the library that ONE_PASS_LIBRARY names, else one compiled from the sources; None if there is none for
    this system."""
    if named := os.environ.get("ONE_PASS_LIBRARY"):
        return Path(named)
    content = _compiled()
    if content is None:
        return None
    file = _FOLDER / f"{hashlib.sha256(content).hexdigest()[:16]}.so"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        # Written beside and renamed, because tests run two at a time.
        partial = file.with_suffix(f".{os.getpid()}")
        partial.write_bytes(content)
        partial.replace(file)
    return file


def _compiled():
    # Only here: mutants are tested where there are no tools.
    from tools import paths
    from tools.artifact import native_library
    from tools.artifact.target import LOCAL

    return native_library.library_files(LOCAL, paths.BUILD / "native").get(native_library.PATH_IN_ZIP)


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(_compiled() or sys.exit("native code is compiled for Linux alone"))
