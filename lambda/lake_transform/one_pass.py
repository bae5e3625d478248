"""The optional native path: change records to lines in one pass, by a library that is compiled from `lambda/native`.

It writes the very bytes that `transform.Transform` writes, or declines a record, which is then for `Transform`.
"""

from __future__ import annotations

import ctypes
import sys
from array import array
from pathlib import Path
from typing import TYPE_CHECKING, Final

import orjson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lake_transform.crash_guard import CrashGuard
    from lake_transform.settings import ListFormat, Settings

LIBRARY: Final = Path(__file__).with_name("libone_pass.so")

# A line that is longer is for Transform; so many shorter ones as fit are written before Python has a look at them.
_OUTPUT_BYTES: Final = 1_048_576


class OnePass:
    """The library, ready to be called; not for two threads."""

    def __init__(self, library: Path, separator: str, list_format: ListFormat) -> None:
        """Loads the library.

        Raises:
            OSError: there is none, or it is for another system.
            AttributeError: it is another library.
        """
        # PyDLL keeps Python's global lock: a call is too short to be worth letting go of it.
        loaded = ctypes.PyDLL(str(library))
        loaded.one_pass_workspace_size.restype = ctypes.c_size_t
        self._lines: Final = loaded.one_pass_lines
        self._lines.restype = ctypes.c_size_t
        self._lines.argtypes = [
            ctypes.c_char_p,
            ctypes.c_char_p,
            ctypes.c_char_p,
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.c_bool,
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
        ]
        self._separator: Final = separator.encode()
        self._lists_as_text: Final = list_format == "text"
        self._workspace: Final = ctypes.create_string_buffer(loaded.one_pass_workspace_size())
        output = bytearray(_OUTPUT_BYTES)
        self._address: Final = (ctypes.c_char * _OUTPUT_BYTES).from_buffer(output)
        self._output: Final = memoryview(output)

    def lines(self, documents: Sequence[bytes], sequence_numbers: Sequence[str]) -> list[bytes]:
        """Returns the line of each change record, ended by a newline; nothing, b"", for a record that was declined.

        Args:
            documents: the change records as DynamoDB wrote them.
            sequence_numbers: of each its sequence number in the Kinesis stream; empty if it is not known. ASCII, and
                what is more than digits is declined.
        """
        lines: list[bytes] = []
        while len(lines) < len(documents):
            lines += self._some(documents[len(lines) :], sequence_numbers[len(lines) :])
        return lines

    def _some(self, documents: Sequence[bytes], sequence_numbers: Sequence[str]) -> list[bytes]:
        """Returns the lines of as many change records as find room, and of one at least."""
        written = self._lines(
            b"".join(documents),
            array("I", map(len, documents)).tobytes(),
            "".join(sequence_numbers).encode(),
            array("I", map(len, sequence_numbers)).tobytes(),
            len(documents),
            self._separator,
            len(self._separator),
            self._lists_as_text,
            self._workspace,
            self._address,
            _OUTPUT_BYTES,
        )
        # Each ends with a NUL, which JSON has only as an escape.
        return bytes(self._output[:written]).split(b"\0")[:-1]


def load(settings: Settings, guard: CrashGuard, library: Path = LIBRARY) -> OnePass | None:
    """Returns the native path, or None where all is left to `transform.Transform`.

    That is so where it is switched off, where there is a hook, which sees what native code never makes, where the
    artifact was built without it, and, told in the log, where it cannot be loaded or did not come back the last time.
    """
    if not settings.native_code or settings.hook or not library.exists():
        return None
    if guard.has_tripped:
        _warn("it did not come back when it last ran in this execution environment")
        return None
    try:
        with guard.watch():
            return OnePass(library, settings.path_separator, settings.list_format)
    except (OSError, AttributeError) as error:
        _warn(f"it cannot be loaded: {error}")
        return None


def _warn(reason: str) -> None:
    document = {"level": "WARNING", "message": "native code is not used, lines are the same", "reason": reason}
    sys.stdout.write(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE).decode())
