"""Reads the CSV that Athena writes of a result: a value is in quotes, null is nothing at all.

Amazon Athena User Guide, "Work with query results and recent queries". Python's `csv` cannot tell null from empty text.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Final

from tools.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tools.lake.engines.results import Row

_FIELD: Final = re.compile(r'(?:"((?:[^"]|"")*)"|([^",]*))(,|$)')


def read(chunks: Iterable[bytes]) -> Iterator[Row]:
    r"""Yields the rows of a CSV file, the names of the columns first, and holds no more than one of them.

    Raises:
        LakeError: the file is no such CSV, or ends inside of a row.

    >>> list(read([b'"a","b"\n"1",\n', b'"","x""y\nz"\n']))
    [('a', 'b'), ('1', None), ('', 'x"y\nz')]
    """
    record: list[str] = []
    quotes = 0
    for line in _lines(chunks):
        record.append(line)
        quotes += line.count('"')
        # A newline inside of a value stands between an odd number of quotes and the rest of them.
        if quotes % 2 == 0:
            yield _fields("".join(record).removesuffix("\n"))
            record, quotes = [], 0
    if record:
        raise LakeError("the file of results ends inside of a row; ask again")


def _fields(text: str) -> Row:
    values: list[str | None] = []
    position = 0
    while True:
        found = _FIELD.match(text, position)
        if found is None:
            raise LakeError("the file of results is no CSV as Athena writes it")
        quoted, bare, end = found.groups()
        values.append(bare or None if quoted is None else quoted.replace('""', '"'))
        position = found.end()
        if not end:
            return tuple(values)


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Yields the lines, each with its newline; no other character ends one."""
    decode = codecs.getincrementaldecoder("utf-8")().decode
    rest = ""
    for chunk in chunks:
        *whole, rest = (rest + decode(chunk)).split("\n")
        for line in whole:
            yield f"{line}\n"
    if rest:
        yield rest
