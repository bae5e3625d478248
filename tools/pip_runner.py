"""Runs pip, and finds in what it prints the reason of its failure."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Final

from tools.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_PROGRESS: Final = re.compile(r"Progress (\d+) of (\d+)")
"""A line of pip's `--progress-bar raw`: bytes so far, and bytes in all."""

_ERROR: Final = "ERROR: "
_BROKEN_CONNECTION: Final = re.compile(r"after connection broken by '(.*)': /")
_CONNECTION_ERROR: Final = re.compile(r"""\w+\(["']\w+\(.*?\): (.*)["']\)""")
"""An error of a connection as Python shows it: `NewConnectionError("HTTPSConnection(host='h', port=443): reason")`."""

_NO_SPACE: Final = "No space left on device"


def run(
    arguments: Sequence[str],
    *,
    failed: str,
    interpreter: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Runs this Python's pip with `arguments` to its end.

    Args:
        arguments: what comes after `pip`.
        failed: the start of the error's line: what could not be done.
        interpreter: the Python of another virtual environment to work on, which needs no pip of its own.
        progress: is called with the bytes that are downloaded of one file, and its size in bytes.

    Raises:
        LakeError: pip failed; the line ends with the reason.
        OSError: pip could not be started.
    """
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    command += ["--python", str(interpreter)] if interpreter else []
    command += [*arguments, *(["--progress-bar", "raw"] if progress else [])]
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    printed: list[str] = []
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        for line in process.stdout or ():
            if progress and (match := _PROGRESS.match(line)):
                progress(int(match[1]), int(match[2]))
            else:
                printed.append(line.strip())
    if process.returncode:
        raise LakeError(f"{failed}: {reason(printed) or f'pip ended with {process.returncode} and gave no reason'}")


def reason(printed: Sequence[str]) -> str:
    """Returns why pip failed, from the lines that it printed; "" if they do not say.

    A broken connection is only a warning to pip, whose error then is that there is no such package.

    >>> reason(["ERROR: Could not find a version that satisfies x", "ERROR: No matching distribution found for x==1"])
    'No matching distribution found for x==1'
    """
    errors = [line.removeprefix(_ERROR) for line in printed if line.startswith(_ERROR)]
    if any(_NO_SPACE in line for line in printed):
        return _NO_SPACE
    connections = [match[1] for line in printed if (match := _BROKEN_CONNECTION.search(line))]
    if connections and any("No matching distribution" in error for error in errors):
        detail = _CONNECTION_ERROR.fullmatch(connections[-1])
        return f"no connection to the package index ({detail[1] if detail else connections[-1]})"
    return next(iter(reversed(errors or [line for line in printed if line])), "")
