from __future__ import annotations

import json
from decimal import Context, Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tools.lake import value_shapes

LITERALS = st.from_regex(r"-?(0|[1-9][0-9]{0,45})(\.[0-9]{1,45})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)


def written_out(literal):
    """Returns the digits before and after the point of a number, from its plain spelling."""
    exact = Context(prec=5000, Emin=-9999, Emax=9999)
    plain = format(exact.create_decimal(literal), "f").lstrip("-")
    whole, _, fraction = plain.partition(".")
    return len(whole.lstrip("0")), len(fraction.rstrip("0"))


@given(LITERALS)
@example("9223372036854775807")
@example("9223372036854775808")
@example("-9223372036854775808")
@example("-9223372036854775809")
@example("-0")
@example("1E-130")
@example("9.99E+125")
@example("0.00e5")
def test_the_shape_of_a_number_is_its_digits_written_out(literal):
    shape = value_shapes.parse(value_shapes.shape(literal.encode()))
    whole, scale = written_out(literal)

    assert shape.kind == "number"
    assert (shape.whole, shape.scale) == (min(whole, 39), min(scale, 39))
    is_integer = literal.lstrip("-").isdigit()
    assert shape.is_bigint == (is_integer and -(2**63) <= int(literal) < 2**63)


@given(LITERALS)
def test_text_that_spells_a_number_is_told_from_other_text(literal):
    shape = value_shapes.parse(value_shapes.shape(json.dumps(literal).encode()))

    assert (shape.kind, shape.digits) == ("text", True)
    assert (shape.whole, shape.scale) == tuple(min(digits, 39) for digits in written_out(literal))


@given(st.text())
def test_any_other_text_has_no_digits(text):
    shape = value_shapes.parse(value_shapes.shape(json.dumps(text, ensure_ascii=False).encode(errors="replace")))

    assert shape.kind == "text"
    if shape.digits:
        assert Decimal(text) is not None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("null", "null"),
        ("true", "boolean"),
        ("false", "boolean"),
        ('""', "text"),
        ("[]", "array"),
        ('{"a":1}', "object"),
    ],
)
def test_each_kind_of_value_has_a_shape_of_its_own(text, kind):
    assert value_shapes.parse(value_shapes.shape(text.encode())) == value_shapes.Shape(kind)


def test_an_exponent_of_any_length_is_read():
    assert value_shapes.shape(b"1e" + b"9" * 5000) == "n:39.39"


ELEMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**25), 10**25) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=12,
)


def union(values):
    """Returns what the shapes of array elements must be, worked out from the values."""
    kinds = {}
    for value in values:
        match value:
            case None | bool():
                kinds["null" if value is None else "boolean"] = True
            case int():
                digits, fits = len(str(abs(value)).lstrip("0")), -(2**63) <= value < 2**63
                former = kinds.get("number", (0, True))
                kinds["number"] = (max(former[0], digits), former[1] and fits)
            case str():
                kinds["text"] = True
            case _:
                kinds.setdefault("array", []).extend(value)
    if "array" in kinds:
        kinds["array"] = union(kinds["array"])
    return kinds


def as_union(shapes):
    found = {}
    for shape in shapes:
        assert shape.kind not in found
        match shape.kind:
            case "number":
                found["number"] = (shape.whole, shape.is_bigint)
            case "array":
                found["array"] = as_union(shape.elements)
            case _:
                found[shape.kind] = True
    return found


@given(st.lists(ELEMENTS, max_size=6))
def test_the_shape_of_an_array_tells_each_kind_of_its_elements_with_the_most_digits(values):
    shape = value_shapes.parse(value_shapes.shape(json.dumps(values).encode()))

    assert shape.kind == "array"
    assert as_union(shape.elements) == union(values)
