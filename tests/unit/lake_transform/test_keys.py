"""The key's text: equal keys have equal text, different keys different text."""

from __future__ import annotations

import pytest

from lake_transform.errors import RecordError


@pytest.fixture
def key(transform, record, read_line):
    return lambda keys: read_line(transform.change(record(keys=keys)).data)["cdc_key"]


def test_attributes_are_sorted_by_name(key):
    one, other = {"b": {"S": "x"}, "a": {"N": "1"}}, {"a": {"N": "1"}, "b": {"S": "x"}}

    assert key(one) == key(other) == '{"a":1,"b":"x"}'


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ({"id": {"S": "864732"}}, '{"id":"864732"}'),
        ({"id": {"N": "864732"}}, '{"id":864732}'),
        ({"id": {"N": "12345678901234567890123456789012345678"}}, '{"id":12345678901234567890123456789012345678}'),
        ({"id": {"B": "AAECAw=="}}, '{"id":"AAECAw=="}'),
        ({"id": {"S": 'a"b\\é😀'}}, '{"id":"a\\"b\\\\é😀"}'),
        ({"ID": {"S": ""}}, '{"ID":""}'),
    ],
)
def test_each_type_of_key_has_its_form(key, keys, text):
    assert key(keys) == text


def test_the_same_number_in_another_spelling_is_the_same_key(key):
    assert key({"id": {"N": "1.50"}}) == key({"id": {"N": "15e-1"}}) == '{"id":1.5}'


def test_text_and_number_of_the_same_spelling_are_different_keys(key):
    assert key({"id": {"S": "1"}}) != key({"id": {"N": "1"}})


def test_values_cannot_be_moved_between_attributes(key):
    assert key({"a": {"S": 'x","b":"y'}}) != key({"a": {"S": "x"}, "b": {"S": "y"}})


@pytest.mark.parametrize(
    "value", [{"M": {}}, {"L": []}, {"BOOL": True}, {"NULL": True}, {"SS": ["a"]}, {"N": "x"}, {"N": "1,2"}]
)
def test_what_dynamodb_takes_in_no_key_is_refused(transform, record, value):
    with pytest.raises(RecordError):
        transform.change(record(keys={"id": value}))
