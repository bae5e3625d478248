"""What cannot be understood is refused by itself, with a reason that tells nothing of the record."""

from __future__ import annotations

import gzip
import json

import pytest

import lake_transform.transform
from lake_transform import change
from lake_transform.errors import RecordError
from lake_transform.settings import Settings
from lake_transform.transform import Transform

_SECRET = "s3cr3t-zq"


def _replaced(document: bytes, text: bytes) -> bytes:
    return document.replace(b'"1"', b'"' + text + b'"')


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(lambda _: b"", id="empty data"),
        pytest.param(lambda _: b"   ", id="white space"),
        pytest.param(lambda _: b"null", id="null"),
        pytest.param(lambda _: b"[]", id="array"),
        pytest.param(lambda _: b"7", id="number"),
        pytest.param(lambda good: b"\xef\xbb\xbf" + good, id="byte order mark"),
        pytest.param(gzip.compress, id="gzip"),
        pytest.param(lambda good: good + good, id="two documents"),
        pytest.param(lambda good: good + b"\n" + good, id="two lines"),
        pytest.param(lambda good: good[:-1], id="cut off"),
        pytest.param(lambda good: good.decode().encode("utf-16"), id="UTF-16"),
        pytest.param(lambda good: _replaced(good, b"\xff\xfe"), id="invalid UTF-8"),
        pytest.param(lambda good: _replaced(good, b"\xed\xa0\x80"), id="surrogate in UTF-8"),
        pytest.param(lambda good: _replaced(good, b"\\ud800"), id="lone leading surrogate"),
        pytest.param(lambda good: _replaced(good, b"\\udc00"), id="lone trailing surrogate"),
        pytest.param(lambda good: good.replace(b'"id"', b'"\\ud800"'), id="lone surrogate in a name"),
        pytest.param(lambda good: _replaced(good, b"\x01"), id="raw control character"),
        pytest.param(lambda good: good.replace(b"1700000000123456", b"NaN"), id="NaN"),
    ],
)
def test_bytes_that_are_no_record_are_refused(transform, record, broken):
    good = record()
    assert transform.change(good).data

    with pytest.raises(RecordError):
        transform.change(broken(good))


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


def test_a_batch_is_right_whatever_else_is_let_go_meanwhile(transform, record, monkeypatch):
    image = {"a": {"M": {"b": {"S": "1"}}}}
    alone = transform.change(record(image)).data
    waiting = [change.decode_change(record(image)) for _ in range(3)]
    decode = lake_transform.transform.decode_change

    def decode_and_let_go(document):
        decoded = decode(document)
        waiting.pop()
        return decoded

    monkeypatch.setattr(lake_transform.transform, "decode_change", decode_and_let_go)
    assert [transform.change(record(image), unchecked=[]).data for _ in range(3)] == [alone] * 3


def test_attributes_named_like_types_are_attributes(flat):
    image = {
        "N": {"S": "a"},
        "S": {"N": "1"},
        "M": {"M": {"L": {"S": "b"}, "S": {"M": {"BOOL": {"BOOL": True}}}}},
        "NULL": {"L": [{"S": "x"}, {"M": {"N": {"N": "2"}, "B": {"S": "c"}}}]},
    }

    assert flat(image) == {"n": "a", "s": 1, "m_l": "b", "m_s_bool": True, "null": '["x",{"N":2,"B":"c"}]'}


@pytest.mark.parametrize("depth", [1, 31, 32, 33, 60])
def test_deep_nesting_within_reason_is_flattened(flat, depth):
    maps = lists = {"N": "7"}
    for _ in range(depth):
        maps, lists = {"M": {"a": maps}}, {"L": [lists]}

    assert flat({"x": maps, "y": lists}) == {"x" + "_a" * depth: 7, "y": "[" * depth + "7" + "]" * depth}


@pytest.mark.parametrize("depth", [300, 1_000, 5_000, 200_000])
@pytest.mark.parametrize("kind", ["maps", "lists"])
def test_a_depth_bomb_is_refused_or_flattened_but_never_fatal(transform, record, depth, kind):
    opening, closing = (b'{"M":{"a":', b"}}") if kind == "maps" else (b'{"L":[', b"]}")
    document = record({"x": {"S": "@"}}).replace(b'{"S": "@"}', opening * depth + b'{"S":"@"}' + closing * depth)

    if (depth, kind) == (300, "maps"):
        assert transform.change(document).data
    else:
        with pytest.raises(RecordError, match="nested too deeply"):
            transform.change(document)


@pytest.mark.parametrize(
    "document",
    [
        lambda record: record({_SECRET: {_SECRET: _SECRET}}),
        lambda record: record({_SECRET: {"S": "x", _SECRET: "y"}}),
        lambda record: record({_SECRET: {"N": _SECRET}}),
        lambda record: record({_SECRET: {"S": {_SECRET: _SECRET}}}),
        lambda record: record({"a": {"x - at `$.s3cr3t-zq`": 1}}),
        lambda record: record(eventName=_SECRET),
        lambda record: record(eventName="x - at `$.zq.s3cr3t`"),
        lambda record: record(keys={_SECRET: {"N": _SECRET}}),
        lambda record: record(keys={_SECRET: {"L": []}}),
        lambda record: record(time=_SECRET),
        lambda record: record(tableName=None, eventSourceARN=_SECRET),
        lambda record: record({"a": {"S": _SECRET}})[:-3],
    ],
)
def test_the_reason_tells_nothing_of_the_record(transform, record, document):
    with pytest.raises(RecordError) as refused:
        transform.change(document(record))

    assert "zq" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_the_reason_says_where_in_our_own_terms(transform, record):
    with pytest.raises(
        RecordError, match=r"not of the expected shape at \$\.dynamodb\.NewImage\[\.\.\.\]\.M\[\.\.\.\]\.S$"
    ):
        transform.change(record({"a": {"M": {"b": {"S": 1}}}}))


@pytest.mark.parametrize(
    "message", ["x - at `$.s3cr3t`", "x - at `$.dynamodb.s3cr3t[...]`", "x - at `$['s3cr3t']`", "s3cr3t"]
)
def test_a_place_that_is_not_of_our_own_names_is_not_shown(message):
    assert change._place(message) == ""
