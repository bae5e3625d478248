"""The shape of a value: as much of it as decides which types read it back, and no more.

A shape is a short text, so that millions of values are counted in a small dictionary:

    z           null
    b           boolean
    s           text
    t:W.S       text that spells a number with W digits before the point and S after it
    n:W.S       a number; n:W.Si: an integer without point and exponent that 64 bits hold
    a(...)      an array, and the shapes of its elements
    o           an object, which no line of ours holds

Digits are those of the number written out, `1E+5` has six, without zeros that say nothing. More than 38, the most that
a decimal holds, are 39.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

NULL: Final = "z"
BOOLEAN: Final = "b"
TEXT: Final = "s"
OBJECT: Final = "o"

TOO_MANY: Final = 39
"""Digits from here on are not told apart."""

Kind = Literal["null", "boolean", "text", "number", "array", "object"]

_KINDS: Final[dict[str, Kind]] = {
    "z": "null", "b": "boolean", "s": "text", "t": "text", "n": "number", "a": "array", "o": "object",
}  # fmt: skip
_NUMBER: Final = re.compile(rb"[+-]?(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d+))?")
"""A number as JSON and, more freely, Java's BigDecimal spell it."""

_NUMBER_STARTS: Final = frozenset(b"+-.0123456789")
_EXPONENT_DIGITS: Final = 6
_SAFE_DIGITS: Final = 18
_LEAST: Final = -(2**63)
_MOST: Final = 2**63 - 1
_ELEMENTS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_REMEMBERED: Final = 65_536
_BY_FIRST: Final = {ord("n"): NULL, ord("t"): BOOLEAN, ord("f"): BOOLEAN, ord("{"): OBJECT}
_INTEGERS: Final = tuple(f"n:{digits}.0i" for digits in range(_SAFE_DIGITS + 1))
"""Shapes of the integers that are seen most, without a sign, by their length."""


class Shape(NamedTuple):
    """A shape, read.

    Attributes:
        kind: the kind of JSON value.
        digits: whether it is a number, or text that spells one.
        whole: digits before the point.
        scale: digits after it.
        is_bigint: whether it is an integer, spelled as one, that 64 bits hold.
        elements: the shapes of an array's elements.
    """

    kind: Kind
    digits: bool = False
    whole: int = 0
    scale: int = 0
    is_bigint: bool = False
    elements: tuple[Shape, ...] = ()


def shape(value: bytes) -> str:
    """Returns the shape of a value, given as its JSON text.

    >>> [shape(text) for text in (b"1.50", b"-7", b"1E+5", b'"x"', b'"007"', b"null", b'[1,2.5,"a"]')]
    ['n:1.1', 'n:1.0i', 'n:6.0', 's', 't:1.0', 'z', 'a(n:1.1,s)']
    """
    first = value[0]
    if first == 0x22:  # a quotation mark
        return _text_number(value[1:-1]) if value[1] in _NUMBER_STARTS else TEXT
    if first in _BY_FIRST:
        return _BY_FIRST[first]
    if first == 0x5B:  # an opening bracket
        return f"a({','.join(_joined(shape(bytes(each)) for each in _ELEMENTS.decode(value)))})"
    if value.isdigit() and first != 0x30 and len(value) <= _SAFE_DIGITS:
        return _INTEGERS[len(value)]
    return _number(value)


@lru_cache(_REMEMBERED)
def _number(literal: bytes) -> str:
    facts = _digits(literal)
    if facts is None:  # no JSON, which the decoder of lines has refused
        return OBJECT
    whole, scale = facts
    is_plain = literal.lstrip(b"-").isdigit()
    is_bigint = is_plain and (len(literal) <= _SAFE_DIGITS or (whole < TOO_MANY and _LEAST <= int(literal) <= _MOST))
    return f"n:{whole}.{scale}{'i' if is_bigint else ''}"


def _text_number(text: bytes) -> str:
    if text.isdigit():
        return f"t:{min(len(text.lstrip(b'0')), TOO_MANY)}.0"
    facts = _digits(text)
    return TEXT if facts is None else f"t:{facts[0]}.{facts[1]}"


def _digits(literal: bytes) -> tuple[int, int] | None:
    """Returns how many digits a number has before and after the point, written out; None where it is none."""
    found = _NUMBER.fullmatch(literal)
    if found is None:
        return None
    whole, fraction = found[1] or b"", found[2] or found[3] or b""
    digits = whole + fraction
    significant = digits.lstrip(b"0")
    if not significant:
        return 0, 0
    exponent = found[4] or b"0"
    if len(exponent) > _EXPONENT_DIGITS:
        return TOO_MANY, TOO_MANY
    point = len(whole) + int(exponent) - (len(digits) - len(significant))
    scale = len(significant.rstrip(b"0")) - point
    return min(max(point, 0), TOO_MANY), min(max(scale, 0), TOO_MANY)


def _joined(shapes: Iterable[str]) -> list[str]:
    """Returns the shapes of elements, each kind once: numbers together have the most digits of any."""
    kinds: dict[str, str] = {}
    for each in shapes:
        kind = TEXT if each[0] == "t" else each[0]
        kinds[kind] = _wider(kinds[kind], each) if kind in kinds else (TEXT if kind == TEXT else each)
    return sorted(kinds.values())


def _wider(one: str, other: str) -> str:
    if one == other or one[0] not in "na":
        return one
    first, second = parse(one), parse(other)
    if one[0] == "a":
        return f"a({','.join(_joined(_split(one) + _split(other)))})"
    mark = "i" if first.is_bigint and second.is_bigint else ""
    return f"n:{max(first.whole, second.whole)}.{max(first.scale, second.scale)}{mark}"


def _split(array: str) -> list[str]:
    """Returns the shapes of an array's elements, of which those of arrays have commas of their own."""
    found, depth, start = [], 0, 2
    for position in range(2, len(array)):
        depth += {"(": 1, ")": -1}.get(array[position], 0)
        if depth < 0 or (depth == 0 and array[position] == ","):
            found.append(array[start:position])
            start = position + 1
    return [each for each in found if each]


@lru_cache(_REMEMBERED)
def parse(text: str) -> Shape:
    """Returns a shape, read.

    >>> parse("n:6.0").whole, parse("a(n:1.1,s)").elements[1].kind
    (6, 'text')
    """
    kind = _KINDS[text[0]]
    if text[0] == "a":
        return Shape(kind, elements=tuple(parse(each) for each in _split(text)))
    if text[0] not in "nt":
        return Shape(kind)
    whole, scale = text[2:].removesuffix("i").split(".")
    return Shape(kind, True, int(whole), int(scale), text.endswith("i"))
