from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.tools.lake import serde_reference
from tests.unit.tools.lake.test_column_types import NUMBERS, SCALARS, SERDES, SMALL, TOKENS, TYPES
from tools.lake import column_types, inference, value_shapes

STYLES = st.sampled_from(["string", "typed"])
ALIKE = st.sampled_from([SMALL, NUMBERS, SCALARS, TOKENS, SCALARS.map("[{}]".format)]).flatmap(
    lambda kind: st.lists(kind | st.just("null"), min_size=1, max_size=6)
)


def shapes_of(texts):
    return [value_shapes.parse(value_shapes.shape(text.encode())) for text in texts]


def loses(type_, text, serde):
    value = serde_reference.token(text)
    try:
        seen = serde_reference.read(str(type_), value, serde)
    except serde_reference.FailsError:
        return True
    if serde == "openx" and str(type_).endswith("string") and isinstance(value, list):
        return False
    return not serde_reference.is_same(value, seen, str(type_))


@given(ALIKE, STYLES, SERDES)
def test_the_proposed_type_reads_every_value_back(texts, numbers, serde):
    proposed = inference.propose(shapes_of(texts), numbers, serde)

    if proposed is not None:
        assert [text for text in texts if loses(proposed, text, serde)] == []


@given(ALIKE, STYLES)
def test_where_no_type_is_proposed_none_reads_every_value(texts, numbers):
    if inference.propose(shapes_of(texts), numbers, "hive") is None:
        candidates = ["string", "boolean", "bigint", "double", "decimal(38,0)", "decimal(38,19)", "decimal(38,38)"]
        for _ in range(3):
            candidates += [f"array<{each}>" for each in candidates if each.count("array") < 3]
        assert not [each for each in candidates if not any(loses(each, text, "hive") for text in texts)]


@given(TYPES, ALIKE, st.lists(TOKENS, max_size=8), STYLES, SERDES)
def test_a_wider_type_reads_what_was_seen_and_all_that_the_declared_type_reads(declared, texts, others, numbers, serde):
    widened = inference.widen(column_types.parse(declared), shapes_of(texts), numbers, serde)

    if widened is not None:
        known = column_types.parse(declared)
        kept = [
            text
            for text in others
            if column_types.reading(known, *shapes_of([text]), serde) == "exact" and not loses(declared, text, serde)
        ]
        if str(widened) != declared:
            assert [text for text in texts if loses(widened, text, serde)] == []
        assert [text for text in kept if loses(widened, text, serde)] == []


@pytest.mark.parametrize(
    ("texts", "numbers", "expected"),
    [
        (['"a"', "null"], "typed", "string"),
        (["null"], "typed", "string"),
        (["true", "null", "false"], "string", "boolean"),
        (["1", "2"], "string", "string"),
        (["1", "9223372036854775807"], "typed", "bigint"),
        (["1", "9223372036854775808"], "typed", "decimal(38,0)"),
        (["1.50", "1E+5"], "typed", "decimal(38,1)"),
        (["0.1234567890123456789012345678901234567"], "typed", "decimal(38,37)"),
        (["0.1234567890123456789012345678901234567", "12"], "typed", "string"),
        (["1E-130"], "typed", "string"),
        (["1", '"x"'], "typed", "string"),
        (["true", "1"], "string", "string"),
        (["[1,2]", "[]"], "string", "array<string>"),
        (["[1,2]", "[]"], "typed", "array<bigint>"),
        (["[1,2]", "[2.5]"], "typed", "array<decimal(38,1)>"),
        (["[[true]]"], "typed", "array<array<boolean>>"),
        (["[1]", '"x"'], "string", None),
        (['[1,"x",true]'], "typed", "array<string>"),
    ],
)
def test_types_are_the_widest_that_lose_nothing(texts, numbers, expected):
    proposed = inference.propose(shapes_of(texts), numbers, "hive")

    assert (None if proposed is None else str(proposed)) == expected


@pytest.mark.parametrize(
    ("declared", "texts", "expected"),
    [
        ("bigint", ["5"], "bigint"),
        ("bigint", ["5.5"], "decimal(38,1)"),
        ("bigint", ["0.12345678901234567891"], "string"),
        ("decimal(10,2)", ["1.5"], "decimal(10,2)"),
        ("decimal(10,2)", ["1.123"], "decimal(38,3)"),
        ("decimal(38,30)", ["123456789"], "string"),
        ("decimal(10,2)", ['"free"'], "string"),
        ("boolean", ["true", "1"], "string"),
        ("string", ["1"], "string"),
        ("string", ["[1]"], None),
        ("array<bigint>", ["[1.5]"], "array<decimal(38,1)>"),
        ("array<bigint>", ["1"], None),
        ("timestamp", ['"x"'], "timestamp"),
    ],
)
def test_a_declared_type_is_only_ever_widened(declared, texts, expected):
    widened = inference.widen(column_types.parse(declared), shapes_of(texts), "string", "hive")

    assert (None if widened is None else str(widened)) == expected


@pytest.mark.parametrize(
    ("texts", "is_mixed"),
    [
        (["1", "null", "2.5"], False),
        (["1", '"1"'], True),
        (["true", '"x"'], True),
        (["[1]", "[2]"], False),
        (["[1]", '["x"]'], True),
        (["[1]", "1"], True),
        (['{"a":1}'], True),
        (["null"], False),
    ],
)
def test_values_of_several_kinds_in_one_column_are_told(texts, is_mixed):
    assert inference.is_mixed(shapes_of(texts)) is is_mixed
