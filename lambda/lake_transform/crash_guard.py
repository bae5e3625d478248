"""Remembers, beyond the death of the process, that native code was at work when it died.

AWS Lambda Developer Guide, "Understanding the Lambda execution environment lifecycle": after a crash or a timeout the
runtime starts anew in the same execution environment, and finds in /tmp what lay there.
"""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FOLDER: Final = Path("/tmp")  # noqa: S108 - Lambda's own, which nobody else can write to


class CrashGuard:
    """A file that exists while native code is at work."""

    def __init__(self, environment: Mapping[str, str], folder: Path = _FOLDER) -> None:
        """Looks whether the process before this one died at that work.

        Args:
            environment: tells the execution environment by its log stream; outside Lambda nothing is remembered.
            folder: where the file is.
        """
        stream = environment.get("AWS_LAMBDA_LOG_STREAM_NAME")
        name = re.sub(r"\W", "-", f"lake_transform-{stream}")
        self._file: Final = folder / name if stream else None
        self.has_tripped: Final = self._file is not None and self._file.exists()

    @contextlib.contextmanager
    def watch(self) -> Iterator[bool]:
        """Watches over native code; yields whether it may run: once it has died it may not, nor without the file."""
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
