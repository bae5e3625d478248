"""Native code, which is optional: a library compiled from `lambda/native` turns change records into lines in one pass.

For each record it writes the same bytes as `transform.Transform`, or it declines the record and `Transform` handles it.
"""

from __future__ import annotations

import ctypes
import mmap
import struct
import sys
from array import array
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

import orjson

from lake_transform.table_settings import has_other_spellings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lake_transform.crash_guard import CrashGuard
    from lake_transform.settings import Settings
    from lake_transform.shapes import Shapes
    from lake_transform.table_settings import AttributePath, RuleKind, TableSettings

LIBRARY: Final = Path(__file__).with_name("libone_pass.so")

# The size of the buffer for lines. A longer line is declined; shorter ones are written until the next does not fit.
_OUTPUT_BYTES: Final = 1_048_576

# The flags of an entry: the place of the rule here, and one more.
_RULES: Final = (None, "json", "text", "hash", "drop")
_HAS_OTHER_SPELLINGS: Final = 128


class _Told(ctypes.Structure):
    """The start of the workspace: what the last call told beside its lines. The new names follow, each with a newline.

    Attributes:
        columns_at_most: the number of columns of the widest line.
        new_names_length: how many bytes the names of columns take that are new.
    """

    _fields_: ClassVar = [("columns_at_most", ctypes.c_uint64), ("new_names_length", ctypes.c_uint64)]
    columns_at_most: int
    new_names_length: int


class OnePass:
    """The library, ready to be called. One thread at a time may use it.

    Attributes:
        for_hook: whether lines are for `Transform.hooked`, and for nobody else: numbers in them are spelled otherwise.
    """

    def __init__(self, library: Path, settings: Settings, shapes: Shapes) -> None:
        """Loads the library.

        Args:
            library: its file.
            settings: how to flatten.
            shapes: counts the columns of each line, unless a hook may change them.

        Raises:
            OSError: the file is missing, or is no library for this system.
            AttributeError, ValueError: it is some other library.
        """
        # PyDLL keeps the global interpreter lock: a call is too short to release it.
        loaded = ctypes.PyDLL(str(library))
        loaded.one_pass_workspace_size.restype = ctypes.c_size_t
        self._write_lines: Final = loaded.one_pass_lines
        self._write_lines.restype = ctypes.c_size_t
        self._write_lines.argtypes = [
            ctypes.c_char_p,
            ctypes.c_char_p,
            ctypes.c_char_p,
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.c_bool,
            ctypes.c_bool,
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
        ]
        self._separator: Final = settings.path_separator.encode()
        self._lists_as_text: Final = settings.list_format == "text"
        self._tables: Final = _encoded_tables(settings.tables)
        self.for_hook: Final = settings.hook is not None
        self._mask_key: Final = settings.mask_key
        # Mapped, so that a cold start does not write the zeros of which most stay untouched.
        size = loaded.one_pass_workspace_size()
        self._workspace: Final = (ctypes.c_char * size).from_buffer(mmap.mmap(-1, size))
        self._shapes: Final = None if settings.hook else shapes
        self._told: Final = _Told.from_buffer(self._workspace)
        output = bytearray(_OUTPUT_BYTES)
        self._address: Final = (ctypes.c_char * _OUTPUT_BYTES).from_buffer(output)
        self._output: Final = memoryview(output)

    def lines(self, documents: Sequence[bytes], sequence_numbers: Sequence[str]) -> list[bytes]:
        """Returns the line of each change record, ended by a newline; b"" for a record that was declined.

        Args:
            documents: the change records as DynamoDB wrote them.
            sequence_numbers: each record's sequence number in the Kinesis stream, ASCII text; empty if it is not known.
                A record whose sequence number is not only digits is declined.
        """
        lines: list[bytes] = []
        while len(lines) < len(documents):
            lines += self._lines_that_fit(documents[len(lines) :], sequence_numbers[len(lines) :])
        return lines

    def _lines_that_fit(self, documents: Sequence[bytes], sequence_numbers: Sequence[str]) -> list[bytes]:
        """Returns the lines of the first change records, as many as fit the buffer, at least one."""
        written = self._write_lines(
            b"".join(documents),
            array("I", map(len, documents)).tobytes(),
            "".join(sequence_numbers).encode(),
            array("I", map(len, sequence_numbers)).tobytes(),
            len(documents),
            self._separator,
            len(self._separator),
            self._lists_as_text,
            self.for_hook,
            self._tables,
            len(self._tables),
            self._mask_key,
            len(self._mask_key),
            self._workspace,
            self._address,
            _OUTPUT_BYTES,
        )
        if self._shapes is not None:
            self._shapes.add_width(self._told.columns_at_most)
            if length := self._told.new_names_length:
                names = ctypes.string_at(ctypes.addressof(self._told) + ctypes.sizeof(_Told), length)
                self._shapes.add_names(names.decode().split("\n")[:-1])
        # Each line ends with a NUL, which a line itself never holds: JSON has it only as an escape.
        return bytes(self._output[:written]).split(b"\0")[:-1]


def load(settings: Settings, guard: CrashGuard, shapes: Shapes, library: Path = LIBRARY) -> OnePass | None:
    """Loads native code, or returns None if all records are left to `transform.Transform`.

    It returns None if native code is off, and if the artifact was built without it. It also returns None, with a
    warning in the log, if the library cannot be loaded, or if the process before this one died while native code ran.
    """
    if not settings.native_code or not library.exists():
        return None
    if guard.has_tripped:
        _warn("it did not come back when it last ran in this execution environment")
        return None
    try:
        with guard.watch():
            return OnePass(library, settings, shapes)
    except (OSError, AttributeError, ValueError) as error:
        _warn(f"it cannot be loaded: {error}")
        return None


def _encoded_tables(tables: Mapping[str, TableSettings]) -> bytes:
    """Returns the settings of tables as native code reads them; `lambda/native/table_settings.zig` describes them."""
    return b"".join([_entry(name, settings.before, settings.rules) for name, settings in tables.items()])


def _entry(name: str, flags: int, rules: Mapping[AttributePath, RuleKind]) -> bytes:
    """Returns the entry of a table or an attribute; the rules' paths start inside of it."""
    members: dict[str, dict[AttributePath, RuleKind]] = {}
    for (first, *rest), kind in rules.items():
        members.setdefault(first, {})[tuple(rest)] = kind
    inside = b"".join([_entry(member, _RULES.index(below.pop((), None)), below) for member, below in members.items()])
    if any(map(has_other_spellings, members)):
        flags |= _HAS_OTHER_SPELLINGS
    spelling = name.encode()
    return b"%b%b%b%b" % (struct.pack("<II", len(spelling), len(inside)), spelling, bytes([flags]), inside)


def _warn(reason: str) -> None:
    document = {"level": "WARNING", "message": "native code is not used, lines are the same", "reason": reason}
    sys.stdout.write(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE).decode())
