"""Virtual environments of the tools' own, each made when it is first needed from a requirements file with hashes."""

from __future__ import annotations

import hashlib
import shutil
import sys
import sysconfig
import venv
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from filelock import FileLock, Timeout

from tools import paths, pip_runner
from tools.cli import console
from tools.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARK: Final = "installed"
"""The file that is written last: an environment without it is only half made."""


@dataclass(frozen=True)
class ToolEnvironment:
    """What a virtual environment is for and what is installed in it.

    Attributes:
        name: what is installed, for the folder's name and for people.
        requirements: the file that pins it, with hashes.
        size: what people are told of the download and the disk space; "" says nothing.
        way_out: what people can do without it; "" says nothing.
    """

    name: str
    requirements: Path
    size: str = ""
    way_out: str = ""

    def folder(self, cache: Path) -> Path:
        """Returns where it is kept in `cache`: another requirements file or Python has another folder."""
        content = self.requirements.read_bytes() + f"{sys.version} {sys.base_prefix}".encode()
        return cache / f"{self.name}-{hashlib.sha256(content).hexdigest()[:16]}"


def interpreter(environment: ToolEnvironment, cache: Path | None = None) -> Path:
    """Returns the Python of a virtual environment, which is made first if it is not there or only half made.

    One command at a time makes it; the others wait. `cache` is the folder that keeps such environments.

    Raises:
        LakeError: it could not be made, with the reason and the way out.
    """
    cache = cache or paths.TOOL_ENVIRONMENTS
    folder = environment.folder(cache)
    if not _is_ready(folder):
        try:
            cache.mkdir(parents=True, exist_ok=True)
            with _one_at_a_time(environment, folder):
                if not _is_ready(folder):
                    _install(environment, folder)
        except OSError as error:
            why = f"{error.strerror or error} ({error.filename or folder})"
            raise LakeError(f"{_failed(environment)}: {why}{_way_out(environment)}") from None
    return _interpreter(folder)


def site_packages(environment: ToolEnvironment, cache: Path | None = None) -> Path:
    """Returns the folder in which pip has installed what an environment holds."""
    base = str(environment.folder(cache or paths.TOOL_ENVIRONMENTS))
    return Path(sysconfig.get_path("purelib", "venv", {"base": base, "platbase": base}))


@contextmanager
def _one_at_a_time(environment: ToolEnvironment, folder: Path) -> Iterator[None]:
    lock = FileLock(folder.with_suffix(".lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        with console.waiting(f"another command is installing the {environment.name}"):
            lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _install(environment: ToolEnvironment, folder: Path) -> None:
    size = f", {environment.size}" if environment.size else ""
    arguments = ["install", "--no-deps", "--require-hashes", "--requirement", str(environment.requirements)]
    with console.stage(f"install the {environment.name} (once{size})"):
        _remove(folder)
        try:
            venv.create(folder, symlinks=True)
            with console.downloading(environment.name) as progress:
                pip_runner.run(
                    arguments, failed=_failed(environment), interpreter=_interpreter(folder), progress=progress
                )
            (folder / _MARK).touch()
        except LakeError as error:
            raise LakeError(f"{error}{_way_out(environment)}") from None
        finally:
            if not _is_ready(folder):
                _remove(folder)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _interpreter(folder: Path) -> Path:
    return folder / "bin" / "python"


def _is_ready(folder: Path) -> bool:
    return (folder / _MARK).is_file() and _interpreter(folder).exists()


def _failed(environment: ToolEnvironment) -> str:
    return f"the {environment.name} cannot be installed from {environment.requirements.name}"


def _way_out(environment: ToolEnvironment) -> str:
    return f"; {environment.way_out}" if environment.way_out else ""
