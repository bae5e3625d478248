"""What cannot be understood is refused by itself, with a reason that tells nothing of the record."""

from __future__ import annotations

import gzip

import pytest

from lake_transform import change
from lake_transform.errors import RecordError

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


@pytest.mark.parametrize("depth", [1, 31, 32, 33, 60])
def test_deep_nesting_within_reason_is_flattened(flat, depth):
    maps = lists = {"N": "7"}
    for _ in range(depth):
        maps, lists = {"M": {"a": maps}}, {"L": [lists]}

    assert flat({"x": maps, "y": lists}) == {"x" + "__a" * depth: 7, "y": "[" * depth + "7" + "]" * depth}


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
    assert change._path_in(message) == ""
