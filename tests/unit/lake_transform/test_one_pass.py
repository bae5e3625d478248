"""Native code writes the lines of ordinary change records, byte for byte as Python writes them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.lake_transform import native_library
from tests.unit.lake_transform.both_paths import (
    DECLINED,
    MOST_NAMES,
    SETTINGS,
    Both,
    changed,
    needs_native_code,
    nested,
    with_image,
)
from tests.unit.lake_transform.legal_items import change, encoded, generated, items

pytestmark = needs_native_code

ORDINARY = {
    "text": {"a": {"S": "some text"}},
    "empty text": {"a": {"S": ""}},
    "text that must be escaped": {"a": {"S": '"\\/\b\f\n\r\t\x00\x01\x1f\x7f'}},
    "text beyond ASCII": {"a": {"S": "é Ж 漢 😀 \u2028\ufeff\uffff"}},
    "numbers": {
        "a": {"N": "0"},
        "b": {"N": "-0"},
        "c": {"N": "12345678901234567890123456789012345678"},
        "d": {"N": "-1.50"},
        "e": {"N": "9.9E+125"},
        "f": {"N": "1e-130"},
    },
    "binary": {"a": {"B": "iVBORw0KGgo="}},
    "truths and null": {"a": {"BOOL": True}, "b": {"BOOL": False}, "c": {"NULL": True}},
    "sets": {"a": {"SS": ["x", 'a"b']}, "b": {"NS": ["1", "2.50"]}, "c": {"BS": ["AQ==", "Ag=="]}, "d": {"SS": []}},
    "lists": {"a": {"L": []}, "b": {"L": [{"S": "x"}, {"N": "1"}, {"NULL": True}, {"BOOL": False}, {"B": "AQ=="}]}},
    "lists in lists": {"a": {"L": [{"L": [{"L": []}, {"SS": ["x"]}, {"NS": ["7"]}]}]}},
    "maps in lists": {
        "a": {"L": [{"M": {"b": {"S": 'q"\\\n'}, "c": {"M": {"B": {"N": "1"}, "b": {"M": {}}}}}}, {"M": {}}]}
    },
    "maps": {"a": {"M": {"b": {"M": {"c": {"S": "x"}}}, "d": {"M": {}}}}},
    "names that are changed": {"Order-Id": {"S": "1"}, "__typename": {"S": "2"}, "2024": {"S": "3"}, "": {"S": "4"}},
    "names beyond ASCII": {"größe": {"S": "1"}, "漢字": {"M": {"😀x": {"S": "2"}}}, "a\U0010ffff": {"S": "3"}},
    "names beyond ASCII that once were one": {"名前": {"S": "1"}, "住所": {"S": "2"}, "é": {"S": "3"}},
    "names like types": {
        "S": {"S": "1"},
        "M": {"M": {"M": {"M": {"S": {"N": "1"}}}}},
        "N": {"L": [{"M": {"L": {"S": "2"}}}]},
    },
    "the longest column": {
        "n" * 255: {"S": "x"},
        "é" * 36 + "xyz": {"S": "y"},
        "m" * 200: {"M": {"o" * 53: {"S": "y"}}},
    },
    "deep maps": {"a": nested(32, "M")},
    "deep lists": {"a": nested(32, "L")},
    "many names": {f"name{number}": {"N": str(number)} for number in range(MOST_NAMES - 1)},
}


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_item_is_written_by_native_code_as_python_writes_it(each_both, name):
    document = encoded(change({"id": {"S": "1"}} | ORDINARY[name]))

    assert each_both.native_line(document, "49640001") == each_both.python_line(document, "49640001").data


_KEYS = {
    "text": {"id": {"S": "864732"}},
    "text that must be escaped": {"id": {"S": 'q"\\\n é'}},
    "zero": {"id": {"N": "0"}},
    "a negative number": {"id": {"N": "-17"}},
    "a fraction": {"id": {"N": "1700000000.123"}},
    "a negative fraction": {"id": {"N": "-0.5"}},
    "binary": {"id": {"B": "AQ=="}},
    "two attributes": {"customer": {"S": "c-17"}, "sequence": {"N": "42"}},
    "two attributes in another order": {"sequence": {"N": "42"}, "customer": {"S": "c-17"}},
    "names beyond ASCII": {"É": {"S": "1"}, "z": {"S": "2"}},
    "names that differ in case": {"Z": {"S": "1"}, "a": {"B": "AQ=="}},
    "the longest key": {"k": {"S": "p" * 2_048}, "s": {"S": "\x01" * 1_024}},
}


@pytest.mark.parametrize("name", _KEYS)
@pytest.mark.parametrize("event", ["INSERT", "REMOVE"])
def test_every_usual_key_is_written_by_native_code(both, name, event):
    images = {"ApproximateCreationDateTime": 1_700_000_000_123_456, "Keys": _KEYS[name]}
    document = encoded({"eventID": "e-1", "eventName": event, "tableName": "orders", "dynamodb": images})

    assert both.native_line(document) == both.python_line(document).data


_TIMES = [0, 1, 99_999_999_999, 100_000_000_000, 99_999_999_999_999, 100_000_000_000_000, 951_782_399]
_TIMES += [951_782_400, 951_868_799, 951_868_800]
_TIMES += [4_107_542_399, 1_709_164_800, 1_735_689_599, 253_402_300_799_999_999]


@pytest.mark.parametrize("precision", ["MICROSECOND", "MILLISECOND", None])
@pytest.mark.parametrize("time", _TIMES)
def test_every_instant_is_written_by_native_code_or_refused_by_python(both, time, precision):
    document = change({"id": {"S": "1"}})
    document["dynamodb"]["ApproximateCreationDateTime"] = time
    if precision:
        document["dynamodb"]["ApproximateCreationDateTimePrecision"] = precision
    expected = both.python_line(encoded(document))

    assert both.native_line(encoded(document)) == (expected.data if expected else DECLINED)


def test_every_day_of_four_centuries_has_its_date(both):
    for day in range(0, 146_097, 11):
        document = change({"id": {"S": "1"}})
        document["dynamodb"]["ApproximateCreationDateTime"] = (day * 86_400 + day % 86_400) * 1_000_000 + day

        assert both.native_line(encoded(document)) == both.python_line(encoded(document)).data


_REAL_EVENTS = [
    "kinesis-insert-every-type",
    "kinesis-modify-keys-only",
    "kinesis-modify-milliseconds",
    "kinesis-older-without-precision",
    "kinesis-remove",
    "kinesis-remove-by-ttl",
    "kinesis-remove-without-image",
    "streams-insert-whole-seconds",
]


@pytest.mark.parametrize("name", _REAL_EVENTS)
def test_every_record_of_a_real_stream_is_written_by_native_code(both, event_file, name):
    document = event_file(name)

    assert both.native_line(document) == both.python_line(document).data


_IDENTITIES = [
    None,
    {},
    {"type": "Service", "principalId": "dynamodb.amazonaws.com"},
    {"principalId": "dynamodb.amazonaws.com"},
    {"type": "User", "principalId": "dynamodb.amazonaws.com"},
    {"principalId": "x", "type": "Service", "more": "y"},
]


@pytest.mark.parametrize("identity", _IDENTITIES, ids=str)
@pytest.mark.parametrize("event", ["MODIFY", "REMOVE"])
def test_who_made_the_change_is_told_by_native_code(both, identity, event):
    document = encoded(change({"id": {"S": "1"}}, event, userIdentity=identity))

    assert both.native_line(document) == both.python_line(document).data


_ARN = "arn:aws:dynamodb:eu-west-1:111122223333:table/"


@pytest.mark.parametrize(
    "arn",
    [_ARN + "orders", _ARN + "orders/", _ARN + "orders/stream/2023-11-14T22:13:20.123", "arn::dynamodb:::table/t/é"],
)
def test_the_table_is_read_from_its_arn_by_native_code(both, arn):
    document = change({"id": {"S": "1"}}, eventSourceARN=arn)
    del document["tableName"]

    assert both.native_line(encoded(document)) == both.python_line(encoded(document)).data


_ESCAPED = [
    b"\\u00e9\\u00E9\\u6f22\\uFEFF",
    b"\\ud83d\\ude00\\uD83D\\uDE00\\udbff\\udfff\\ud800\\udc00",
    b"\\u0041\\u0022\\u005C\\u002f\\/",
    b"\\u0000\\u0008\\u0009\\u000a\\u000b\\u000C\\u000d\\u000e\\u001f\\u007f\\u0080",
    b'\\b\\f\\n\\r\\t\\\\\\"',
]


@pytest.mark.parametrize("spelling", _ESCAPED)
def test_text_that_is_spelled_with_escapes_is_written_by_native_code_as_python_spells_it(each_both, spelling):
    image = b'{"a":{"S":"%b"},"b":{"L":[{"S":"x%bx"},{"M":{"c":{"S":"%b"}}}]}}' % (spelling, spelling, spelling)
    document = with_image(image).replace(b'"Keys":{"id":{"S":"1"}}', b'"Keys":{"id":{"S":"%b"}}' % spelling)

    assert each_both.native_line(document) == each_both.python_line(document).data


def test_a_record_is_the_same_line_whatever_its_neighbours_are(both):
    documents = [
        changed(),
        *(changed(NewImage={name: {"N": "1"}}) for name in ("a", "cdc_", "n" * 300)),
        changed(),
        encoded(change(ORDINARY["many names"] | {"id": {"S": "2"}})),
    ]
    documents = documents * 3
    alone = [both.native_line(document, str(place)) for place, document in enumerate(documents)]

    assert both.native.lines(documents, [str(place) for place in range(len(documents))]) == alone


def test_lines_that_find_no_room_together_are_written_all_the_same(both):
    documents = [changed(NewImage={"id": {"S": str(number)}, "a": {"S": "x" * 300_000}}) for number in range(20)]

    assert both.native.lines(documents, [""] * 20) == [both.python_line(document).data for document in documents]


@pytest.mark.parametrize("before", range(14, 35))
@pytest.mark.parametrize("special", ['"', "\\", "\n", "é", "😀"])
def test_text_is_the_same_wherever_its_special_characters_are(both, before, special):
    text = "x" * before + special + "y" * 20
    document = changed(NewImage={"a": {"S": text}, "b": {"L": [{"S": text}, {"M": {text[-25:]: {"S": text}}}]}})

    assert both.agree(document)
    assert both.native_line(changed(NewImage={"a": {"S": text}})) != DECLINED


def test_no_document_that_is_cut_short_is_taken_for_whole(both, event_file):
    document = event_file("kinesis-insert-every-type")

    assert both.native_line(document) != DECLINED
    assert all(both.native_line(document[:length]) == DECLINED for length in range(len(document)))


@pytest.mark.parametrize(
    "byte", [b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"0", b"e", b".", b"\x00", b"\xc3", b" "]
)
def test_any_one_byte_may_be_wrong(both, event_file, byte):
    document = event_file("kinesis-insert-every-type")
    for place in range(len(document)):
        assert both.agree(document[:place] + byte + document[place + 1 :])
        assert both.agree(document[:place] + byte + document[place:])


_EACH = [Both(**chosen) for chosen in SETTINGS] if native_library.path() else []


@generated
@given(
    item=items(),
    event=st.sampled_from(["INSERT", "MODIFY", "REMOVE"]),
    indent=st.sampled_from([None, 0, "\t"]),
    ascii_only=st.booleans(),
    place=st.integers(0, len(SETTINGS) - 1),
)
def test_native_code_writes_what_python_writes_of_any_legal_item(item, event, indent, ascii_only, place):
    document = json.dumps(change(item, event), ensure_ascii=ascii_only, indent=indent).encode()

    assert _EACH[place].agree(document)
