"""Tells the next process of an execution environment that the process before it died while native code ran.

AWS Lambda Developer Guide, "Understanding the Lambda execution environment lifecycle": after a crash or a timeout the
runtime starts again in the same execution environment, and the files in /tmp are still there.
"""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FOLDER: Final = Path("/tmp")  # noqa: S108 - only the function can write to Lambda's /tmp


class CrashGuard:
    """A file that exists while native code runs.

    Attributes:
        has_tripped: whether the file was there at the start: the process before this one died while native code ran.
    """

    def __init__(self, environment: Mapping[str, str], folder: Path = _FOLDER) -> None:
        """Looks for the file.

        Args:
            environment: environment variables; the log stream's name identifies the execution environment. Without it,
                outside Lambda, there is no file.
            folder: where the file is.
        """
        stream = environment.get("AWS_LAMBDA_LOG_STREAM_NAME")
        name = re.sub(r"\W", "-", f"lake_transform-{stream}")
        self._file: Final = folder / name if stream else None
        self.has_tripped: Final = self._file is not None and self._file.exists()

    @contextlib.contextmanager
    def watch(self) -> Iterator[bool]:
        """Keeps the file while native code runs.

        Yields:
            Whether native code may run: not if it died before, and not if the file cannot be written.
        """
        if self._file is None or self.has_tripped:
            yield not self.has_tripped
            return
        try:
            self._file.touch()
        except OSError:
            yield False
            return
        try:
            yield True
        finally:
            self._file.unlink(missing_ok=True)
