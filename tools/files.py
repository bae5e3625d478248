"""Reads and writes small files atomically: after a power cut, a file is the old or the new one, never half."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Iterator


def read_json(file: Path, remedy: str) -> dict[str, Any] | None:
    """Returns the JSON object in `file`, or None when there is no such file.

    `remedy` is what to do about a file that cannot be read; it ends the message.

    Raises:
        LakeError: the file holds something else, or cannot be read.
    """
    try:
        content = json.loads(file.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise LakeError(f"{file} cannot be read ({_reason(error)}); {remedy}") from None
    if not isinstance(content, dict):
        raise LakeError(f"{file} is damaged (not a JSON object); {remedy}")
    return content


def write_json(file: Path, content: dict[str, Any], *, durable: bool = True) -> None:
    """Writes `content` atomically: readers, also after a power cut, find the old or the new file, never half.

    When not `durable` it is cheap, and a power cut may leave anything: for what is written again in seconds.

    Raises:
        OSError: the disk is full or not writable.
    """
    write_bytes(file, json.dumps(content, indent=1).encode(), durable=durable)


def write_bytes(file: Path, content: bytes, *, durable: bool = True) -> None:
    """Writes `content` as `write_json` does."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with replacing(file) as path, path.open("wb") as partial:
        partial.write(content)
        partial.flush()
        if durable:
            os.fsync(partial.fileno())
    if not durable:
        return
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def sha256(file: Path) -> str:
    """Returns the SHA-256 of a file's content, in hex.

    Raises:
        OSError: the file cannot be read.
    """
    return hashlib.sha256(file.read_bytes()).hexdigest()


@contextmanager
def replacing(file: Path) -> Iterator[Path]:
    """Yields an empty file beside `file`, for its owner alone, which takes its place when the block has succeeded.

    Where the block fails or is interrupted, nothing has changed.

    Raises:
        OSError: the folder is full, not writable or not there.
    """
    # Short, because the name of `file` may be as long as names can be.
    handle, name = tempfile.mkstemp(prefix=".", dir=file.parent)
    os.close(handle)
    partial = Path(name)
    try:
        yield partial
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else "not JSON"
