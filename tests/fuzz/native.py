"""The check of native code for any documents: it writes the same line as `Transform.change`, or declines."""

from __future__ import annotations

import base64
import contextlib
import zlib
from typing import NamedTuple
from unittest import mock

from lake_transform import one_pass
from lake_transform.one_pass import OnePass
from lake_transform.settings import Settings
from lake_transform.transform import Line, Transform
from tests.fuzz.record_bytes import record
from tests.unit.lake_transform import native_library

DECLINED = b""

_MOST_DOCUMENTS = 40
_SETTINGS = [Settings(), Settings(path_separator="__", list_format="array")]
_SEQUENCE_NUMBERS = ["", "0", "49640000000000000000000000000000000000000000000000000007", "1", "2", "3", '"']

_ORDINARY = record(b'{"id":{"S":"1"},"n":{"L":[{"M":{"a":{"N":"2"}}},{"M":{"a":{"N":"3"}}}]}}')


class Native(NamedTuple):
    """Native code and Python with the same settings."""

    one_pass: OnePass
    transform: Transform


def _natives():
    library = native_library.path()
    if library is None:
        return []
    return [
        Native(OnePass(library, chosen.path_separator, chosen.list_format), Transform(chosen)) for chosen in _SETTINGS
    ]


# The default settings come first. Made once, so that what one input leaves in memory can affect the next.
NATIVES = _natives()


def documents_of(data):
    """Returns the documents of an input of `target.check`."""
    return list(_documents(data.split(b"\n")[:_MOST_DOCUMENTS]))


def _documents(lines):
    for line in lines:
        if line[:1] == b"=":
            with contextlib.suppress(ValueError):
                yield base64.b64decode(line[1:])
        elif line[:1] != b"@":
            yield line


def check(data, natives=NATIVES):
    """Checks the lines that native code writes for an input's documents.

    Raises:
        AssertionError: a line is wrong.
        RecordError: native code wrote a line for a document that cannot become one.
    """
    documents = documents_of(data)
    numbers = [_SEQUENCE_NUMBERS[place % len(_SEQUENCE_NUMBERS)] for place in range(len(documents))]
    for native in natives:
        lines = native.one_pass.lines(documents, numbers)
        assert len(lines) == len(documents)
        for document, number, line in zip(documents, numbers, lines, strict=True):
            if line != DECLINED:
                assert native.transform.change(document, sequence_number=number or None) == Line(line, 0)
        # A record's line must not depend on its neighbours or on earlier calls.
        assert native.one_pass.lines(documents[::-1], numbers[::-1])[::-1] == lines
        alone = [
            native.one_pass.lines([document], [number]) for document, number in zip(documents, numbers, strict=True)
        ]
        assert alone == [[line] for line in lines]
        _check_room(native.one_pass, documents, numbers, lines)
        # No input may make it decline all later records.
        assert native.one_pass.lines([_ORDINARY], [""]) != [DECLINED]


def _check_room(native, documents, numbers, lines):
    """Checks that with a small buffer each line is the same, or is declined if it is longer than the buffer."""
    room = 1 + zlib.crc32(b"".join(documents)) % max(map(len, [b" ", *lines]))
    with mock.patch.object(one_pass, "_OUTPUT_BYTES", room):
        assert native.lines(documents, numbers) == [line if len(line) < room else DECLINED for line in lines]
