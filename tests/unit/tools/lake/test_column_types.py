from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.tools.lake import serde_reference
from tools.lake import column_types, value_shapes

NUMBERS = st.from_regex(r"-?(0|[1-9][0-9]{0,42})(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?", fullmatch=True)
SMALL = st.integers(-(2**64), 2**64).map(str) | st.decimals(-1000, 1000, places=2).map(str)
TEXTS = st.text("ab1.-+eE ", max_size=5) | NUMBERS
SCALARS = NUMBERS | SMALL | TEXTS.map(json.dumps) | st.sampled_from(["true", "false", "null", '""', '"true"'])
TOKENS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3).map(lambda each: f"[{','.join(each)}]"), max_leaves=4
)
DECIMALS = st.integers(1, 38).flatmap(lambda p: st.integers(0, p).map(lambda s: f"decimal({p},{s})"))
PLAIN = st.sampled_from(["string", "boolean", "bigint", "double"]) | DECIMALS
TYPES = PLAIN | PLAIN.map("array<{}>".format)
SERDES = st.sampled_from(["hive", "openx"])


def judged(type_, text, serde):
    return column_types.reading(column_types.parse(type_), value_shapes.parse(value_shapes.shape(text.encode())), serde)


def truth(type_, text, serde):
    value = serde_reference.token(text)
    try:
        seen = serde_reference.read(type_, value, serde)
    except serde_reference.FailsError:
        return "fails"
    if serde_reference.is_same(value, seen, type_):
        return "exact"
    return "null" if seen is None or (isinstance(seen, list) and None in seen) else "changed"


@given(TYPES, TOKENS, SERDES)
@example("bigint", "9223372036854775808", "hive")
@example("bigint", "-9223372036854775808", "hive")
@example("decimal(3,1)", "12.34", "hive")
@example("decimal(3,1)", '"12.3"', "openx")
@example("boolean", '"true"', "hive")
@example("string", "[1]", "hive")
@example("array<string>", '"x"', "openx")
def test_a_value_that_is_judged_to_read_back_does(type_, text, serde):
    if judged(type_, text, serde) == "exact":
        assert truth(type_, text, serde) == "exact"


@given(PLAIN, SCALARS, SERDES)
def test_a_loss_is_told_as_what_a_query_sees(type_, text, serde):
    found, seen = judged(type_, text, serde), truth(type_, text, serde)
    shape = value_shapes.parse(value_shapes.shape(text.encode()))
    if type_ == "double" or (type_ == "bigint" and not shape.is_bigint and shape.whole >= 15):
        # Digits are counted, not tried: what happens to fit is told as a loss too.
        assert (found, seen) != ("exact", "null")
    elif found == "changed" and type_.startswith("decimal"):
        # Rounding can need one digit more.
        assert seen in ("changed", "null")
    else:
        assert found == seen


@pytest.mark.parametrize("serde", ["hive", "openx"])
def test_a_type_that_is_not_known_is_left_to_its_author(serde):
    assert not column_types.is_judged(column_types.parse("array<timestamp>"))
    assert column_types.is_judged(column_types.parse("array<decimal(38,2)>"))
    assert judged("timestamp", "12", serde) == "exact"


@given(TYPES)
def test_a_type_is_spelled_as_it_was_read(type_):
    assert str(column_types.parse(f" {type_.upper()} ")) == type_


def test_decimals_have_the_digits_that_hive_gives_them_where_none_are_said():
    assert str(column_types.parse("decimal")) == "decimal(10,0)"
    assert str(column_types.parse("decimal(7)")) == "decimal(7,0)"


def test_the_worst_of_several_readings_is_an_error_then_null_then_another_value():
    assert column_types.worst(["exact", "changed", "null"]) == "null"
    assert column_types.worst(["fails", "exact"]) == "fails"
    assert column_types.worst([]) == "exact"
