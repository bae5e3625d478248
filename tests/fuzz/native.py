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
from lake_transform.shapes import Shapes
from lake_transform.transform import Transform
from tests.fuzz.record_bytes import record
from tests.fuzz.ruled_records import HOOKED, RULED
from tests.unit.lake_transform import native_library

DECLINED = b""

_MOST_DOCUMENTS = 40
_SETTINGS = [Settings(), Settings(path_separator="_", list_format="array"), RULED, HOOKED]
_SEQUENCE_NUMBERS = ["", "0", "49640000000000000000000000000000000000000000000000000007", "1", "2", "3", '"']

_ORDINARY = record(b'{"id":{"S":"1"},"n":{"L":[{"M":{"a":{"N":"2"}}},{"M":{"a":{"N":"3"}}}]}}')


class Native(NamedTuple):
    """Native code and Python with the same settings.

    Attributes:
        counts: the columns that each has counted.
        has_rules: whether tables have rules.
    """

    one_pass: OnePass
    transform: Transform
    counts: tuple[Shapes, Shapes]
    has_rules: bool


def _natives():
    library = native_library.path()
    if library is None:
        return []
    return [_native(library, chosen) for chosen in _SETTINGS]


def _native(library, settings):
    counts = (Shapes(), Shapes())
    return Native(OnePass(library, settings, counts[0]), Transform(settings, counts[1]), counts, bool(settings.tables))


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
        for counted in native.counts:
            counted.start_batch()
        lines = native.one_pass.lines(documents, numbers)
        assert len(lines) == len(documents)
        for document, number, line in zip(documents, numbers, lines, strict=True):
            if line != DECLINED:
                expected = native.transform.change(document, sequence_number=number or None)
                assert native.transform.hooked(line, document) == expected
                assert expected.overflowed == 0
        if not native.one_pass.for_hook:
            assert len({counted.columns_at_most for counted in native.counts}) == 1
        # A record's line must not depend on its neighbours or on earlier calls.
        assert native.one_pass.lines(documents[::-1], numbers[::-1])[::-1] == lines
        alone = [
            native.one_pass.lines([document], [number]) for document, number in zip(documents, numbers, strict=True)
        ]
        assert alone == [[line] for line in lines]
        _check_room(native, documents, numbers, lines)
        # No input may make it decline all later records.
        assert native.one_pass.lines([_ORDINARY], [""]) != [DECLINED]


def _check_room(native, documents, numbers, lines):
    """Checks that with a small buffer each line is the same, or is declined if it is longer than the buffer.

    Where there are rules a line can be longer before a value is hashed or left out, so it may be declined earlier.
    """
    room = 1 + zlib.crc32(b"".join(documents)) % max(map(len, [b" ", *lines]))
    with mock.patch.object(one_pass, "_OUTPUT_BYTES", room):
        found = native.one_pass.lines(documents, numbers)
    for document, line, short in zip(documents, lines, found, strict=True):
        expected = line if len(line) < room else DECLINED
        is_declined_early = native.has_rules and short == DECLINED and len(line) + 4 * len(document) >= room
        assert short == expected or is_declined_early
