"""What was there before: a MODIFY has the old image's plain values, where its table asks for them."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from lake_transform.errors import RecordError

_EVERY_TYPE = {
    "id": {"S": "1"},
    "Text": {"S": 'a"b\né'},
    "number": {"N": "1234567890123456789012345678.0123456789"},
    "truth": {"BOOL": False},
    "null": {"NULL": True},
    "binary": {"B": "AQ=="},
    "sets": {"M": {"s": {"SS": ["b", "a"]}, "n": {"NS": ["1.50", "2"]}, "b": {"BS": ["AQ=="]}}},
    "list": {"L": [{"N": "1.0"}, {"M": {"名": {"L": []}}}]},
    "map": {"M": {}},
    "cdc_event": {"S": "mine"},
}


@pytest.fixture
def modify(record):
    """Returns a MODIFY with the given old image."""

    def build(old, new=None, event="MODIFY"):
        images = {
            "ApproximateCreationDateTime": 1_700_000_000_123_456,
            "Keys": {"id": {"S": "1"}},
            "NewImage": new or {"id": {"S": "1"}, "a": {"S": "after"}},
        }
        return record(eventName=event, dynamodb=images | ({} if old is None else {"OldImage": old}))

    return build


def test_the_old_image_is_plain_with_its_own_names_and_every_digit(ruled, modify, read_line):
    row = read_line(ruled({}, before=True).change(modify(_EVERY_TYPE)).data)

    assert list(row)[-1] == "cdc_before"
    assert row["cdc_before"] == (
        '{"id":"1","Text":"a\\"b\\né","number":1234567890123456789012345678.0123456789,"truth":false,"null":null,'
        '"binary":"AQ==","sets":{"s":["b","a"],"n":[1.50,2],"b":["AQ=="]},"list":[1.0,{"名":[]}],"map":{},'
        '"cdc_event":"mine"}'
    )


@pytest.mark.parametrize("list_format", ["text", "array"])
def test_it_is_json_text_in_either_format_of_lists(ruled, modify, read_line, list_format):
    row = read_line(ruled({}, before=True, list_format=list_format).change(modify({"l": {"L": [{"N": "1"}]}})).data)

    assert row["cdc_before"] == '{"l":[1]}'


def test_the_rest_of_the_line_is_as_without_it(ruled, modify, transform):
    document = modify(_EVERY_TYPE)
    plain = transform.change(document)
    line = ruled({}, before=True).change(document)

    assert line.data.startswith(plain.data.removesuffix(b"}\n") + b',"cdc_before":"')
    assert line.overflowed == plain.overflowed == 0


def test_it_comes_after_an_overflow_too(ruled, modify, read_line):
    row = read_line(ruled({}, before=True).change(modify({"a": {"S": "x"}}, {"a": {"S": "y"}, "A": {"S": "z"}})).data)

    assert list(row)[8:] == ["cdc_overflow", "a", "cdc_before"]


@pytest.mark.parametrize("event", ["INSERT", "REMOVE"])
def test_only_a_modify_has_it(ruled, modify, transform, event):
    document = modify({"id": {"S": "1"}, "a": {"S": "x"}}, event=event)

    assert ruled({}, before=True).change(document) == transform.change(document)


@pytest.mark.parametrize("old", [None, "null"])
def test_a_modify_without_an_old_image_has_none(ruled, modify, transform, old):
    document = modify(old).replace(b'"OldImage": "null"', b'"OldImage": null')

    assert ruled({}, before=True).change(document) == transform.change(document)


def test_an_empty_old_image_is_an_empty_object(ruled, modify, read_line):
    assert read_line(ruled({}, before=True).change(modify({})).data)["cdc_before"] == "{}"


def test_only_a_table_that_asks_for_it_has_it(ruled, modify, transform):
    document = modify(_EVERY_TYPE)

    assert ruled({"no": "drop"}).change(document) == transform.change(document)
    other = document.replace(b'"orders"', b'"others"')
    assert ruled({}, before=True).change(other) == transform.change(other)


def test_an_exported_item_has_none(ruled, transform):
    line, options = b'{"Item":{"id":{"S":"1"}}}', {"key_names": ["id"], "snapshot_id": "s", "instant": 0}

    assert ruled({}, before=True).item(line, table="orders", **options) == transform.item(
        line, table="orders", **options
    )


def test_rules_hold_in_it(ruled, modify, read_line, masked):
    old = {"email": {"S": "e"}, "card": {"M": {"number": {"S": "n"}, "year": {"N": "2030.0"}}}, "tags": {"SS": ["t"]}}
    rules = {"email": "hash", "card.number": "drop", "card.year": "text", "tags": "json"}
    row = read_line(ruled(rules, before=True).change(modify(old)).data)

    assert row["cdc_before"] == f'{{"email":"{masked("e")}","card":{{"year":"2030.0"}},"tags":"[\\"t\\"]"}}'


@pytest.mark.parametrize(
    ("old", "reason"),
    [
        ({"a": {"N": "1,2"}}, "grammar"),
        ({"a": {"L": [{"NS": ["x"]}]}}, "grammar"),
        ({"a": {}}, "exactly one type"),
        ({"a": {"S": "x", "N": "1"}}, "exactly one type"),
        ({"a": {"M": {"b": {"S": "x", "N": "1"}}}}, "exactly one type"),
        ({"a": {"NULL": False}}, "exactly one type"),
        ({"a": {"X": "1"}}, "not of the expected shape"),
        ({"a": {"S": 1}}, r"not of the expected shape at \$\[\.\.\.\]\.S"),
        ([], "not of the expected shape"),
    ],
)
def test_an_old_image_that_is_none_is_refused_where_it_is_written(ruled, modify, transform, old, reason):
    document = modify(old)
    assert transform.change(document).data or transform.change(document)

    with pytest.raises(RecordError, match=reason):
        ruled({}, before=True).change(document)


def test_a_batch_checks_its_numbers_too(ruled, modify):
    unchecked = []
    ruled({}, before=True).change(modify({"a": {"N": "x"}, "b": {"N": "1.5"}}), unchecked=unchecked)

    assert sorted(unchecked) == ["1.5", "x"]


def test_an_old_image_too_deep_to_write_is_refused(ruled, modify):
    value = {"S": "x"}
    for _ in range(280):
        value = {"L": [value]}

    with pytest.raises(RecordError, match="nested too deeply"):
        ruled({}, before=True).change(modify({"a": value}))


def test_what_changed_can_be_told_from_one_line(ruled, modify, read_line):
    old, new = {"a": {"N": "1.50"}, "b": {"S": "x"}}, {"a": {"N": "1.51"}, "b": {"S": "x"}}
    row = read_line(ruled({}, before=True).change(modify(old, new)).data)
    before = json.loads(row["cdc_before"], parse_float=Decimal)

    assert {name for name, value in before.items() if row[name] != value} == {"a"}
