"""Rewrites lake lines so that DuckDB, which makes doubles of the numbers in JSON, finds text with every digit instead.

A number, `true` and `false` become text; a map becomes its JSON text; an array becomes its JSON text too and, under the
name with `[]` behind it, an array of text. Null becomes absent. Names are in lower case, as SerDes read them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from tools.lake import lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ARRAY: Final = "[]"
"""Ends the name under which the elements of an array lie; no column can be called like that."""

_ROW: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ELEMENTS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_QUOTE: Final = ord('"')
_BRACKET: Final = ord("[")
_ENCODE: Final = msgspec.json.Encoder().encode


class LineError(Exception):
    """A line is no JSON object: its number, from 1, and what is wrong with it."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(f"line {number} is {why}")


def rewrite(chunks: Iterable[bytes], folder: Mapping[str, str]) -> Iterator[bytes]:
    """Yields the rewritten lines in the bytes of an object; `folder` has the columns that its key says.

    Raises:
        LineError: a line is none of JSON, as which the SerDe would fail the query too.
    """
    number = 0
    try:
        for number, line in enumerate(lines.split(chunks), start=1):
            if line is None:
                raise LineError(number, f"longer than {lines.LONGEST} bytes")
            if line.strip():
                yield _line(line, number, folder)
    except lines.DamagedError as error:
        raise LineError(number + 1, str(error)) from None


def _line(line: bytes, number: int, folder: Mapping[str, str]) -> bytes:
    try:
        row: dict[str, Any] = {}
        for name, value in _ROW.decode(line).items():
            raw = bytes(value)
            if raw[0] == _QUOTE:
                row[name.lower()] = value
            elif raw != b"null":
                row[name.lower()] = raw.decode()
                if raw[0] == _BRACKET:
                    row[name.lower() + ARRAY] = _array(value)
        row.update(folder)
        return _ENCODE(row) + b"\n"
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise LineError(number, "no JSON object") from None


def _array(value: msgspec.Raw) -> list[Any]:
    return [_element(each) for each in _ELEMENTS.decode(value)]


def _element(value: msgspec.Raw) -> list[Any] | msgspec.Raw | str | None:
    raw = bytes(value)
    if raw[0] == _BRACKET:
        return _array(value)
    if raw[0] == _QUOTE:
        return value
    return None if raw == b"null" else raw.decode()
