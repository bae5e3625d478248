"""The type that a column should have: the widest that loses nothing of what was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tools.lake import column_types
from tools.lake.column_types import BIGINT, BIGINT_DIGITS, BOOLEAN, MOST_DIGITS, STRING, Type

if TYPE_CHECKING:
    from collections.abc import Collection

    from tools.lake.column_types import SerDe
    from tools.lake.value_shapes import Kind, Shape

Numbers = Literal["string", "typed"]
"""How numbers are declared: as text, which loses nothing whatever comes, or as `bigint` or `decimal` where all fit."""


def kinds(shapes: Collection[Shape]) -> set[Kind]:
    """Returns the kinds of values that are not null."""
    return {shape.kind for shape in shapes} - {"null"}


def is_mixed(shapes: Collection[Shape]) -> bool:
    """Says whether values are of several kinds, so that the column means several things; in an array's elements too."""
    elements = [each for shape in shapes for each in shape.elements]
    return len(kinds(shapes)) > 1 or "object" in kinds(shapes) or (bool(elements) and is_mixed(elements))


def propose(shapes: Collection[Shape], numbers: Numbers, serde: SerDe) -> Type | None:
    """Returns the type that reads back all values of these shapes; None where no type does.

    Args:
        shapes: what was seen.
        numbers: how numbers are declared.
        serde: what reads the column.
    """
    seen = kinds(shapes)
    if seen == {"array"}:
        element = propose([each for shape in shapes for each in shape.elements], numbers, serde)
        return None if element is None else column_types.array(element)
    if seen & {"array", "object"}:
        # Hive's SerDe reads them as no scalar, so that a query which asks for the column fails.
        return STRING if serde == "openx" else None
    if seen == {"boolean"}:
        return BOOLEAN
    if seen == {"number"} and numbers == "typed":
        return _number(shapes)
    return STRING


def widen(declared: Type, shapes: Collection[Shape], numbers: Numbers, serde: SerDe) -> Type | None:
    """Returns the type that reads back these shapes, and all values that `declared` reads; None where there is none.

    It is `declared` where that loses nothing.
    """
    if column_types.worst(column_types.reading(declared, shape, serde) for shape in shapes) == "exact":
        return declared
    proposed = propose(shapes, numbers, serde)
    if proposed is None:
        return None
    if declared.element is not None and proposed.element is not None:
        element = widen(declared.element, [each for shape in shapes for each in shape.elements], numbers, serde)
        return None if element is None else column_types.array(element)
    if kinds(shapes) == {"number"} and declared.name in ("bigint", "decimal"):
        return _wider_decimal(declared, shapes)
    if serde == "hive" and (proposed.element is not None or declared.element is not None):
        return None
    return STRING


def _number(shapes: Collection[Shape]) -> Type:
    numbers = [shape for shape in shapes if shape.kind == "number"]
    if all(shape.is_bigint for shape in numbers):
        return BIGINT
    return _decimal(max(shape.whole for shape in numbers), max(shape.scale for shape in numbers))


def _wider_decimal(declared: Type, shapes: Collection[Shape]) -> Type:
    whole = BIGINT_DIGITS if declared == BIGINT else declared.precision - declared.scale
    return _decimal(
        max(whole, *(shape.whole for shape in shapes)), max(declared.scale, *(shape.scale for shape in shapes))
    )


def _decimal(whole: int, scale: int) -> Type:
    return column_types.decimal(scale) if whole + scale <= MOST_DIGITS else STRING
