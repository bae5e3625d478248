from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake_transform.keys import key_text
from lake_transform.values import AttributeValue
from tools.errors import UsageError
from tools.lake import item_keys

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
NUMBERS = st.from_regex(r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,15})?([eE][+-]?[0-9]{1,2})?", fullmatch=True)


@given(TEXTS, TEXTS, NUMBERS, NUMBERS)
def test_a_key_is_spelled_as_the_function_spells_it(text, other, number, spelled):
    example = key_text({"ID": AttributeValue(S=other), "at": AttributeValue(N=number)})

    found = item_keys.spell(f'{{"at": {spelled}, "ID": {json.dumps(text)}}}', example)

    assert found == key_text({"ID": AttributeValue(S=text), "at": AttributeValue(N=spelled)})


@given(TEXTS, TEXTS)
def test_the_plain_value_will_do_for_a_key_of_one_attribute(text, other):
    example = key_text({"id": AttributeValue(S=other)})
    if not text.lstrip().startswith("{"):
        assert item_keys.spell(text, example) == key_text({"id": AttributeValue(S=text)})


def test_the_example_says_whether_a_plain_value_is_a_number_or_text():
    assert item_keys.spell("017.50", '{"id":"x"}') == '{"id":"017.50"}'
    assert item_keys.spell("17.50", '{"id":3}') == '{"id":17.5}'
    assert item_keys.spell('{"id": 17}', '{"id":"x"}') == '{"id":"17"}'
    assert item_keys.spell('{"id": "17.0"}', '{"id":3}') == '{"id":17}'


@pytest.mark.parametrize(
    ("given_key", "example", "says"),
    [
        ("17", '{"a":"x","b":1}', 'has 2 attributes; give it as JSON: .*"a": …, "b": …'),
        ('{"a":"x"}', '{"a":"x","b":1}', "is a, b, not a"),
        ('{"a":"x","c":1}', '{"a":"x","b":1}', "is a, b, not a, c"),
        ('{"a":"x","b":true}', '{"a":"x","b":1}', "b is a number"),
        ("x", '{"id":3}', "id is a number, and 'x' is none"),
        ("NaN", '{"id":3}', "id is a number, and 'NaN' is none"),
    ],
)
def test_what_is_no_key_of_the_table_is_refused(given_key, example, says):
    with pytest.raises(UsageError, match=says):
        item_keys.spell(given_key, example)
