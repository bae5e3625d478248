"""Native code counts columns as Python does: those of the widest line, and those that are new."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.lake_transform.both_paths import DECLINED, Both, changed, needs_native_code
from tests.unit.lake_transform.legal_items import change, encoded, generated, items

pytestmark = needs_native_code

_METADATA = 8


@pytest.fixture
def both():
    return Both()


def _counted(both, documents):
    """Returns what is counted of a batch: at most, new. Python counts what native code declines, as in the function."""
    both.native_shapes.start_batch()
    both.python_shapes.start_batch()
    lines = both.native.lines(documents, [""] * len(documents))
    for document, line in zip(documents, lines, strict=True):
        row = both.python_line(document)
        if line == DECLINED and row is not None:
            both.native_shapes.add_row(_columns(row.data))
    native, python = both.native_shapes, both.python_shapes
    assert (native.columns_at_most, native.new_columns) == (python.columns_at_most, python.new_columns)
    return native.columns_at_most, native.new_columns


def _columns(line):
    return json.loads(line).keys()


def _record(**attributes):
    return encoded(change({"id": {"S": "1"}} | attributes))


def test_a_batch_has_the_columns_of_its_widest_line_and_those_that_no_line_had(both):
    narrow = _record(a={"N": "1"})
    wide = _record(a={"N": "1"}, b={"M": {"c": {"S": "x"}, "d": {"M": {}}}}, e={"L": [{"M": {"f": {"S": "x"}}}]})

    assert _counted(both, [narrow]) == (_METADATA + 2, _METADATA + 2)
    assert _counted(both, [narrow, wide, narrow]) == (_METADATA + 5, 3)
    assert _counted(both, [narrow, narrow]) == (_METADATA + 2, 0)
    assert _counted(both, []) == (0, 0)


def test_a_column_is_new_however_its_name_was_used_before(both):
    within = _record(a={"M": {"b": {"S": "x"}}}, c={"L": [{"M": {"a": {"S": "x"}}}]})

    assert _counted(both, [within, _record(a={"S": "x"})]) == (_METADATA + 3, _METADATA + 4)
    assert _counted(both, [_record(A={"S": "x"})]) == (_METADATA + 2, 0)


def test_the_columns_of_a_key_are_counted_if_there_is_no_image(both):
    assert _counted(both, [changed(Keys={"k": {"S": "1"}}, NewImage={})]) == (_METADATA + 1, _METADATA + 1)


def test_a_line_that_native_code_declines_is_counted_once(both):
    overflowing = _record(Id={"S": "2"}, more={"S": "x"})
    batch = [_record(), overflowing, b"no document"]

    # cdc_overflow is a column too.
    assert _counted(both, batch) == (_METADATA + 3, _METADATA + 3)


def test_each_of_many_columns_is_told(both):
    def batch(start):
        return [
            _record(**{f"name_{number + start}_{place}": {"N": "1"} for place in range(64)}) for number in range(64)
        ]

    assert _counted(both, batch(0)) == (_METADATA + 65, _METADATA + 1 + 64 * 64)
    assert _counted(both, batch(64)) == (_METADATA + 65, 64 * 64)
    assert _counted(both, batch(128) + batch(0)) == (_METADATA + 65, 64 * 64)


def test_names_that_are_forgotten_are_told_again(both):
    def batch(start):
        return [
            _record(**{f"name_{number + start}_{place}": {"N": "1"} for place in range(512)}) for number in range(8)
        ]

    for start in range(0, 128, 8):
        both.native.lines(batch(start), [""] * 8)
    both.native_shapes.__init__()
    both.native.lines(batch(0), [""] * 8)

    assert both.native_shapes.new_columns > 8 * 512 - 100


def test_a_name_for_which_there_is_no_room_is_told_next_time(both):
    long = {f"{number:04}".rjust(255, "n"): {"S": ""} for number in range(3_800)}
    short = {f"s{number}": {"S": ""} for number in range(200)}
    declined = _record(**long | short | {"last": {"N": "no number"}})
    batch = [declined, declined.replace(b"nnnn", b"mmmm").replace(b'"s', b'"t'), _record(a={"S": "x"})]
    lines = both.native.lines(batch, [""] * 3)
    told = both.native_shapes.new_columns
    both.native.lines(batch[2:], [""])

    assert lines[:2] == [DECLINED, DECLINED]
    assert both.native_shapes.new_columns == told + _METADATA + len("a")


def test_with_a_hook_only_its_rows_are_counted():
    both = Both(hook="builtins:dict")
    both.native_line(_record())

    assert (both.native_shapes.columns_at_most, both.native_shapes.new_columns) == (0, 0)


@generated
@given(chosen=st.lists(st.tuples(items(), st.booleans()), max_size=5))
def test_native_code_counts_any_legal_items_as_python_does(chosen):
    both = Both(list_format="array")
    for item, is_removal in chosen:
        _counted(both, [encoded(change(item, "REMOVE" if is_removal else "INSERT"))])
