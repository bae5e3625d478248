"""A hook gets the same row of a line that native code wrote as of a record that Python handles.

`Transform.hooked` is given a line as native code writes it, which are the bytes of `Transform.change` without a hook.
"""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lake_transform.errors import RecordError
from lake_transform.literals import Number
from lake_transform.settings import Settings
from lake_transform.table_settings import TableSettings, parse_path
from lake_transform.transform import Transform
from tests.unit.lake_transform.conftest import MASK_KEY
from tests.unit.lake_transform.legal_items import change, encoded, generated, items

_SEEN = []


def remember(row, seen_change):
    """A hook that keeps what it sees."""
    _SEEN.append(([(column, _typed(value)) for column, value in row.items()], seen_change))
    return row


def _typed(value):
    """Returns a value with all that a hook can tell of it: its type, and a number's literal."""
    if isinstance(value, list):
        return [_typed(element) for element in value]
    return type(value), value, getattr(value, "literal", None)


def _both_rows(document, **chosen):
    """Returns what the hook sees on either way, and the lines."""
    plain = Transform(Settings(**chosen)).change(document, sequence_number="49640")
    hooked = Transform(Settings(hook=f"{__name__}:remember", **chosen))
    _SEEN.clear()
    lines = [
        hooked.change(document, sequence_number="49640"),
        hooked.hooked(plain.data, document, sequence_number="49640"),
    ]
    (python, _), (native, _) = _SEEN
    assert lines[0].data == lines[1].data == plain.data
    return python, native


_EVERY_TYPE = {
    "s": {"S": 'a"b\né\u2028'},
    "true": {"BOOL": True},
    "false": {"BOOL": False},
    "null": {"NULL": True},
    "b": {"B": "AQ=="},
    "ss": {"SS": ["1", "b"]},
    "ns": {"NS": ["1", "1.50", "1e400"]},
    "bs": {"BS": ["AQ=="]},
    "l": {
        "L": [{"N": "7"}, {"N": "7.0"}, {"L": [{"N": "1E+5"}, {"S": "7"}, {"NULL": True}]}, {"M": {"a": {"N": "1"}}}]
    },
    "m": {"M": {"n": {"N": "9" * 38}, "e": {"M": {}}, "l": {"L": []}}},
    "empty": {"S": ""},
    "número": {"N": "7"},
}


@pytest.mark.parametrize("list_format", ["text", "array"])
def test_every_type_of_value_is_the_same(record, list_format):
    python, native = _both_rows(record(_EVERY_TYPE), list_format=list_format)

    assert native == python


@pytest.mark.parametrize(
    "literal",
    [
        *("0", "7", "-7", "1.50", "-0.0", "0.000", "1e5", "1E+5", "1e400", "1e-400", "9" * 38, "-" + "9" * 38),
        *("9223372036854775808", "18446744073709551616", "0." + "1" * 38),
        *("1" * 4_300, "1" * 4_301, "1" * 9_000 + ".5"),
    ],
    ids=lambda literal: literal[:45],
)
@pytest.mark.parametrize("list_format", ["text", "array"])
def test_every_number_is_exact_and_keeps_its_literal(record, literal, list_format):
    image = {
        "a": {"N": literal},
        "b": {"M": {"c": {"N": literal}}},
        "d": {"NS": [literal]},
        "e": {"L": [{"N": literal}]},
    }
    python, native = _both_rows(record(image), list_format=list_format)

    assert native == python
    assert dict(native)["a"] == (Number, Decimal(literal), literal)
    if list_format == "array":
        assert dict(native)["e"] == [(Number, Decimal(literal), literal)]


def test_a_negative_zero_keeps_its_sign_where_python_writes_the_line(record):
    hooked = Transform(Settings(hook=f"{__name__}:remember", list_format="array"))
    _SEEN.clear()
    line = hooked.change(record({"a": {"N": "-0"}, "b": {"NS": ["-0"]}})).data

    assert dict(_SEEN[0][0])["a"] == (Number, 0, "-0")
    assert b'"a":-0,"b":[-0]' in line


def test_the_time_in_microseconds_is_an_integer(record):
    for row in _both_rows(record()):
        assert dict(row)["cdc_changed_at_us"] == (int, 1_700_000_000_123_456, None)


def test_a_number_that_decimal_cannot_hold_is_refused_alike(record):
    document = record({"a": {"N": "1e99999999999999999999"}})
    line = Transform(Settings()).change(document).data
    hooked = Transform(Settings(hook=f"{__name__}:remember"))

    for make in (lambda: hooked.change(document), lambda: hooked.hooked(line, document)):
        with pytest.raises(RecordError, match="grammar"):
            make()


_RULES = {"a": "hash", "b.c": "drop", "m": "json", "x.y": "text", "id": "hash", "n": "text", "é": "drop"}


@generated
@given(
    item=items(),
    list_format=st.sampled_from(["text", "array"]),
    event=st.sampled_from(["INSERT", "MODIFY", "REMOVE"]),
    tables=st.sampled_from(
        [{}, {"orders": TableSettings(before=True, rules={parse_path(path): kind for path, kind in _RULES.items()})}]
    ),
)
def test_the_rows_of_any_legal_item_are_the_same(item, list_format, event, tables):
    document = encoded(change(item, event))
    chosen = {"list_format": list_format, "tables": tables, "mask_key": MASK_KEY}
    # Native code declines a record with a number that is spelled -0.
    assume(not re.search(rb"[:,[]-0[],}]", Transform(Settings(**chosen)).change(document).data))

    python, native = _both_rows(document, **chosen)

    assert native == python


def test_a_hooks_row_is_written_alike(record):
    image = {"price": {"N": "2.50"}, "name": {"S": "n"}, "l": {"L": [{"N": "1"}]}}
    line = Transform(Settings(list_format="array")).change(record(image)).data
    transform = Transform(Settings(hook=f"{__name__}:change_row", list_format="array"))

    written = transform.hooked(line, record(image))

    assert written == transform.change(record(image))
    assert b'"price":2.50,"name":"N","l":[1,9],"twice":5.00}' in written.data


def change_row(row, _change):
    row["name"] = row["name"].upper()
    row["l"].append(9)
    return row | {"twice": row["price"] * 2}


def drop_row(_row, _change):
    return None


def fail(row, _change):
    raise KeyError(row["name"])


def test_a_row_is_dropped_and_a_hook_fails_alike(record):
    document = record({"name": {"S": "s3cr3t"}})
    line = Transform(Settings()).change(document).data

    assert Transform(Settings(hook=f"{__name__}:drop_row")).hooked(line, document).data is None
    with pytest.raises(RecordError, match=r"^the hook raised KeyError$"):
        Transform(Settings(hook=f"{__name__}:fail")).hooked(line, document)


def test_the_sequence_number_is_kept_where_the_line_is_made_anew(record):
    document = record({"a": {"N": "1" * 5_000}})
    line = Transform(Settings()).change(document, sequence_number="7").data
    hooked = Transform(Settings(hook=f"{__name__}:remember"))

    assert b'"cdc_sequence_number":"7"' in hooked.hooked(line, document, sequence_number="7").data
