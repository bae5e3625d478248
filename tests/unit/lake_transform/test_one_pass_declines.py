"""What is not plainly an ordinary change record, native code leaves to Python.

Python makes something else of each than what a reader would that looks less closely, or refuses it.
"""

from __future__ import annotations

import json

import pytest

from tests.unit.lake_transform.both_paths import (
    DECLINED,
    DEEPEST,
    MOST_NAMES,
    Both,
    changed,
    needs_native_code,
    nested,
    with_image,
)
from tests.unit.lake_transform.legal_items import change, encoded

pytestmark = needs_native_code

_RECORDS = {
    "two paths for one column": changed(NewImage={"a": {"M": {"b": {"S": "1"}}}, "a__b": {"S": "2"}}),
    "a name that spells another's code": changed(NewImage={"é": {"S": "1"}, "u0000e9": {"S": "2"}}),
    "names that differ in case": changed(NewImage={"Id": {"S": "1"}, "ID": {"S": "2"}}),
    "a name of ours": changed(NewImage={"cdc_event": {"S": "x"}}),
    "a name of ours in a map": changed(NewImage={"cdc": {"M": {"x": {"S": "x"}}}}),
    "a column that is too long": changed(NewImage={"n" * 256: {"S": "x"}}),
    "a column that is too long in codes": changed(NewImage={"é" * 37: {"S": "x"}}),
    "a path that is too long": changed(NewImage={"n" * 250: {"M": {"m" * 10: {"S": "x"}}}}),
    "one attribute twice": with_image(b'{"a":{"S":"1"},"a":{"S":"2"}}'),
    "one attribute twice, first a map": with_image(b'{"a":{"M":{"b":{"S":"1"}}},"a":{"S":"2"}}'),
    "one member twice in a list": with_image(b'{"a":{"L":[{"M":{"b":{"S":"1"},"b":{"S":"2"}}}]}}'),
    "a value of two types": with_image(b'{"a":{"S":"1","N":"2"}}'),
    "a value of one type, twice": with_image(b'{"a":{"S":"1","S":"2"}}'),
    "a value without type": with_image(b'{"a":{}}'),
    "a type that does not exist": with_image(b'{"a":{"X":"1"}}'),
    "a value that is no object": with_image(b'{"a":"1"}'),
    "NULL that is false": changed(NewImage={"a": {"NULL": False}}),
    "text that is a number": with_image(b'{"a":{"S":1}}'),
    "text that is null": with_image(b'{"a":{"S":null}}'),
    "a name with an escape": with_image(b'{"\\u0061":{"S":"1"},"a":{"S":"2"}}'),
    "half a surrogate pair": with_image(b'{"a":{"S":"\\ud83d"}}'),
    "two second halves of a pair": with_image(b'{"a":{"S":"\\ude00\\ude00"}}'),
    "half a pair, then what is beyond the other half": with_image(b'{"a":{"S":"\\ud83d\\ue000"}}'),
    "half a pair, then a letter": with_image(b'{"a":{"S":"\\ud83d\\u0041"}}'),
    "the wrong half first": with_image(b'{"a":{"S":"\\ude00\\ud83d"}}'),
    "an escape that does not exist": with_image(b'{"a":{"S":"\\x41"}}'),
    "an escape that is cut short": with_image(b'{"a":{"S":"\\u00"}}'),
    "an escape that does not exist in what nobody needs": changed(Unknown="@").replace(b"@", b"\\x41"),
    "an escape that does not exist in a name nobody needs": changed(Unknown={"@": 1}).replace(b"@", b"\\x41"),
    "space that is none": changed().replace(b":", b"\x0b:", 1),
    "UTF-8 that is cut short": with_image(b'{"a":{"S":"\xc3"}}'),
    "UTF-8 that is longer than it need be": with_image(b'{"a":{"S":"\xc0\xaf"}}'),
    "a surrogate in UTF-8": with_image(b'{"a":{"S":"\xed\xa0\x80"}}'),
    "broken UTF-8 in what nobody needs": changed(Unknown="@").replace(b"@", b"\xff"),
    "a comma too many": with_image(b'{"a":{"S":"1"},}'),
    "a comma too many in a list": with_image(b'{"a":{"L":[{"S":"1"},]}}'),
    "no comma": with_image(b'{"a":{"S":"1"}"b":{"S":"1"}}'),
    "no keys": changed().replace(b'"Keys"', b'"Kees"'),
    "an empty key": changed(Keys={}),
    "three key attributes": changed(Keys={name: {"S": "1"} for name in "abc"}),
    "a key that is true": changed(Keys={"id": {"BOOL": True}}),
    "a key that is a list": changed(Keys={"id": {"L": []}}),
    "one key attribute twice": changed(Keys="@").replace(b'"@"', b'{"id":{"S":"1"},"id":{"S":"2"}}'),
    "a key number in another spelling": changed(Keys={"id": {"N": "1.50"}}),
    "a key number that is minus zero": changed(Keys={"id": {"N": "-0"}}),
    "a key number with an exponent": changed(Keys={"id": {"N": "1e3"}}),
    "a key number smaller than any": changed(Keys={"id": {"N": "0." + "0" * 200 + "1"}}),
    "a key number that is none": changed(Keys={"id": {"N": "007"}}),
    "no eventID": encoded(change({"id": {"S": "1"}}, eventID="")),
    "no table": encoded(change({"id": {"S": "1"}}, tableName="")),
    "a source with an escape": encoded(change({"id": {"S": "1"}}, eventSourceARN="\n")),
    "an identity with an escape": encoded(change({"id": {"S": "1"}}, userIdentity={"type": "\n"})),
    "an event that does not exist": encoded(change({"id": {"S": "1"}}) | {"eventName": "UPSERT"}),
    "an event that is told too late": encoded(dict(reversed(change({"id": {"S": "1"}}).items()))),
    "an event that is told twice": changed()[:-1] + b',"eventName":"REMOVE"}',
    "images that are there twice": changed()[:-1] + b',"dynamodb":{}}',
    "an image that is there twice": changed().replace(b'"Keys":', b'"NewImage":{"b":{"S":"1"}},"Keys":'),
    "an image that is there twice, first empty": changed().replace(b'"Keys":', b'"NewImage":{},"Keys":'),
    "a removal with a new image": changed(change({"id": {"S": "1"}}, "REMOVE"), NewImage={"a": {"S": "1"}}),
    "an image that is a list": changed(NewImage=[]),
    "a source that is a number": encoded(change({"id": {"S": "1"}}, eventSourceARN=1)),
    "an identity that is a number": encoded(change({"id": {"S": "1"}}, userIdentity=1)),
    "an identity with more in it": encoded(change({"id": {"S": "1"}}, userIdentity={"type": {"a": "b"}})),
    "a fraction of a second": changed(ApproximateCreationDateTime=1_700_000_000.5),
    "a time before 1970": changed(ApproximateCreationDateTime=-1),
    "a time after 9999": changed(ApproximateCreationDateTime=253_402_300_800_000_000),
    "a time that fits no number": changed(ApproximateCreationDateTime=10**30),
    "a time that starts with zero": changed(ApproximateCreationDateTime=7).replace(b'Time":7', b'Time":07'),
    "a precision that does not exist": changed(ApproximateCreationDateTimePrecision="SECOND"),
    "no time": changed().replace(b'"ApproximateCreationDateTime"', b'"Time"'),
    "two documents": changed() * 2,
    "something after the document": changed() + b"x",
    "no document": b"",
    "a list": b"[]",
    "a byte order mark": b"\xef\xbb\xbf" + changed(),
    "an odd number in what nobody needs": changed(SizeBytes="@").replace(b'"@"', b"1e999"),
    "deeper than DynamoDB goes": changed(NewImage={"a": nested(DEEPEST + 2, "M")}),
    "deeper than DynamoDB goes, and nothing there": changed(NewImage={"a": nested(DEEPEST + 2, "M", {"M": {}})}),
    "deeper lists than DynamoDB has": changed(NewImage={"a": nested(DEEPEST + 2, "L")}),
    "more names than there is room for": changed(
        NewImage={f"n{number}": {"N": "1"} for number in range(MOST_NAMES + 1)}
    ),
}
for _literal in (
    "",
    "007",
    "+5",
    ".5",
    "5.",
    "NaN",
    "1,2",
    "1e",
    "1e+",
    "-",
    "--1",
    "0x1",
    "1 ",
    " 1",
    "1.5.5",
    "\\u0031",
):
    _RECORDS[f"a number that is {_literal!r}"] = with_image(b'{"a":{"N":"%b"}}' % _literal.encode())
    _RECORDS[f"a set with {_literal!r} as a number"] = with_image(b'{"a":{"NS":["1","%b"]}}' % _literal.encode())


@pytest.mark.parametrize("name", _RECORDS)
def test_what_is_not_ordinary_is_left_to_python(both, name):
    assert both.native_line(_RECORDS[name]) == DECLINED


@pytest.mark.parametrize("control", range(0x20))
@pytest.mark.parametrize("before", [0, 15, 16, 17])
def test_text_with_a_control_character_is_left_to_python(both, control, before):
    within = changed(NewImage={"a": {"S": "x" * before + "@" + "y" * 20}})
    last = encoded(change({"id": {"S": "1"}}, last="x" * before + "@"))

    assert both.native_line(within.replace(b"@", bytes([control]))) == DECLINED
    assert both.native_line(last.replace(b"@", bytes([control]))) == DECLINED


_MEMBERS = {
    "eventName": b'"INSERT"',
    "eventID": b'"e"',
    "tableName": b'"t"',
    "eventSourceARN": b'"a"',
    "userIdentity": b"null",
    "ApproximateCreationDateTime": b"1",
    "ApproximateCreationDateTimePrecision": b'"MICROSECOND"',
    "Keys": b'{"id":{"S":"1"}}',
    "NewImage": b'{"a":{"S":"1"}}',
    "OldImage": b'{"a":{"S":"1"}}',
    "type": b'"Service"',
    "principalId": b'"dynamodb.amazonaws.com"',
}


@pytest.mark.parametrize("name", _MEMBERS)
def test_a_member_that_is_there_twice_is_left_to_python(both, name):
    images = {"Keys": 0, "ApproximateCreationDateTime": 0, "ApproximateCreationDateTimePrecision": 0}
    images |= {"NewImage": 0, "OldImage": 0}
    envelope = {"eventName": 0, "eventID": 0, "tableName": 0, "eventSourceARN": 0, "userIdentity": {}}
    if name in ("type", "principalId"):
        envelope["userIdentity"] = {name: 0}
    document = json.dumps(envelope | {"dynamodb": images}).encode()
    for member, value in _MEMBERS.items():
        document = document.replace(b'"%b": 0' % member.encode(), b'"%b":%b' % (member.encode(), value))
    pair = b'"%b":%b' % (name.encode(), _MEMBERS[name] if name != "userIdentity" else b"{}")
    document = document.replace(b'"userIdentity": {}', b'"userIdentity":{}')

    assert both.native_line(document) == both.python_line(document).data
    assert pair in document
    assert both.native_line(document.replace(pair, pair + b"," + pair)) == DECLINED


def test_lists_deeper_than_dynamodb_has_are_left_to_python_as_arrays_too():
    document = changed(NewImage={"a": nested(DEEPEST + 2, "L", {"L": []})})

    assert Both(list_format="array").native_line(document) == DECLINED


_ARN = "arn:aws:dynamodb:eu-west-1:111122223333:table/"
_NO_TABLES = [
    "",
    "orders",
    _ARN,
    _ARN[:-1],
    _ARN + "/",
    _ARN + ":",
    _ARN + "a:b",
    "x" + _ARN + "t",
    _ARN.replace("table/", "index/") + "orders",
    _ARN.replace("table/", "x:table/") + "orders",
    "arn:aws",
    "arn:aws:dynamodb",
    "arn:aws:dynamodb:eu-west-1:table/orders",
    "arn:aws:kinesis:eu-west-1:111122223333:table/orders",
]


@pytest.mark.parametrize("arn", _NO_TABLES)
def test_an_arn_that_names_no_table_is_left_to_python(both, arn):
    document = change({"id": {"S": "1"}}, eventSourceARN=arn)
    del document["tableName"]

    assert (both.native_line(encoded(document)), both.python_line(encoded(document))) == (DECLINED, None)


@pytest.mark.parametrize("number", ["12a", "?", "-1", " "])
def test_a_sequence_number_that_is_more_than_digits_is_left_to_python(both, number):
    assert both.native_line(changed(), number) == DECLINED


def test_a_line_that_is_longer_than_all_the_room_is_left_to_python(both):
    document = changed(NewImage={"a": {"S": "x" * 1_048_576}})

    assert both.native.lines([changed(), document, changed()], ["", "", ""])[1] == DECLINED
