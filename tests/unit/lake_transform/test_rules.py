"""What each rule makes of a value of each type, and which values the path of a rule reaches."""

from __future__ import annotations

import json
import unicodedata

import pytest

from lake_transform.errors import RecordError
from lake_transform.rules import Rules

_EVERY_TYPE = {
    "text": {"S": 'a"b é'},
    "number": {"N": "1.50"},
    "truth": {"BOOL": True},
    "binary": {"B": "AQ=="},
    "texts": {"SS": ["b", "a"]},
    "numbers": {"NS": ["2.0", "1"]},
    "binaries": {"BS": ["/w==", "AQ=="]},
    "list": {"L": [{"S": "x"}, {"N": "1.0"}, {"M": {"k": {"NULL": True}}}]},
    "map": {"M": {"b": {"N": "1e2"}, "a": {"L": []}}},
    "empty": {"S": ""},
    "nothing": {"M": {}},
    "none": {"L": []},
}


@pytest.fixture
def written(ruled, record, read_line):
    """Returns the row of an image under rules, without the columns of the change."""

    def row(rules, image, **settings):
        row = read_line(ruled(rules, **settings).change(record(image)).data)
        return {name: value for name, value in row.items() if not name.startswith("cdc_")}

    return row


@pytest.mark.parametrize("list_format", ["text", "array"])
def test_json_is_the_text_of_every_type_in_one_column(written, list_format):
    rules = dict.fromkeys(_EVERY_TYPE, "json")

    assert written(rules, _EVERY_TYPE, list_format=list_format) == {
        "text": '"a\\"b é"',
        "number": "1.50",
        "truth": "true",
        "binary": '"AQ=="',
        "texts": '["b","a"]',
        "numbers": "[2.0,1]",
        "binaries": '["/w==","AQ=="]',
        "list": '["x",1.0,{"k":null}]',
        "map": '{"b":1e2,"a":[]}',
        "empty": '""',
        "nothing": "{}",
        "none": "[]",
    }


@pytest.mark.parametrize("list_format", ["text", "array"])
def test_text_is_text_whatever_the_type(written, list_format):
    rules = dict.fromkeys(_EVERY_TYPE, "text")

    assert written(rules, _EVERY_TYPE, list_format=list_format) == {
        "text": 'a"b é',
        "number": "1.50",
        "truth": "true",
        "binary": "AQ==",
        "texts": '["b","a"]',
        "numbers": "[2.0,1]",
        "binaries": '["/w==","AQ=="]',
        "list": '["x",1.0,{"k":null}]',
        "map": '{"b":1e2,"a":[]}',
        "empty": "",
        "nothing": "{}",
        "none": "[]",
    }


@pytest.mark.parametrize("list_format", ["text", "array"])
def test_hash_is_keyed_and_of_the_values_one_text(written, masked, list_format):
    rules = dict.fromkeys(_EVERY_TYPE, "hash")

    assert written(rules, _EVERY_TYPE, list_format=list_format) == {
        "text": masked('a"b é'),
        "number": masked("1.5"),
        "truth": masked("true"),
        "binary": masked("AQ=="),
        "texts": masked('["a","b"]'),
        "numbers": masked("[1,2]"),
        "binaries": masked('["/w==","AQ=="]'),
        "list": masked('["x",1,{"k":null}]'),
        "map": masked('{"a":[],"b":100}'),
        "empty": masked(""),
        "nothing": masked("{}"),
        "none": masked("[]"),
    }


def test_drop_leaves_out_every_type(written):
    assert written(dict.fromkeys(_EVERY_TYPE, "drop"), _EVERY_TYPE | {"kept": {"S": "x"}}) == {"kept": "x"}


def test_null_stays_null_unless_it_is_dropped(written):
    image = {kind: {"NULL": True} for kind in ("json", "text", "hash", "drop")}

    assert written({kind: kind for kind in image}, image) == {"json": None, "text": None, "hash": None}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"N": "1.50"}, {"N": "15e-1"}),
        ({"N": "0"}, {"N": "-0.00"}),
        ({"N": "100"}, {"N": "1E+2"}),
        ({"SS": ["a", "b"]}, {"SS": ["b", "a"]}),
        ({"NS": ["1.0", "2"]}, {"NS": ["2.0", "1"]}),
        ({"NS": ["9", "10"]}, {"NS": ["10", "9"]}),
        ({"BS": ["AQ==", "/w=="]}, {"BS": ["/w==", "AQ=="]}),
        ({"M": {"a": {"N": "1"}, "b": {"N": "2"}}}, {"M": {"b": {"N": "2.0"}, "a": {"N": "1.0"}}}),
        ({"L": [{"M": {"a": {"SS": ["x", "y"]}}}]}, {"L": [{"M": {"a": {"SS": ["y", "x"]}}}]}),
    ],
)
def test_equal_values_have_equal_hashes_however_they_are_spelled(written, one, other):
    rows = [written({"a": "hash", "b.c": "hash"}, {"a": value, "b": {"M": {"c": value}}}) for value in (one, other)]

    assert rows[0] == rows[1]
    assert rows[0]["a"] == rows[0]["b__c"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"S": "a"}, {"S": "A"}),
        ({"S": ""}, {"S": " "}),
        ({"N": "1"}, {"N": "-1"}),
        ({"N": "1" * 38}, {"N": "1" * 37 + "2"}),
        ({"L": [{"S": "a"}, {"S": "b"}]}, {"L": [{"S": "b"}, {"S": "a"}]}),
        ({"M": {"a": {"S": "x"}}}, {"M": {"b": {"S": "x"}}}),
        ({"BOOL": True}, {"BOOL": False}),
        ({"S": "\u00e9"}, {"S": "e\u0301"}),
    ],
)
def test_different_values_have_different_hashes(written, one, other):
    assert written({"a": "hash"}, {"a": one}) != written({"a": "hash"}, {"a": other})


def test_another_key_makes_other_hashes():
    image = {"a": {"S": "x"}}
    hashes = {_apply(Rules({("a",): "hash"}, key), image)["a"]["S"] for key in (b"k" * 32, b"l" * 32)}

    assert len(hashes) == 2
    assert all(len(each) == 64 and set(each) <= set("0123456789abcdef") for each in hashes)


@pytest.mark.parametrize("literal", ["1e126", "1e-131", "1e99999999999999999999"])
@pytest.mark.parametrize("place", [lambda n: {"N": n}, lambda n: {"NS": ["1", n]}, lambda n: {"L": [{"N": n}]}])
def test_a_number_that_dynamodb_has_not_has_no_hash(ruled, record, literal, place):
    with pytest.raises(RecordError, match=r"^a number is outside DynamoDB's range$"):
        ruled({"a": "hash"}).change(record({"a": place(literal)}))


@pytest.mark.parametrize("kind", ["json", "text", "hash"])
@pytest.mark.parametrize("literal", ["", "NaN", "1,2", '1","x":"2', "007"])
@pytest.mark.parametrize(
    "place", [lambda n: {"N": n}, lambda n: {"NS": [n]}, lambda n: {"L": [{"N": n}]}, lambda n: {"M": {"b": {"N": n}}}]
)
def test_what_is_no_number_is_refused_under_a_rule_too(ruled, record, kind, literal, place):
    for unchecked in (None, []):
        transform = ruled({"a": kind})
        if kind == "hash" or unchecked is None:
            with pytest.raises(RecordError, match="grammar"):
                transform.change(record({"a": place(literal)}), unchecked=unchecked)
        else:
            transform.change(record({"a": place(literal)}), unchecked=unchecked)
            assert literal in unchecked


@pytest.mark.parametrize("kind", ["json", "text", "hash"])
@pytest.mark.parametrize("value", [{}, {"NULL": False}, {"L": [{}]}, {"M": {"b": {"NULL": False}}}])
def test_a_value_without_type_is_refused_under_a_rule_too(ruled, record, kind, value):
    with pytest.raises(RecordError, match="has not exactly one type"):
        ruled({"a": kind}).change(record({"a": value}))


@pytest.mark.parametrize("kind", ["json", "text", "hash", "drop"])
def test_a_value_of_two_types_is_refused_under_a_rule_too(ruled, record, kind):
    with pytest.raises(RecordError, match="has not exactly one type"):
        ruled({"a": kind}).change(record({"a": {"S": "x", "N": "1"}}))


@pytest.mark.parametrize("kind", ["json", "text", "hash"])
def test_text_that_is_not_unicode_is_refused(ruled, record, kind):
    with pytest.raises(RecordError):
        ruled({"a": kind}).change(record({"a": {"S": "@"}}).replace(b"@", b"\\ud800"))


def test_a_rule_reaches_into_maps_and_leaves_what_is_beside(written, masked):
    image = {
        "card": {"M": {"number": {"S": "4111"}, "holder": {"M": {"name": {"S": "Eve"}, "id": {"N": "7"}}}}},
        "number": {"S": "5"},
    }

    assert written({"card.number": "drop", "card.holder.name": "hash"}, image) == {
        "card__holder__name": masked("Eve"),
        "card__holder__id": 7,
        "number": "5",
    }


def test_a_map_whose_members_are_all_dropped_is_an_empty_map(written):
    assert written({"m.a": "drop", "m.b": "drop"}, {"m": {"M": {"a": {"S": "x"}, "b": {"S": "y"}}}}) == {"m": "{}"}


def test_lists_are_transparent_at_every_depth(written, masked):
    contacts = {
        "L": [{"M": {"email": {"S": "a"}}}, {"L": [{"M": {"email": {"S": "b"}, "to": {"S": "c"}}}]}, {"S": "d"}]
    }

    assert written({"contacts.email": "hash"}, {"contacts": contacts}) == {
        "contacts": f'[{{"email":"{masked("a")}"}},[{{"email":"{masked("b")}","to":"c"}}],"d"]'
    }
    assert written({"contacts.email": "drop"}, {"contacts": contacts}) == {"contacts": '[{},[{"to":"c"}],"d"]'}


def test_a_map_with_a_list_of_maps_is_walked_to_its_end(written, masked):
    image = {"a": {"M": {"l": {"L": [{"M": {"b": {"M": {"c": {"N": "1.0"}}}}}]}}}}

    assert written({"a.l.b.c": "hash"}, image) == {"a__l": f'[{{"b":{{"c":"{masked("1")}"}}}}]'}


def test_rules_inside_of_a_value_hold_before_its_own(written, masked):
    image = {"card": {"M": {"number": {"S": "4111"}, "name": {"S": "Eve"}, "year": {"N": "2030"}}}}
    inside = {"card.number": "drop", "card.name": "hash", "card.year": "text"}

    assert written(inside | {"card": "json"}, image) == {"card": f'{{"name":"{masked("Eve")}","year":"2030"}}'}
    assert written(inside | {"card": "text"}, image) == {"card": f'{{"name":"{masked("Eve")}","year":"2030"}}'}
    assert written({"card.number": "drop", "card": "hash"}, image) == {"card": masked('{"name":"Eve","year":2030}')}
    assert written(inside | {"card": "drop"}, image) == {}


def test_a_rule_inside_of_what_has_no_members_changes_nothing(written):
    image = {"a": {"S": "x"}, "b": {"SS": ["x"]}, "c": {"NULL": True}, "d": {"M": {}}, "e": {"L": [{"S": "x"}]}}
    rules = {f"{name}.x": "drop" for name in image}

    assert written(rules, image) == written({}, image)


def test_a_rule_for_what_is_not_there_changes_nothing(ruled, transform, event_file):
    rules = {"no": "drop", "address.no": "hash", "items.no": "drop", "name.no": "json", "Name": "drop"}

    assert ruled(rules).change(event_file("kinesis-insert-every-type")) == transform.change(
        event_file("kinesis-insert-every-type")
    )


def test_names_match_exactly(written):
    image = {"Email": {"S": "1"}, "email": {"S": "2"}, "e-mail": {"S": "3"}, " email": {"S": "4"}}

    assert set(written({"Email": "drop"}, image).values()) == {"2", "3", "4"}


@pytest.mark.parametrize(
    ("path", "name"), [(r"a\.b", "a.b"), (r"a\\b", "a\\b"), (r"\.", "."), ("a b", "a b"), ("名前", "名前")]
)
def test_a_name_with_a_dot_or_a_backslash_is_one_name(written, path, name):
    image = {name: {"S": "x"}, "a": {"M": {"b": {"S": "kept"}}}}

    assert written({path: "drop"}, image) == {"a__b": "kept"}
    assert written({rf"m.{path}": "drop"}, {"m": {"M": {name: {"S": "x"}}}}) == {"m": "{}"}


def test_an_empty_name_is_a_member_of_a_map(written):
    image = {"m": {"M": {"": {"S": "x"}, "a": {"M": {"": {"S": "y"}}}}}}

    assert written({"m.": "drop", "m.a.": "drop"}, image) == {"m__a": "{}"}


@pytest.mark.parametrize("name", ["é", "Å", "が", "\u212bngström", "각"])
def test_a_name_matches_in_every_unicode_form(written, name):
    forms = {unicodedata.normalize(form, name) for form in ("NFC", "NFD")} | {name}
    path = unicodedata.normalize("NFC", name)
    image = {form: {"S": "x"} for form in forms} | {"m": {"M": {form: {"S": "x"} for form in forms}}}

    assert written({path: "drop", f"m.{path}": "drop"}, image) == {"m": "{}"}


@pytest.mark.parametrize(("character", "path"), [("\u212a", "K"), ("\u037e", ";"), ("\u1fef", "`")])
def test_a_character_that_is_normalized_to_ascii_cannot_escape_a_rule(written, character, path):
    image = {character: {"S": "x"}, path: {"S": "y"}, "a": {"S": "kept"}, "m": {"M": {f"x{character}": {"S": "z"}}}}

    assert written({path: "drop", f"m.x{path}": "drop"}, image) == {"a": "kept", "m": "{}"}


def test_names_outside_of_ascii_that_are_alike_in_no_form_are_left_alone(written):
    image = {"é": {"S": "x"}, "ê": {"S": "y"}, "名": {"S": "z"}}

    assert written({"é": "drop"}, image) == {"u0000ea": "y", "u00540d": "z"}


def test_the_order_of_columns_is_the_images(ruled, record, read_line):
    image = {"z": {"S": "1"}, "a": {"S": "2"}, "m": {"M": {"y": {"S": "3"}, "b": {"S": "4"}}}}
    row = read_line(ruled({"m.y": "hash", "z": "text", "a": "hash"}).change(record(image)).data)

    assert list(row)[8:] == ["z", "a", "m__y", "m__b"]


def test_the_image_that_is_given_stays_as_it_is():
    image = {"a": {"S": "x"}, "m": {"M": {"b": {"S": "y"}}}, "l": {"L": [{"M": {"c": {"S": "z"}}}]}}
    before = json.dumps(image)
    rules = Rules({("a",): "drop", ("m", "b"): "hash", ("l", "c"): "drop"}, b"k")

    assert _apply(rules, image) != image
    assert json.dumps(image) == before
    typed = _typed(image)
    rules.apply(typed, [])
    assert typed == _typed(image)


@pytest.mark.parametrize("kind", ["hash", "drop"])
@pytest.mark.parametrize("depth", [2, 32, 60])
def test_a_rule_reaches_the_deepest_value_of_an_item(ruled, record, kind, depth):
    line = ruled({".".join("a" * depth): kind}).change(record({"a": _nested(depth - 1)})).data

    assert b"s3cr3t" not in line


@pytest.mark.parametrize("kind", ["json", "text", "hash"])
@pytest.mark.parametrize("length", [1, 1_000])
def test_a_value_too_deep_for_its_rule_is_refused(ruled, record, kind, length):
    deep = b'{"M":{"a":' * 1_000 + b'{"S":"s3cr3t"}' + b"}}" * 1_000
    with pytest.raises(RecordError, match="nested too deeply"):
        ruled({".".join("a" * length): kind}).change(record({"a": "@"}).replace(b'"@"', deep))


def _nested(depth):
    value = {"S": "s3cr3t"}
    for _ in range(depth):
        value = {"M": {"a": value}}
    return value


def _typed(image):
    from msgspec import convert

    from lake_transform.values import Image

    return convert(image, Image)


def _apply(rules, image):
    from msgspec import to_builtins

    return to_builtins(rules.apply(_typed(image), []))
