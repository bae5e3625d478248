"""A hook gets the same row of a line that native code wrote for it as of a record that Python handles."""

from __future__ import annotations

import base64
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake_transform import batch
from lake_transform.errors import RecordError
from lake_transform.literals import Number
from lake_transform.settings import Settings
from lake_transform.table_settings import TableSettings, parse_path
from lake_transform.transform import Transform
from tests.unit.lake_transform.both_paths import DECLINED, Both, needs_native_code
from tests.unit.lake_transform.conftest import MASK_KEY
from tests.unit.lake_transform.legal_items import change, encoded, generated, items

pytestmark = needs_native_code

_SEEN = []


def remember(row, seen_change):
    """A hook that keeps what it sees."""
    _SEEN.append(([(column, _typed(value)) for column, value in row.items()], seen_change))
    return row


def _typed(value):
    """Returns a value with all that a hook can tell of it: its type, its digits, and a number's literal."""
    if isinstance(value, list):
        return [_typed(element) for element in value]
    return type(value), str(value), getattr(value, "literal", None)


def _both_rows(document, **chosen):
    """Returns what the hook sees on either way; the second is None if native code declines. The lines are the same."""
    both = Both(hook=f"{__name__}:remember", **chosen)
    line = both.native_line(document, "49640")
    _SEEN.clear()
    expected = both.python_line(document, "49640")
    assert expected == Transform(Settings(**chosen)).change(document, sequence_number="49640")
    if line == DECLINED:
        return _SEEN[0][0], None
    assert both.transform.hooked(line, document) == expected
    (python, _), (native, _) = _SEEN
    return python, native


_EVERY_TYPE = {
    "s": {"S": 'a"b\né\u2028'},
    "true": {"BOOL": True},
    "false": {"BOOL": False},
    "null": {"NULL": True},
    "b": {"B": "AQ=="},
    "ss": {"SS": ["1", "b"]},
    "ns": {"NS": ["1", "1.50", "-0"]},
    "bs": {"BS": ["AQ=="]},
    "l": {"L": [{"N": "7"}, {"N": "7.0"}, {"L": [{"N": "-1"}, {"S": "7"}, {"NULL": True}]}, {"M": {"a": {"N": "1"}}}]},
    "m": {"M": {"n": {"N": "9" * 38}, "e": {"M": {}}, "l": {"L": []}}},
    "empty": {"S": ""},
    "número": {"N": "7"},
}


@pytest.mark.parametrize("list_format", ["text", "array"])
def test_every_type_of_value_is_the_same(list_format):
    document = encoded(change({"id": {"S": "1"}} | _EVERY_TYPE))
    python, native = _both_rows(document, list_format=list_format)

    assert native == python


def _image_with(literal):
    return {
        "a": {"N": literal},
        "b": {"M": {"c": {"N": literal}}},
        "d": {"NS": [literal]},
        "e": {"L": [{"N": literal}]},
    }


_ORDINARY_NUMBERS = [
    *(
        "0",
        "-0",
        "7",
        "-7",
        "100",
        "1.50",
        "-0.5",
        "-0.0",
        "0.000",
        "120.1234567",
        "0.1234567",
        "0.00000123",
        "0.000001",
    ),
    *("9" * 38, "-" + "9" * 38, "9223372036854775808", "18446744073709551616", "0." + "1" * 38, "1.00000001"),
    *("1" * 4_300, "1" * 4_301, "1" * 9_000 + ".5"),
]


@pytest.mark.parametrize("literal", _ORDINARY_NUMBERS, ids=lambda literal: literal[:45])
@pytest.mark.parametrize("list_format", ["text", "array"])
def test_every_ordinary_number_is_exact_and_keeps_its_digits(record, literal, list_format):
    python, native = _both_rows(record(_image_with(literal)), list_format=list_format)

    assert native == python
    assert dict(native)["a"] == (Decimal, literal, None)
    if list_format == "array":
        assert dict(native)["e"] == [(Decimal, literal, None)]


@pytest.mark.parametrize("literal", ["1e5", "1.5E5", "1.5e0", "7e0", "1e400", "1e-400", "0.0000001", "0.0000000"])
@pytest.mark.parametrize("place", "abde")
def test_a_number_that_decimal_spells_otherwise_keeps_its_literal_and_is_left_to_python(record, literal, place):
    image = {place: _image_with(literal)[place]}
    python, native = _both_rows(record(image), list_format="array")
    column = {"b": "b__c"}.get(place, place)
    seen = dict(python)[column]

    assert native is None
    assert (seen if place in "ab" else seen[0]) == (Number, str(Decimal(literal)), literal)


def test_a_number_within_json_text_is_no_number_for_the_hook(record):
    python, native = _both_rows(record({"a": {"L": [{"N": "1e5"}]}, "b": {"NS": ["7", "1E-9"]}}))

    assert native == python
    assert dict(native)["b"] == (str, "[7,1E-9]", None)


@pytest.mark.parametrize(("kind", "seen"), [("text", "7"), ("json", "7"), ("hash", None)])
def test_a_number_with_a_rule_is_text_for_the_hook(record, kind, seen):
    tables = {"orders": TableSettings(rules={("a",): kind, ("b", "c"): kind})}
    image = {"a": {"N": "7"}, "b": {"L": [{"M": {"c": {"N": "7"}}}]}}
    python, native = _both_rows(record(image), tables=tables, mask_key=MASK_KEY, list_format="array")

    assert native == python
    assert dict(native)["a"] == (str, seen or dict(native)["a"][1], None)


def test_the_time_in_microseconds_is_an_integer(record):
    for row in _both_rows(record()):
        assert dict(row)["cdc_changed_at_us"] == (int, "1700000000123456", None)


def test_a_number_that_decimal_cannot_hold_is_refused(record):
    both = Both(hook=f"{__name__}:remember")
    document = record({"a": {"N": "1e99999999999999999999"}})

    assert both.native_line(document) == DECLINED
    with pytest.raises(RecordError, match="grammar"):
        both.transform.change(document)


_RULES = {"a": "hash", "b.c": "drop", "m": "json", "x.y": "text", "id": "hash", "n": "text", "é": "drop"}
_TABLES = {"orders": TableSettings(before=True, rules={parse_path(path): kind for path, kind in _RULES.items()})}


@generated
@given(
    item=items(),
    list_format=st.sampled_from(["text", "array"]),
    event=st.sampled_from(["INSERT", "MODIFY", "REMOVE"]),
    tables=st.sampled_from([{}, _TABLES]),
)
def test_the_rows_of_any_legal_item_are_the_same(item, list_format, event, tables):
    document = encoded(change(item, event))
    python, native = _both_rows(document, list_format=list_format, tables=tables, mask_key=MASK_KEY)

    assert native in (python, None)


def add(row, _change):
    row["added"] = row["price"] * 2
    row["l"].append(Decimal("1E+3"))
    return row


def replace(row, _change):
    return {"price": row["price"].quantize(Decimal("0.1")), "time": row["cdc_changed_at_us"], "new": 10**30}


def leave_out(row, _change):
    del row["name"], row["cdc_key"]
    return row


def put_equal(row, _change):
    row["price"] = 2.5
    row["name"] = type("Name", (str,), {"__str__": lambda _: "other"})(row["name"])
    return row


def put_in_front(row, _change):
    return {"first": row["name"].upper(), "none": None} | row


def drop_row(_row, _change):
    return None


def rename(row, _change):
    row["Name"] = row.pop("name")
    return row


def put_nan(row, _change):
    row["price"] = Decimal("NaN")
    return row


def put_signalling_nan(row, _change):
    row["price"] = Decimal("sNaN")
    return row


def put_infinity_in_its_place(row, _change):
    row["l"][0] = Decimal("-Infinity")
    return row


def put_object(row, _change):
    row["l"].append({"a": 1})
    return row


def put_bytes(row, _change):
    row["name"] = b"name"
    return row


def put_half_a_pair(row, _change):
    row["name"] = "\ud800"
    return row


def put_what_cannot_be_compared(row, _change):
    def refuse(_self, _other):
        raise ArithmeticError

    row["name"] = type("Odd", (), {"__eq__": refuse, "__hash__": None})()
    return row


def return_text(_row, _change):
    return "row"


def fail(row, _change):
    raise KeyError(row["name"])


_WRITTEN = {
    add: b'"l":[1,1E+3],"added":5.00}',
    replace: b'{"price":2.5,"time":1700000000123456,"new":1000000000000000000000000000000}',
    leave_out: b'"cdc_ttl":false,"price":2.50,"l":[1]}',
    put_equal: b'"price":2.5,"name":"n","l":[1]}',
    put_in_front: b'{"first":"N","none":null,"cdc_event":"INSERT"',
    remember: b'"price":2.50,"name":"n","l":[1]}',
}
_REFUSED = {
    rename: "names must be columns",
    return_text: "names must be columns",
    put_nan: "a number is not in JSON's grammar",
    put_signalling_nan: "a number is not in JSON's grammar",
    put_infinity_in_its_place: "a number is not in JSON's grammar",
    put_object: "a value is no text, number, boolean, null or array of those",
    put_bytes: "a value is no text, number, boolean, null or array of those",
    put_what_cannot_be_compared: "a value is no text, number, boolean, null or array of those",
    put_half_a_pair: "text that is not Unicode",
    fail: "the hook raised KeyError",
}


def _outcomes(firehose, record, hook, list_format="array"):
    """Returns the outcomes of a record with native code and without, and the columns that were counted."""
    chosen = {"hook": f"{__name__}:{hook.__name__}", "list_format": list_format}
    both = Both(**chosen)
    image = {"price": {"N": "2.50"}, "name": {"S": "n"}, "l": {"L": [{"N": "1"}]}}
    found = []
    for native in (both.native, None):
        transform = Transform(Settings(**chosen))
        (outcome,) = batch.transform_records(firehose(record(image))["records"], lambda: transform, native)  # noqa: B023
        found.append((outcome, transform._shapes.columns_at_most, transform._shapes.new_columns))
    return found


def _told(outcome):
    return outcome.result, outcome.data, outcome.reason, outcome.overflowed


@pytest.mark.parametrize("hook", _WRITTEN)
def test_a_hooks_row_is_written_alike(firehose, record, hook):
    (native, *columns), (python, *others) = _outcomes(firehose, record, hook)

    assert (native.is_native, python.is_native) == (True, False)
    assert _told(native) == _told(python)
    assert columns == others
    assert _WRITTEN[hook] in base64.b64decode(native.data)


_CHANGE_A_LIST = {put_infinity_in_its_place, put_object}


@pytest.mark.parametrize(
    ("hook", "list_format"),
    [(hook, "array") for hook in _REFUSED] + [(hook, "text") for hook in _REFUSED if hook not in _CHANGE_A_LIST],
)
def test_what_a_hook_must_not_return_is_refused_alike(firehose, record, hook, list_format):
    (native, *_), (python, *_) = _outcomes(firehose, record, hook, list_format)

    assert _told(native) == _told(python)
    assert native.result == "ProcessingFailed"
    assert _REFUSED[hook] in native.reason


def test_a_row_is_dropped_alike(firehose, record):
    (native, *columns), (python, *others) = _outcomes(firehose, record, drop_row)

    assert (native.is_native, python.is_native) == (True, False)
    assert _told(native) == _told(python) == ("Dropped", "", None, 0)
    assert columns == others == [0, 0]


def test_without_a_hook_a_line_stays_as_it_is(record):
    transform = Transform(Settings())
    line = transform.change(record(_EVERY_TYPE))

    assert transform.hooked(line.data, record(_EVERY_TYPE)) == line
