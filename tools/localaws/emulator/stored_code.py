"""Writes the code of functions to the disk before a request is answered, and reads it only as it was written.

The emulator names each package by its SHA-256, writes it without waiting for the disk, and reads it unchecked: a
damaged one makes every call of its function fail.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from tools import files
from tools.localaws.emulator.corrections import replace
from tools.localaws.emulator.database import UnusableStateError

if TYPE_CHECKING:
    from pathlib import Path

_REMEDY: Final = (
    "put back a good copy, such as the one in the deployment's folder artifact, or remove all data of local AWS with: "
    "python -m tools.local down --purge"
)


def install(folder: Path) -> None:
    """Replaces how the emulator writes packages to `folder` and reads them at the start."""
    replace("services.lambda_svc", "_write_code_blob", lambda code: write(folder, code))
    replace("services.lambda_svc", "_read_code_blob", lambda digest: read(folder, digest))


def write(folder: Path, code: bytes) -> str:
    """Writes a package, unless it is there, and returns its SHA-256.

    Raises:
        UnusableStateError: it cannot be written.
    """
    digest = hashlib.sha256(code).hexdigest()
    file = folder / f"{digest}.zip"
    if not file.exists():
        try:
            files.write_bytes(file, code)
        except OSError as error:
            raise UnusableStateError(f"{file} cannot be written ({error.strerror}); free space and try again") from None
    return digest


def read(folder: Path, digest: str) -> bytes:
    """Returns the package with this SHA-256.

    Raises:
        UnusableStateError: it is gone or damaged.
    """
    file = folder / f"{digest}.zip"
    try:
        code = file.read_bytes()
    except OSError as error:
        raise UnusableStateError(f"{file} cannot be read ({error.strerror}); {_REMEDY}") from None
    if hashlib.sha256(code).hexdigest() != digest:
        raise UnusableStateError(f"{file} is damaged (its name is not its SHA-256); {_REMEDY}")
    return code
