"""Which types read a value back: what Athena's JSON SerDes make of a value in a column of a type.

The rules are those of Hive's `JsonSerDe` and of the OpenX SerDe as the source of Trino repeats them, "bug for bug"
(`io.trino.hive.formats.line.json.JsonDeserializer`, `...openxjson.OpenXJsonDeserializer`); Athena is built on Trino.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tools.lake.value_shapes import Shape

SerDe = Literal["hive", "openx"]

Reading = Literal["exact", "changed", "null", "fails"]
"""What a query sees of a value: the value, another one, null, or an error instead of any row."""

_ORDER: Final[tuple[Reading, ...]] = ("exact", "changed", "null", "fails")

MOST_DIGITS: Final = 38
"""Digits of a decimal (Amazon Athena User Guide, "Data types in Amazon Athena")."""

BIGINT_DIGITS: Final = 19
DOUBLE_DIGITS: Final = 15
"""Decimal digits that a double always keeps."""

_DECIMAL: Final = re.compile(r"decimal(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?")
_ARRAY: Final = re.compile(r"array<(.+)>")
_DEFAULT_PRECISION: Final = 10


class Type(NamedTuple):
    """A type of a column: its name, digits and digits after the point of a decimal, element type of an array."""

    name: str
    precision: int = 0
    scale: int = 0
    element: Type | None = None

    def __str__(self) -> str:
        if self.element is not None:
            return f"array<{self.element}>"
        return f"decimal({self.precision},{self.scale})" if self.name == "decimal" else self.name


STRING: Final = Type("string")
BOOLEAN: Final = Type("boolean")
BIGINT: Final = Type("bigint")
DOUBLE: Final = Type("double")


def decimal(scale: int) -> Type:
    """Returns the decimal with the most digits and `scale` of them after the point."""
    return Type("decimal", MOST_DIGITS, scale)


def array(element: Type) -> Type:
    """Returns the array of `element`."""
    return Type("array", element=element)


@lru_cache(1024)
def parse(text: str) -> Type:
    """Returns the type that a column is declared with; one that is not known here has its text as its name.

    >>> str(parse("array<decimal(10,2)>")), parse("struct<a:int>").name
    ('array<decimal(10,2)>', 'struct<a:int>')
    """
    spelled = text.strip().lower()
    if found := _ARRAY.fullmatch(spelled):
        return array(parse(found[1]))
    if found := _DECIMAL.fullmatch(spelled):
        return Type("decimal", int(found[1] or _DEFAULT_PRECISION), int(found[2] or 0))
    return Type(spelled)


def is_judged(type_: Type) -> bool:
    """Says whether `reading` knows the type."""
    if type_.element is not None:
        return is_judged(type_.element)
    return type_.name in _READERS


def reading(type_: Type, shape: Shape, serde: SerDe) -> Reading:
    """Returns what a query sees of values of a shape in a column of a type; `exact` for a type that is not known.

    A number is the same whether its digits are written out or not: `1E+5` reads as 100000.
    """
    if shape.kind == "null":
        return "exact"
    if type_.element is not None:
        return _of_array(type_.element, shape, serde)
    if type_.name not in _READERS:
        return "exact"
    if shape.kind in ("array", "object") and serde == "hive":
        return "fails"
    return _READERS[type_.name](type_, shape, serde)


def worst(readings: Iterable[Reading]) -> Reading:
    """Returns the reading that loses most; `exact` of none."""
    return max(readings, key=_ORDER.index, default="exact")


def _of_array(element: Type, shape: Shape, serde: SerDe) -> Reading:
    if shape.kind == "array":
        return worst(reading(element, each, serde) for each in shape.elements)
    # OpenX makes an array of one element of it.
    return "fails" if serde == "hive" else worst(("changed", reading(element, shape, serde)))


def _string(_type: Type, _shape: Shape, _serde: SerDe) -> Reading:
    # Hive takes the token's text. OpenX spells numbers in a way of its own, with all digits, and arrays as JSON text.
    return "exact"


def _boolean(_type: Type, shape: Shape, _serde: SerDe) -> Reading:
    # Whatever is not spelled "true" is false.
    return "exact" if shape.kind == "boolean" else "changed"


def _bigint(_type: Type, shape: Shape, serde: SerDe) -> Reading:
    nothing: Reading = "fails" if serde == "hive" else "null"
    if shape.is_bigint:
        return "exact"
    if shape.kind == "number":
        if shape.whole >= BIGINT_DIGITS:
            return nothing
        # What has a point or an exponent goes through a double on the way.
        return "exact" if shape.whole <= DOUBLE_DIGITS and not shape.scale else "changed"
    return "changed" if shape.digits and serde == "openx" and shape.whole < BIGINT_DIGITS else _scalar(shape, nothing)


def _decimal(type_: Type, shape: Shape, _serde: SerDe) -> Reading:
    if not shape.digits:
        return _scalar(shape, "null")
    if shape.whole > type_.precision - type_.scale:
        return "null"
    return "exact" if shape.kind == "number" and shape.scale <= type_.scale else "changed"


def _double(_type: Type, shape: Shape, serde: SerDe) -> Reading:
    if shape.kind == "number":
        return "exact" if shape.whole + shape.scale <= DOUBLE_DIGITS else "changed"
    return "changed" if shape.digits and serde == "openx" else _scalar(shape, "fails" if serde == "hive" else "null")


def _scalar(shape: Shape, of_scalars: Reading) -> Reading:
    return "fails" if shape.kind in ("array", "object") else of_scalars


_READERS: Final = {"string": _string, "boolean": _boolean, "bigint": _bigint, "decimal": _decimal, "double": _double}
