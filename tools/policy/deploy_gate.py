"""The gate of a deploy: no configuration with findings is applied, and what passed once is not scanned again.

A scan takes seconds, and its result depends on nothing but the files, the checks and checkov. What passed is remembered
by the hash of all of them, so that any change is scanned; findings are never remembered.
"""

from __future__ import annotations

import hashlib
import platform
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from tools import files, locking
from tools.policy import scanner
from tools.policy.scanner import Scan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CODE: Final = Path(__file__).parent
_SCAN_SECONDS: Final = 60.0
"""How long a command waits for another's scan of the same files."""

_LEFT_OUT: Final = (".terraform", ".tfstate", ".tfplan", ".pyc")
"""In the names of files that Terraform and Python write, and that no check reads."""


class Passed(msgspec.Struct, frozen=True):
    """What is remembered of a configuration that passed: how many checks did."""

    passed: int


def run(folder: Path, root: Path, memory: Path) -> Scan:
    """Returns the scan of an environment's folder and the modules under `root`; passed before, it is not run again.

    Args:
        folder: the environment.
        root: the folder that has `modules` and `envs`; names of files are relative to it.
        memory: folder of what passed; it can be removed at any time.
    """
    remembered = memory / f"{digest([folder, root / 'modules', _CODE])}.json"
    if known := _recall(remembered):
        return known
    with locking.in_turn(remembered.with_suffix(".lock"), seconds=_SCAN_SECONDS):
        if known := _recall(remembered):
            return known
        found = scanner.scan([folder], root)
        if found.is_clean:
            # Where nothing can be remembered, the next deploy scans again.
            with suppress(OSError):
                files.write_json(remembered, {"passed": found.passed}, durable=False)
    return found


def _recall(remembered: Path) -> Scan | None:
    try:
        return Scan(passed=msgspec.json.decode(remembered.read_bytes(), type=Passed).passed)
    except (OSError, msgspec.MsgspecError):
        return None


def digest(folders: Sequence[Path]) -> str:
    """Returns the SHA-256, in hex, of what decides a scan: names and bytes of all files, checkov and Python."""
    whole = hashlib.sha256(f"checkov {version('checkov')}, Python {platform.python_version()}".encode())
    for number, folder in enumerate(folders):
        for file in sorted(_read(folder)):
            name = f"{number} {file.relative_to(folder)}".encode()
            content = file.read_bytes()
            whole.update(b"%d %b %d " % (len(name), name, len(content)))
            whole.update(content)
    return whole.hexdigest()


def _read(folder: Path) -> Iterator[Path]:
    for file in folder.rglob("*"):
        if file.is_file() and not any(part in name for name in file.relative_to(folder).parts for part in _LEFT_OUT):
            yield file
