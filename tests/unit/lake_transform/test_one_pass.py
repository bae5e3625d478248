"""Native code writes the lines of ordinary change records, byte for byte as Python writes them, and declines others."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake_transform.errors import RecordError
from lake_transform.one_pass import OnePass
from lake_transform.settings import Settings
from lake_transform.transform import Transform
from tests.unit.lake_transform import native_library
from tests.unit.lake_transform.legal_items import change, encoded, items
from tests.unit.lake_transform.test_properties import generated

pytestmark = pytest.mark.skipif(native_library.path() is None, reason="native code is compiled for Linux alone")

_DECLINED = b"\n"
_DEEPEST = 40
_MOST_NAMES = 4_096


class _Both:
    """Native code and Python with the same settings."""

    def __init__(self, separator="_", list_format="text"):
        self.native = OnePass(native_library.path(), separator, list_format)
        self.transform = Transform(Settings(path_separator=separator, list_format=list_format))

    def native_line(self, document, number=""):
        (line,) = self.native.lines([document], [number])
        return line

    def python_line(self, document, number=""):
        try:
            return self.transform.change(document, sequence_number=number or None)
        except RecordError:
            return None

    def agree(self, document, number=""):
        """Says whether native code declined the record, or wrote what Python writes of it."""
        line = self.native_line(document, number)
        if line == _DECLINED:
            return True
        expected = self.python_line(document, number)
        return expected is not None and (expected.data, expected.overflowed) == (line, 0)


@pytest.fixture(scope="module")
def both():
    return _Both()


_SETTINGS = [(separator, list_format) for separator in ("_", "__", "0") for list_format in ("text", "array")]


@pytest.fixture(scope="module", params=_SETTINGS, ids="-".join)
def each_both(request):
    return _Both(*request.param)


def _spelt(document):
    """As the real stream spells it: no space, letters as they are."""
    return encoded(document)


def _nested(depth, tag, value=None):
    value = value or {"S": "x"}
    for _ in range(depth):
        value = {"M": {"a": value}} if tag == "M" else {"L": [value]}
    return value


_ORDINARY = {
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
    "names beyond ASCII": {"größe": {"S": "1"}, "漢字": {"M": {"😀x": {"S": "2"}}}},
    "names like types": {
        "S": {"S": "1"},
        "M": {"M": {"M": {"M": {"S": {"N": "1"}}}}},
        "N": {"L": [{"M": {"L": {"S": "2"}}}]},
    },
    "the longest column": {"n" * 255: {"S": "x"}, "m" * 200: {"M": {"o" * 53: {"S": "y"}}}},
    "deep maps": {"a": _nested(32, "M")},
    "deep lists": {"a": _nested(32, "L")},
    "many names": {f"name{number}": {"N": str(number)} for number in range(_MOST_NAMES - 1)},
}


@pytest.mark.parametrize("name", _ORDINARY)
def test_an_ordinary_item_is_written_by_native_code_as_python_writes_it(each_both, name):
    document = _spelt(change({"id": {"S": "1"}} | _ORDINARY[name]))

    assert each_both.native_line(document, "49640001") == each_both.python_line(document, "49640001").data


_KEYS = [
    {"id": {"S": "864732"}},
    {"id": {"S": 'q"\\\n é'}},
    {"id": {"N": "0"}},
    {"id": {"N": "-17"}},
    {"id": {"N": "1700000000.123"}},
    {"id": {"N": "-0.5"}},
    {"id": {"B": "AQ=="}},
    {"customer": {"S": "c-17"}, "sequence": {"N": "42"}},
    {"sequence": {"N": "42"}, "customer": {"S": "c-17"}},
    {"É": {"S": "1"}, "z": {"S": "2"}},
    {"Z": {"S": "1"}, "a": {"B": "AQ=="}},
    {"k": {"S": "p" * 2_048}, "s": {"S": "\x01" * 1_024}},
]


@pytest.mark.parametrize("keys", _KEYS, ids=lambda keys: str(keys)[:60])
@pytest.mark.parametrize("event", ["INSERT", "REMOVE"])
def test_every_usual_key_is_written_by_native_code(both, keys, event):
    images = {"ApproximateCreationDateTime": 1_700_000_000_123_456, "Keys": keys}
    document = _spelt({"eventID": "e-1", "eventName": event, "tableName": "orders", "dynamodb": images})

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
    expected = both.python_line(_spelt(document))

    assert both.native_line(_spelt(document)) == (expected.data if expected else _DECLINED)


def test_every_day_of_four_centuries_has_its_date(both):
    for day in range(0, 146_097, 11):
        document = change({"id": {"S": "1"}})
        document["dynamodb"]["ApproximateCreationDateTime"] = (day * 86_400 + day % 86_400) * 1_000_000 + day

        assert both.native_line(_spelt(document)) == both.python_line(_spelt(document)).data


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
    document = _spelt(change({"id": {"S": "1"}}, event, userIdentity=identity))

    assert both.native_line(document) == both.python_line(document).data


_ARN = "arn:aws:dynamodb:eu-west-1:111122223333:table/"


@pytest.mark.parametrize(
    "arn",
    [_ARN + "orders", _ARN + "orders/", _ARN + "orders/stream/2023-11-14T22:13:20.123", "arn::dynamodb:::table/t/é"],
)
def test_the_table_is_read_from_its_arn_by_native_code(both, arn):
    document = change({"id": {"S": "1"}}, eventSourceARN=arn)
    del document["tableName"]

    assert both.native_line(_spelt(document)) == both.python_line(_spelt(document)).data


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

    assert (both.native_line(_spelt(document)), both.python_line(_spelt(document))) == (_DECLINED, None)


def _changed(document=None, **images):
    document = document or change({"id": {"S": "1"}, "a": {"S": "x"}})
    document["dynamodb"] |= images
    return _spelt(document)


def _with_image(text):
    return _changed(NewImage="@").replace(b'"@"', text)


# Python makes something else of each than what a reader would that looks less closely, or refuses it.
_OTHERS = {
    "two paths for one column": _changed(NewImage={"a": {"M": {"b": {"S": "1"}}}, "a_b": {"S": "2"}}),
    "names that differ in case": _changed(NewImage={"Id": {"S": "1"}, "ID": {"S": "2"}}),
    "a name of ours": _changed(NewImage={"cdc_event": {"S": "x"}}),
    "a name of ours in a map": _changed(NewImage={"cdc": {"M": {"x": {"S": "x"}}}}),
    "a column that is too long": _changed(NewImage={"n" * 256: {"S": "x"}}),
    "a path that is too long": _changed(NewImage={"n" * 250: {"M": {"m" * 10: {"S": "x"}}}}),
    "one attribute twice": _with_image(b'{"a":{"S":"1"},"a":{"S":"2"}}'),
    "one attribute twice, first a map": _with_image(b'{"a":{"M":{"b":{"S":"1"}}},"a":{"S":"2"}}'),
    "one member twice in a list": _with_image(b'{"a":{"L":[{"M":{"b":{"S":"1"},"b":{"S":"2"}}}]}}'),
    "a value of two types": _with_image(b'{"a":{"S":"1","N":"2"}}'),
    "a value of one type, twice": _with_image(b'{"a":{"S":"1","S":"2"}}'),
    "a value without type": _with_image(b'{"a":{}}'),
    "a type that does not exist": _with_image(b'{"a":{"X":"1"}}'),
    "a value that is no object": _with_image(b'{"a":"1"}'),
    "NULL that is false": _changed(NewImage={"a": {"NULL": False}}),
    "text that is a number": _with_image(b'{"a":{"S":1}}'),
    "text that is null": _with_image(b'{"a":{"S":null}}'),
    "a name with an escape": _with_image(b'{"\\u0061":{"S":"1"},"a":{"S":"2"}}'),
    "half a surrogate pair": _with_image(b'{"a":{"S":"\\ud83d"}}'),
    "two second halves of a pair": _with_image(b'{"a":{"S":"\\ude00\\ude00"}}'),
    "half a pair, then what is beyond the other half": _with_image(b'{"a":{"S":"\\ud83d\\ue000"}}'),
    "half a pair, then a letter": _with_image(b'{"a":{"S":"\\ud83d\\u0041"}}'),
    "the wrong half first": _with_image(b'{"a":{"S":"\\ude00\\ud83d"}}'),
    "an escape that does not exist": _with_image(b'{"a":{"S":"\\x41"}}'),
    "an escape that is cut short": _with_image(b'{"a":{"S":"\\u00"}}'),
    "an escape that does not exist in what nobody needs": _changed(Unknown="@").replace(b"@", b"\\x41"),
    "an escape that does not exist in a name nobody needs": _changed(Unknown={"@": 1}).replace(b"@", b"\\x41"),
    "space that is none": _changed().replace(b":", b"\x0b:", 1),
    "UTF-8 that is cut short": _with_image(b'{"a":{"S":"\xc3"}}'),
    "UTF-8 that is longer than it need be": _with_image(b'{"a":{"S":"\xc0\xaf"}}'),
    "a surrogate in UTF-8": _with_image(b'{"a":{"S":"\xed\xa0\x80"}}'),
    "broken UTF-8 in what nobody needs": _changed(Unknown="@").replace(b"@", b"\xff"),
    "a comma too many": _with_image(b'{"a":{"S":"1"},}'),
    "a comma too many in a list": _with_image(b'{"a":{"L":[{"S":"1"},]}}'),
    "no comma": _with_image(b'{"a":{"S":"1"}"b":{"S":"1"}}'),
    "no keys": _changed().replace(b'"Keys"', b'"Kees"'),
    "an empty key": _changed(Keys={}),
    "three key attributes": _changed(Keys={name: {"S": "1"} for name in "abc"}),
    "a key that is true": _changed(Keys={"id": {"BOOL": True}}),
    "a key that is a list": _changed(Keys={"id": {"L": []}}),
    "one key attribute twice": _changed(Keys="@").replace(b'"@"', b'{"id":{"S":"1"},"id":{"S":"2"}}'),
    "a key number in another spelling": _changed(Keys={"id": {"N": "1.50"}}),
    "a key number that is minus zero": _changed(Keys={"id": {"N": "-0"}}),
    "a key number with an exponent": _changed(Keys={"id": {"N": "1e3"}}),
    "a key number smaller than any": _changed(Keys={"id": {"N": "0." + "0" * 200 + "1"}}),
    "a key number that is none": _changed(Keys={"id": {"N": "007"}}),
    "no eventID": _spelt(change({"id": {"S": "1"}}, eventID="")),
    "no table": _spelt(change({"id": {"S": "1"}}, tableName="")),
    "a source with an escape": _spelt(change({"id": {"S": "1"}}, eventSourceARN="\n")),
    "an identity with an escape": _spelt(change({"id": {"S": "1"}}, userIdentity={"type": "\n"})),
    "an event that does not exist": _spelt(change({"id": {"S": "1"}}) | {"eventName": "UPSERT"}),
    "an event that is told too late": _spelt(dict(reversed(change({"id": {"S": "1"}}).items()))),
    "an event that is told twice": _changed()[:-1] + b',"eventName":"REMOVE"}',
    "images that are there twice": _changed()[:-1] + b',"dynamodb":{}}',
    "an image that is there twice": _changed().replace(b'"Keys":', b'"NewImage":{"b":{"S":"1"}},"Keys":'),
    "an image that is there twice, first empty": _changed().replace(b'"Keys":', b'"NewImage":{},"Keys":'),
    "a removal with a new image": _changed(change({"id": {"S": "1"}}, "REMOVE"), NewImage={"a": {"S": "1"}}),
    "an image that is a list": _changed(NewImage=[]),
    "a source that is a number": _spelt(change({"id": {"S": "1"}}, eventSourceARN=1)),
    "an identity that is a number": _spelt(change({"id": {"S": "1"}}, userIdentity=1)),
    "an identity with more in it": _spelt(change({"id": {"S": "1"}}, userIdentity={"type": {"a": "b"}})),
    "a fraction of a second": _changed(ApproximateCreationDateTime=1_700_000_000.5),
    "a time before 1970": _changed(ApproximateCreationDateTime=-1),
    "a time after 9999": _changed(ApproximateCreationDateTime=253_402_300_800_000_000),
    "a time that fits no number": _changed(ApproximateCreationDateTime=10**30),
    "a time that starts with zero": _changed(ApproximateCreationDateTime=7).replace(b'Time":7', b'Time":07'),
    "a precision that does not exist": _changed(ApproximateCreationDateTimePrecision="SECOND"),
    "no time": _changed().replace(b'"ApproximateCreationDateTime"', b'"Time"'),
    "two documents": _changed() * 2,
    "something after the document": _changed() + b"x",
    "no document": b"",
    "a list": b"[]",
    "a byte order mark": b"\xef\xbb\xbf" + _changed(),
    "an odd number in what nobody needs": _changed(SizeBytes="@").replace(b'"@"', b"1e999"),
    "deeper than DynamoDB goes": _changed(NewImage={"a": _nested(_DEEPEST + 2, "M")}),
    "deeper than DynamoDB goes, and nothing there": _changed(NewImage={"a": _nested(_DEEPEST + 2, "M", {"M": {}})}),
    "deeper lists than DynamoDB has": _changed(NewImage={"a": _nested(_DEEPEST + 2, "L")}),
    "more names than there is room for": _changed(
        NewImage={f"n{number}": {"N": "1"} for number in range(_MOST_NAMES + 1)}
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
    _OTHERS[f"a number that is {_literal!r}"] = _with_image(b'{"a":{"N":"%b"}}' % _literal.encode())
    _OTHERS[f"a set with {_literal!r} as a number"] = _with_image(b'{"a":{"NS":["1","%b"]}}' % _literal.encode())


@pytest.mark.parametrize("name", _OTHERS)
def test_what_is_not_ordinary_is_left_to_python(both, name):
    assert both.native_line(_OTHERS[name]) == _DECLINED


@pytest.mark.parametrize("control", range(0x20))
@pytest.mark.parametrize("before", [0, 15, 16, 17])
def test_text_with_a_control_character_is_left_to_python(both, control, before):
    within = _changed(NewImage={"a": {"S": "x" * before + "@" + "y" * 20}})
    last = _spelt(change({"id": {"S": "1"}}, last="x" * before + "@"))

    assert both.native_line(within.replace(b"@", bytes([control]))) == _DECLINED
    assert both.native_line(last.replace(b"@", bytes([control]))) == _DECLINED


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
    assert both.native_line(document.replace(pair, pair + b"," + pair)) == _DECLINED


def test_lists_deeper_than_dynamodb_has_are_left_to_python_as_arrays_too():
    document = _changed(NewImage={"a": _nested(_DEEPEST + 2, "L", {"L": []})})

    assert _Both(list_format="array").native_line(document) == _DECLINED


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
    document = _with_image(image).replace(b'"Keys":{"id":{"S":"1"}}', b'"Keys":{"id":{"S":"%b"}}' % spelling)

    assert each_both.native_line(document) == each_both.python_line(document).data


@pytest.mark.parametrize("number", ["12a", "?", "-1", " "])
def test_a_sequence_number_that_is_more_than_digits_is_left_to_python(both, number):
    assert both.native_line(_changed(), number) == _DECLINED


def test_a_record_is_the_same_line_whatever_its_neighbours_are(both):
    documents = [
        _changed(),
        *_OTHERS.values(),
        _changed(),
        _spelt(change(_ORDINARY["many names"] | {"id": {"S": "2"}})),
    ]
    documents = documents * 3
    alone = [both.native_line(document, str(place)) for place, document in enumerate(documents)]

    assert both.native.lines(documents, [str(place) for place in range(len(documents))]) == alone


def test_lines_that_find_no_room_together_are_written_all_the_same(both):
    documents = [_changed(NewImage={"id": {"S": str(number)}, "a": {"S": "x" * 300_000}}) for number in range(20)]

    assert both.native.lines(documents, [""] * 20) == [both.python_line(document).data for document in documents]


def test_a_line_that_is_longer_than_all_the_room_is_left_to_python(both):
    document = _changed(NewImage={"a": {"S": "x" * 1_048_576}})

    assert both.native.lines([_changed(), document, _changed()], ["", "", ""])[1] == _DECLINED


@pytest.mark.parametrize("before", range(14, 35))
@pytest.mark.parametrize("special", ['"', "\\", "\n", "é", "😀"])
def test_text_is_the_same_wherever_its_special_characters_are(both, before, special):
    text = "x" * before + special + "y" * 20
    document = _changed(NewImage={"a": {"S": text}, "b": {"L": [{"S": text}, {"M": {text[-25:]: {"S": text}}}]}})

    assert both.agree(document)
    assert both.native_line(_changed(NewImage={"a": {"S": text}})) != _DECLINED


def test_no_document_that_is_cut_short_is_taken_for_whole(both, event_file):
    document = event_file("kinesis-insert-every-type")

    assert both.native_line(document) != _DECLINED
    assert all(both.native_line(document[:length]) == _DECLINED for length in range(len(document)))


@pytest.mark.parametrize(
    "byte", [b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"0", b"e", b".", b"\x00", b"\xc3", b" "]
)
def test_any_one_byte_may_be_wrong(both, event_file, byte):
    document = event_file("kinesis-insert-every-type")
    for place in range(len(document)):
        assert both.agree(document[:place] + byte + document[place + 1 :])
        assert both.agree(document[:place] + byte + document[place:])


_OTHER_SETTINGS = [_Both(*pair) for pair in _SETTINGS] if native_library.path() else []


@generated
@given(
    item=items(),
    event=st.sampled_from(["INSERT", "MODIFY", "REMOVE"]),
    indent=st.sampled_from([None, 0, "\t"]),
    ascii_only=st.booleans(),
    pair=st.integers(0, len(_SETTINGS) - 1),
)
def test_native_code_writes_what_python_writes_of_any_legal_item(item, event, indent, ascii_only, pair):
    document = json.dumps(change(item, event), ensure_ascii=ascii_only, indent=indent).encode()

    assert _OTHER_SETTINGS[pair].agree(document)
