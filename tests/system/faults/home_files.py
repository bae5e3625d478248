"""Which files a home of local AWS holds, by kind, and how to damage one."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Final

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KINDS: Final = {
    "database": r"emulator/state/state\.db",
    "log of the database": r"emulator/state/state\.db-wal",
    "code of a function": r"emulator/state/lambda-blobs/\w+\.zip",
    "metadata of an object": r"emulator/objects/.+\.meta\.json",
    "content of an object": r"emulator/objects/.+(?<!\.meta\.json)",
    "port": r"emulator/settings\.json",
    "secret": r"emulator/secret",
    "certificate": r"emulator/tmp/ministack-tls/server\.crt",
    "key of the certificate": r"emulator/tmp/ministack-tls/server\.key",
    "certificates for functions": r"emulator/tmp/ministack-tls/ca-bundle\.pem",
    "checkpoint": r"delivery/checkpoints/.+\.json",
    "record of a process": r"(emulator|delivery)/process\.json",
    "lock": r"local\.lock|(emulator|delivery)/process\.lock|deployments/claims\.lock",
    "log": r"emulator/emulator\.log(\.1)?|delivery/delivery\.log(\.\d)?",
    "heartbeat": r"delivery/status\.json",
    "number of the emulator's process": r"emulator/tmp/ministack-\d+\.pid",
    "unpacked function": r"emulator/tmp/ministack-lambda-.+",
    "deployment": r"deployments/[\w-]+/[\w-]+/.+",
}
"""Kind -> the paths of its files in the home, as a regular expression."""


def of_kind(home: Path, kind: str) -> list[Path]:
    """Returns the files of a kind, by name."""
    return [file for file in _files(home) if re.fullmatch(KINDS[kind], _name(home, file))]


def of_no_kind(home: Path) -> list[str]:
    """Returns the names of the files that are of no kind."""
    return [
        _name(home, file)
        for file in _files(home)
        if not any(re.fullmatch(pattern, _name(home, file)) for pattern in KINDS.values())
    ]


def flip(file: Path, place: float) -> None:
    """Changes one bit of the byte at `place`, from 0 for the first to 1 for the last."""
    content = bytearray(file.read_bytes())
    if content:
        content[round(place * (len(content) - 1))] ^= 4
        file.write_bytes(content)


def copy(home: Path, target: Path) -> None:
    """Makes `target` a copy of `home`."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(home, target, symlinks=True)


def processes(home: Path) -> list[tuple[str, int]]:
    """Returns what runs in a home: the module of each process, and its id."""
    found = []
    for each in psutil.process_iter():
        try:
            modules = [word for word in each.cmdline() if word.startswith("tools.localaws.")]
            if modules and each.cwd() == str(home):
                found.append((modules[0], each.pid))
        except psutil.Error:
            continue
    return sorted(found)


def _files(home: Path) -> Iterator[Path]:
    return (path for path in sorted(home.rglob("*")) if path.is_file() and not path.is_symlink())


def _name(home: Path, file: Path) -> str:
    return file.relative_to(home).as_posix()
