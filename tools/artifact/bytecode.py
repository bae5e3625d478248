"""Python's bytecode for what the artifact holds: a cold start that need not compile takes about half the time.

Lambda unpacks a package where the function cannot write, so what is not compiled in the zip is compiled at every cold
start. Bytecode is only good for the Python version that made it, and this Python is the only one at hand.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tools.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Mapping

OF_THIS_PYTHON: Final = f"python{sys.version_info.major}.{sys.version_info.minor}"
"""The Lambda runtime that this Python's bytecode is for."""


def compile_sources(content: Mapping[str, bytes]) -> dict[str, bytes]:
    """Returns the bytecode of the Python files in `content` (path in the zip -> bytes), by path in the zip.

    It is used as it is, whatever the time of its source: the zip's times say nothing. It is made in a process of its
    own, because it differs, in ways that do not matter, by what else its process has loaded.

    Raises:
        LakeError: a file is no valid Python.
    """
    sources = {name: data for name, data in content.items() if name.endswith(".py")}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name, data in sources.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        command = [sys.executable, "-I", "-S", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
        done = subprocess.run([*command, "-s", scratch, scratch], capture_output=True, text=True, check=False)
        if done.returncode:
            raise LakeError(f"the function's code does not compile: {(done.stdout + done.stderr).strip()[:500]!r}")
        compiled = sorted(folder.rglob("*.pyc"))
        return {file.relative_to(folder).as_posix(): file.read_bytes() for file in compiled}
