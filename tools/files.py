"""Reads and writes small files atomically: after a power cut, a file is the old or the new one, never half."""

from __future__ import annotations

import json
import os
import tempfile
from typing import TYPE_CHECKING, Any

from tools.errors import LakeError

if TYPE_CHECKING:
    from pathlib import Path


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
    handle, name = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as partial:
            partial.write(content)
            partial.flush()
            if durable:
                os.fsync(partial.fileno())
        os.replace(name, file)  # noqa: PTH105  # a name from mkstemp
    except BaseException:
        os.unlink(name)  # noqa: PTH108
        raise
    if not durable:
        return
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else "not JSON"
