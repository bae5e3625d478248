"""Compares the columns that are declared with what is in the lake, and says what should be declared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

from tools.lake import column_types, inference, value_shapes
from tools.lake.column_types import Reading, SerDe
from tools.lake.columns_file import is_column
from tools.lake.inference import Numbers
from tools.lake.value_shapes import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from tools.lake.column_types import Type
    from tools.lake.summaries import Example, Seen, Summary

Status = Literal["same", "new", "changed", "conflict", "masked", "gone"]
"""What there is to say of a column.

- same: what is declared reads back every value.
- new: it is not declared.
- changed: values do not read back, and `proposed` is the type that does.
- conflict: values of several kinds, text and numbers for instance: what reads them all is text, if anything does.
- masked: as `same`, of hashes that a rule makes.
- gone: it is declared, and no row has it.
"""

EXAMPLES: Final = 3
"""Rows that are named for each column."""


class Found(msgspec.Struct, frozen=True):
    """A row that shows something: the kind of its value, the item's `cdc_key`, and object and line."""

    kind: Kind
    cdc_key: str
    object: str
    line: int


class Column(msgspec.Struct, frozen=True):
    """One column of a table.

    Attributes:
        name: its name.
        status: what there is to say of it.
        declared: the type that it is compared with, the deployed one where that is known; None: it has none.
        proposed: the type that should be; None: no type reads back all values, or the name is none of a column.
        is_masked: whether a rule hashes it.
        rows: rows that have it, null or not.
        nulls: those in which it is null.
        kinds: kind of value -> rows.
        lost: of the values, how a query sees those that the declared type does not read back -> rows.
        examples: rows with a value that is lost, or one of each kind where there are several.
    """

    name: str
    status: Status
    declared: str | None
    proposed: str | None
    is_masked: bool
    rows: int
    nulls: int
    kinds: dict[Kind, int]
    lost: dict[Reading, int]
    examples: tuple[Found, ...]

    @property
    def is_drift(self) -> bool:
        """Whether readers miss something: the column, or values in it."""
        return bool(self.lost) or (self.status in ("new", "conflict") and self.declared is None and bool(self.proposed))


class Expected(msgspec.Struct, frozen=True):
    """How columns are declared: how numbers are, what reads them, which columns rules hash, and which are of the key.

    The catalog declares the columns of the key as text, where no file says otherwise. `narrow` proposes for each column
    the type that what was seen asks for, though what is declared reads more.
    """

    numbers: Numbers = "string"
    serde: SerDe = "hive"
    hashed: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    narrow: bool = False


def compare(summary: Summary, declared: Mapping[str, str], expected: Expected) -> list[Column]:
    """Returns the columns of a table by name: those in `summary` and those in `declared`, name -> type."""
    known = {name: str(column_types.STRING) for name in expected.keys & summary.columns.keys()} | dict(declared)
    return [
        _column(name, summary.columns.get(name, {}), known.get(name), expected)
        for name in sorted({*summary.columns, *known})
    ]


def changes(columns: Collection[Column], declared: Mapping[str, str]) -> dict[str, str]:
    """Returns what to declare that `declared`, with which `columns` were compared, does not: name -> type."""
    return {
        column.name: column.proposed
        for column in columns
        if column.proposed not in (None, column.declared, declared.get(column.name))
    }


def as_deployed(
    summary: Summary, deployed: Mapping[str, str], by_file: Collection[Column], expected: Expected
) -> list[Column]:
    """Returns the columns as queries see them, which go by `deployed`; what is proposed is what the file should say.

    Args:
        summary: what was seen.
        deployed: columns of the catalog, name -> type.
        by_file: the same columns, compared with the file.
        expected: how columns are declared.
    """
    proposed = {column.name: column.proposed for column in by_file}
    return [
        msgspec.structs.replace(column, proposed=proposed.get(column.name, column.proposed))
        for column in compare(summary, deployed, expected)
    ]


def undeployed(declared: Mapping[str, str], deployed: Mapping[str, str]) -> list[str]:
    """Returns the columns that are declared, and deployed with another type or not at all."""
    return sorted(
        name
        for name, type_ in declared.items()
        if name not in deployed or column_types.parse(deployed[name]) != column_types.parse(type_)
    )


def _column(name: str, seen: Mapping[str, Seen], declared: str | None, expected: Expected) -> Column:
    shapes = {value_shapes.parse(text): values for text, values in seen.items()}
    is_masked = name in expected.hashed
    lost: dict[Reading, int] = {}
    losing: list[tuple[Kind, Example]] = []
    if declared is not None:
        for shape, values in shapes.items():
            read = column_types.reading(column_types.parse(declared), shape, expected.serde)
            if read != "exact":
                lost[read] = lost.get(read, 0) + values.rows
                losing.append((shape.kind, values.first))
    proposed = _proposed(name, shapes, declared, expected)
    text = None if proposed is None else str(proposed)
    is_mixed = inference.is_mixed(shapes)
    by_kind: dict[Kind, int] = {}
    firsts: dict[Kind, Example] = {}
    for shape, values in shapes.items():
        by_kind[shape.kind] = by_kind.get(shape.kind, 0) + values.rows
        firsts[shape.kind] = min(values.first, firsts.get(shape.kind, values.first))
    shown = losing or ([(kind, first) for kind, first in firsts.items() if kind != "null"] if is_mixed else [])
    return Column(
        name=name,
        status=_status(
            declared, text, is_mixed=is_mixed, is_masked=is_masked, is_seen=bool(shapes), is_lost=bool(lost)
        ),
        declared=declared,
        proposed=text,
        is_masked=is_masked,
        rows=sum(by_kind.values()),
        nulls=by_kind.pop("null", 0),
        kinds=dict(sorted(by_kind.items())),
        lost=dict(sorted(lost.items())),
        examples=tuple(_examples(shown)),
    )


def _proposed(
    name: str, shapes: Collection[value_shapes.Shape], declared: str | None, expected: Expected
) -> Type | None:
    if not is_column(name):
        return None
    if declared is None:
        return inference.propose(shapes, expected.numbers, expected.serde)
    known = column_types.parse(declared)
    if not column_types.is_judged(known) or not inference.kinds(shapes):
        return known
    if expected.narrow:
        return inference.propose(shapes, expected.numbers, expected.serde)
    return inference.widen(known, shapes, expected.numbers, expected.serde)


def _status(
    declared: str | None, proposed: str | None, *, is_mixed: bool, is_masked: bool, is_seen: bool, is_lost: bool
) -> Status:
    if not is_seen:
        return "gone"
    if is_mixed or proposed is None:
        return "conflict"
    if declared is None:
        return "new"
    if is_lost or column_types.parse(declared) != column_types.parse(proposed):
        return "changed"
    return "masked" if is_masked else "same"


def _examples(rows: list[tuple[Kind, Example]]) -> Iterator[Found]:
    """Yields some of the rows, one of each kind before a second of any."""
    ordered = sorted(rows, key=lambda each: each[1])
    firsts = {kind: position for position, (kind, _) in reversed(list(enumerate(ordered)))}
    ranked = sorted(range(len(ordered)), key=lambda position: (firsts[ordered[position][0]] != position, position))
    for position in ranked[:EXAMPLES]:
        kind, example = ordered[position]
        yield Found(kind, example.cdc_key, example.object, example.line)
