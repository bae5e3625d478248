"""Reads an item's leaves back from its line, by the record's contract alone.

Nothing here imports the code under test: names, winners and overflow are worked out again from the contract in
lambda/lake_transform/README.md, so that a mistake there is not repeated here. What is handed over besides the line is
the item's shape, its names and types without its values:

    {"a": {"N": "1"}, "b": {"M": {"c": {"L": [{"S": "x"}]}}}}   ->   {"a": "N", "b": {"c": ["S"]}}
"""

from __future__ import annotations

import json
from dataclasses import dataclass

CHANGE_COLUMNS = (
    "cdc_event",
    "cdc_event_id",
    "cdc_table",
    "cdc_changed_at",
    "cdc_changed_at_us",
    "cdc_sequence_number",
    "cdc_key",
    "cdc_ttl",
)
OPTIONAL_COLUMNS = ("cdc_overflow", "cdc_before")
_LOWER = "abcdefghijklmnopqrstuvwxyz"
_DIGITS = "0123456789"


@dataclass(frozen=True)
class Number:
    """A number as it is spelt: 1.0 and 1 are different literals."""

    literal: str


@dataclass(frozen=True)
class _Slot:
    """A path that wants a column: a leaf, or a map of which the members in `only` have names that are too long."""

    path: tuple[str, ...]
    column: str | None
    shape: object
    only: frozenset[str] | None = None


def parse(text):
    """Parses JSON with every number kept as it is spelt; a name that comes twice in one object is an error."""
    return json.loads(text, parse_int=Number, parse_float=Number, parse_constant=_refuse, object_pairs_hook=_once)


def row_of(line):
    """Returns a line's columns, having seen that it is one line of JSON that Athena can read."""
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    row = parse(line.decode("utf-8", errors="strict"))
    assert isinstance(row, dict)
    for column, cell in row.items():
        assert 1 <= len(column) <= 255
        assert column[0] in _LOWER
        assert set(column) <= set(_LOWER + _DIGITS + "_")
        assert not _holds_object(cell), "an object in a cell"
    assert tuple(row)[: len(CHANGE_COLUMNS)] == CHANGE_COLUMNS
    assert not [name for name in row if name.startswith("cdc_") and name not in (*CHANGE_COLUMNS, *OPTIONAL_COLUMNS)]
    return row


def shape_of(value):
    """Returns a typed value's shape; an image is given as `{"M": image}`."""
    ((kind, content),) = value.items()
    if kind == "M":
        return {name: shape_of(member) for name, member in content.items()}
    return [shape_of(element) for element in content] if kind == "L" else kind


def plain(value):
    """Returns a typed value without its types."""
    ((kind, content),) = value.items()
    match kind:
        case "M":
            return {name: plain(member) for name, member in content.items()}
        case "L":
            return [plain(element) for element in content]
        case "N":
            return Number(content)
        case "NS":
            return [Number(literal) for literal in content]
        case "NULL":
            return None
    return content


def leaves_of(image):
    """Returns an image's leaves, path -> plain value; an empty map is a leaf, a list is one whole."""
    return dict(_spread(plain({"M": image}), ()))


def leaves_in(row, shape, *, separator="__", arrays=False):
    """Returns the leaves of an item of the given shape as its row tells them, path -> plain value.

    Args:
        row: the line's columns, from `row_of`.
        shape: the item's names and types.
        separator: what joins the names of a path.
        arrays: whether lists and sets are arrays in the line.
    """
    slots = sorted(
        _slots(shape, (), separator),
        key=lambda slot: (separator.join(slot.path) != slot.column, len(slot.path), slot.path),
    )
    owners = {}
    losers = {}
    for slot in slots:
        if slot.column is None or slot.column in owners:
            losers[_pointer(slot.path)] = slot
        else:
            owners[slot.column] = slot
    cells = {column: cell for column, cell in row.items() if column not in (*CHANGE_COLUMNS, "cdc_before")}
    overflow = parse(cells.pop("cdc_overflow")) if "cdc_overflow" in cells else {}
    assert "cdc_overflow" not in row or overflow, "an empty overflow is absent"
    assert cells.keys() == owners.keys()
    assert overflow.keys() == losers.keys()

    found = {}
    for pointer, value in overflow.items():
        found.update(_spread(_expect(value, losers[pointer]), losers[pointer].path))
    for column, cell in cells.items():
        slot = owners[column]
        value = parse(cell) if slot.only is not None else _value(cell, slot.shape, arrays)
        found.update(_spread(_expect(value, slot), slot.path))
    return found


def _slots(shape, path, separator):
    too_long = set()
    for name, member in shape.items():
        here = (*path, name)
        column = column_of(here, separator)
        if len(column) > 255:
            if path:
                too_long.add(name)
            else:
                yield _Slot(here, None, member)
        elif isinstance(member, dict) and member:
            yield from _slots(member, here, separator)
        else:
            yield _Slot(here, _unless_reserved(column), member)
    if too_long:
        yield _Slot(path, _unless_reserved(column_of(path, separator)), shape, frozenset(too_long))


def column_of(path, separator="__"):
    """Returns the column that a path wants, of any length, reserved or not."""
    column = separator.join("".join(map(_spelled, name)) for name in path)
    return column if column[:1] and column[0] in _LOWER else "x" + column


def _spelled(character):
    if character in _LOWER.upper():
        return _LOWER[_LOWER.upper().index(character)]
    if ord(character) > 127:
        return f"u{ord(character):06x}"
    return character if character in _LOWER + _DIGITS else "_"


def _unless_reserved(column):
    return None if column[:4] == "cdc_" else column


def _pointer(path):
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in path)


def _value(cell, shape, arrays):
    """Returns what a cell stands for."""
    if isinstance(shape, dict):
        return parse(cell)
    if isinstance(shape, list):
        if not arrays:
            return parse(cell)
        return [_value(element, inner, arrays) for element, inner in zip(cell, shape, strict=True)]
    if shape in ("SS", "NS", "BS"):
        return cell if arrays else parse(cell)
    expected = {"S": str, "B": str, "N": Number, "BOOL": bool, "NULL": type(None)}[shape]
    assert type(cell) is expected
    return cell


def _expect(value, slot):
    """Returns the value, having seen that a branch's rest holds its long names and nothing else."""
    if slot.only is not None:
        assert value.keys() == slot.only
    return value


def _spread(value, path):
    if isinstance(value, dict) and value:
        for name, member in value.items():
            yield from _spread(member, (*path, name))
    elif path:
        yield path, value


def _holds_object(cell):
    return isinstance(cell, dict) or (isinstance(cell, list) and any(map(_holds_object, cell)))


def _once(pairs):
    made = dict(pairs)
    assert len(made) == len(pairs), "a name comes twice"
    return made


def _refuse(constant):
    raise AssertionError(f"{constant} is no JSON")
