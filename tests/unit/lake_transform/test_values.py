"""An attribute value has exactly one type; a record with another value is refused."""

from __future__ import annotations

import json

import pytest

from lake_transform.errors import RecordError
from lake_transform.settings import Settings
from lake_transform.transform import Transform


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"X": "1"},
        {"s": "1"},
        {"S": "1", "N": "1"},
        {"N": "1", "S": "1"},
        {"BOOL": True, "NULL": True},
        {"L": [], "M": {}},
        {"S": "1", "comment": "x"},
        {"S": None},
        {"S": 1},
        {"N": 1},
        {"BOOL": "true"},
        {"NULL": False},
        {"NULL": None},
        {"L": {}},
        {"M": []},
        {"SS": ["1", 2]},
        {"NS": [1]},
        {"NS": ["1", "x"]},
        "text",
        None,
        [],
    ],
)
def test_a_value_must_have_exactly_one_known_type(transform, record, value):
    for image in ({"a": value}, {"a": {"M": {"b": value}}}, {"a": {"L": [value]}}, {"a": {"L": [{"M": {"b": value}}]}}):
        with pytest.raises(RecordError):
            transform.change(record(image))
        with pytest.raises(RecordError):
            transform.item(json.dumps({"Item": {"id": {"S": "1"}} | image}).encode(), **_SNAPSHOT)


_SNAPSHOT = {"table": "orders", "key_names": ["id"], "snapshot_id": "s", "instant": 0}


@pytest.mark.parametrize(
    "second",
    [
        b',"N":"1"',
        b' , "N" : "1"',
        b',\n\t"N"\r:"1"',
        b',"\\u004e":"1"',
        b',"B\\u0053":["AQ=="]',
        b',"NULL":true',
        b',"BS":[]',
    ],
)
def test_a_second_type_is_seen_however_it_is_spelt(transform, record, second):
    document = record({"a": {"S": "@"}}).replace(b'"@"', b'"@"' + second)

    with pytest.raises(RecordError, match="exactly one type"):
        transform.change(document)


def test_a_second_type_is_seen_in_the_old_image_and_in_the_key(transform, record):
    twice = {"id": {"S": "1", "N": "1"}}
    old = {"ApproximateCreationDateTime": 1_700_000_000, "Keys": {"id": {"S": "1"}}, "OldImage": twice}

    with pytest.raises(RecordError, match="exactly one type"):
        transform.change(record(eventName="REMOVE", dynamodb=old))
    with pytest.raises(RecordError, match="exactly one type"):
        transform.change(record(keys=twice))


_ALL_TYPES = {"S": "1", "N": "1", "M": {}, "L": [], "BOOL": True, "NULL": True}


_ALL_TYPES |= {"SS": ["1"], "NS": ["1"], "B": "AQ==", "BS": ["AQ=="]}


@pytest.mark.parametrize("value", [{"S": "1", "N": "1"}, {"M": {"b": {"S": "1"}}, "L": []}, _ALL_TYPES])
@pytest.mark.parametrize(
    "place",
    [
        lambda record, value: record({"a": value, "id": {"S": "1"}}),
        lambda record, value: record({"a": {"M": {"b": value}}}),
        lambda record, value: record({"a": {"L": [{"S": "x"}, value]}}),
        lambda record, value: record({"a": {"L": [{"M": {"b": {"L": [value]}}}]}}),
        lambda record, value: record({"a": value, "A": {"S": "collides"}}),
        lambda record, value: record({"x" * 300: {"M": {"b": value}}}),
        lambda record, value: record(keys={"id": value}),
        lambda record, value: record(
            eventName="REMOVE",
            dynamodb={
                "ApproximateCreationDateTime": 1_700_000_000,
                "Keys": {"id": {"S": "1"}},
                "OldImage": {"a": value},
                "NewImage": {"b": {"S": "as many values more as types too many"}},
            },
        ),
    ],
)
@pytest.mark.parametrize("list_format", ["text", "array"])
def test_a_second_type_is_seen_in_a_batch_too(record, value, place, list_format):
    transform = Transform(Settings(list_format=list_format))

    with pytest.raises(RecordError):
        transform.change(place(record, value), unchecked=[])


@pytest.mark.parametrize(
    "hidden",
    [
        {"S": "1", "M": {"b": {name: _ALL_TYPES[name] for name in list(_ALL_TYPES)[:9]}}},
        _ALL_TYPES | {"M": {"b": {"S": "as many types too few as there are too many"}}},
        _ALL_TYPES | {"L": [{"N": "1"}]},
    ],
)
def test_a_second_type_is_not_made_up_for_by_values_that_stand_in_it(transform, record, hidden):
    with pytest.raises(RecordError, match="exactly one type"):
        transform.change(record({"a": hidden}), unchecked=[])


def test_attributes_named_like_types_are_attributes(flat):
    image = {
        "N": {"S": "a"},
        "S": {"N": "1"},
        "M": {"M": {"L": {"S": "b"}, "S": {"M": {"BOOL": {"BOOL": True}}}}},
        "NULL": {"L": [{"S": "x"}, {"M": {"N": {"N": "2"}, "B": {"S": "c"}}}]},
    }

    assert flat(image) == {"n": "a", "s": 1, "m__l": "b", "m__s__bool": True, "null": '["x",{"N":2,"B":"c"}]'}
