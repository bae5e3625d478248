"""The emulator's own virtual environment, made once from the pinned, hashed requirements."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from typing import TYPE_CHECKING, Final

from filelock import FileLock

from tools import paths
from tools.cli import console
from tools.errors import LakeError

if TYPE_CHECKING:
    from pathlib import Path

REQUIREMENTS: Final = paths.REQUIREMENTS / "localaws.txt"
_COMPLETE_MARKER: Final = "installed"


def python(cache: Path = paths.REPOSITORY / ".local", requirements: Path = REQUIREMENTS) -> Path:
    """Returns the interpreter of the emulator's virtual environment, which is made on first use.

    Its name depends on the requirements and this Python, so that several state folders share one. One whose
    installation did not finish has no marker file, and is made again.

    Raises:
        LakeError: pip could not install the requirements.
    """
    key = hashlib.sha256(requirements.read_bytes() + f"{sys.version} {sys.base_prefix}".encode()).hexdigest()[:16]
    folder = cache / f"venv-{key}"
    interpreter = folder / "bin" / "python"
    if _is_ready(folder, interpreter):
        return interpreter
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(cache / f"venv-{key}.lock"):
            if not _is_ready(folder, interpreter):
                with console.stage("install the emulator (once)"):
                    _install(folder, interpreter, requirements)
    except OSError as error:
        raise LakeError(f"the emulator cannot be installed in {folder} ({error.strerror})") from None
    return interpreter


def _is_ready(folder: Path, interpreter: Path) -> bool:
    return (folder / _COMPLETE_MARKER).is_file() and interpreter.exists()


def _install(folder: Path, interpreter: Path, requirements: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True, symlinks=True)
    command = [str(interpreter), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--require-hashes", "--requirement", str(requirements)]
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        reasons = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["pip said nothing"]
        raise LakeError(f"pip could not install the emulator from {requirements.name}: {reasons[-1]}")
    (folder / _COMPLETE_MARKER).touch()
