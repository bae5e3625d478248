"""Native code applies the rules of a table as Python does, to ordinary values in every place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake_transform.table_settings import TableSettings, parse_path
from tests.unit.lake_transform.both_paths import DECLINED, SETTINGS, Both, changed, needs_native_code, with_image
from tests.unit.lake_transform.legal_items import change, encoded, generated, items

pytestmark = needs_native_code

_KEY = b"k" * 32
_KINDS = ["json", "text", "hash", "drop"]
_VALUES = {
    "text": {"S": "some text"},
    "empty text": {"S": ""},
    "text that must be escaped": {"S": '"\\/\b\f\n\r\t\x00\x1f é😀\u2028'},
    "text of many blocks": {"S": 'x"' * 300},
    "a number": {"N": "-1.5"},
    "a long number": {"N": "12345678901234567890123456789012345678"},
    "binary": {"B": "iVBORw0KGgo="},
    "true": {"BOOL": True},
    "false": {"BOOL": False},
    "null": {"NULL": True},
}
_CONTAINERS = {
    "a map": {"M": {"b": {"S": 'q"\\'}, "C.d": {"M": {"e": {"N": "1.50"}, "f": {"M": {}}}}}},
    "an empty map": {"M": {}},
    "a list": {"L": [{"S": "x"}, {"N": "1e5"}, {"M": {"y": {"NULL": True}}}, {"L": [{"BOOL": True}]}]},
    "an empty list": {"L": []},
    "texts": {"SS": ["x", 'y"']},
    "numbers": {"NS": ["1", "2.50"]},
    "binaries": {"BS": ["AQ==", "Ag=="]},
}
_PLACES = {
    "a column": ("v", lambda value: value),
    "a map": ("m.n.v", lambda value: {"M": {"n": {"M": {"u": {"S": "u"}, "v": value, "w": {"S": "w"}}}}}),
    "a list": (
        "m.v",
        lambda value: {"L": [{"M": {"u": {"S": "u"}, "v": value}}, {"S": "x"}, {"L": [{"M": {"v": value}}]}]},
    ),
    "a map with a list": ("m.n.v", lambda value: {"M": {"n": {"L": [{"M": {"v": value, "w": {"S": "w"}}}]}}}),
}


def _with_rules(rules, **settings):
    tables = {
        "order": TableSettings(rules={("v",): "drop"}),
        "orders": TableSettings(before=True, rules={parse_path(path): kind for path, kind in rules.items()}),
    }
    return Both(tables=tables, mask_key=_KEY, **settings)


def _image(place, value):
    path, around = _PLACES[place]
    return {"id": {"S": "1"}, path.partition(".")[0]: around(value), "z": {"S": "z"}}


def _change(image):
    """Returns a change record whose two images are the same."""
    document = change(image, "MODIFY")
    document["dynamodb"]["OldImage"] = image
    return encoded(document)


@pytest.mark.parametrize("settings", SETTINGS[:2], ids=lambda settings: settings["list_format"])
@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("place", _PLACES)
def test_a_rule_is_applied_by_native_code_to_every_ordinary_value_in_every_place(place, kind, settings):
    both = _with_rules({_PLACES[place][0]: kind}, **settings)
    for value in [*_VALUES.values(), *(_CONTAINERS.values() if kind != "hash" else ())]:
        document = _change(_image(place, value))
        assert both.native_line(document, "7") == both.python_line(document, "7").data


@pytest.mark.parametrize("value", _CONTAINERS.values(), ids=_CONTAINERS)
def test_what_has_no_one_text_is_hashed_by_python(value):
    both = _with_rules({"v": "hash"})

    assert both.native_line(_change(_image("a column", value))) == DECLINED
    assert both.python_line(_change(_image("a column", value)))


@pytest.mark.parametrize("literal", ["1.50", "1e3", "-0", "0.0", "9" * 41])
def test_a_number_in_another_spelling_is_hashed_by_python(literal):
    both = _with_rules({"v": "hash"})
    document = _change(_image("a column", {"N": literal}))

    assert both.native_line(document) == DECLINED
    assert both.python_line(document)


def test_rules_inside_of_a_value_hold_first():
    rules = {"m": "json", "m.a": "drop", "m.b": "hash", "m.c": "text", "m.d": "json", "m.l.e": "drop", "m.l.f": "json"}
    inner = {name: {"M": {"x": {"S": '"'}}} if name == "d" else {"N": "1.5"} for name in "abcd"}
    image = {"m": {"M": inner | {"l": {"L": [{"M": {"e": {"S": "x"}, "f": {"S": '"'}}}]}}}}
    both = _with_rules(rules)
    line = both.native_line(changed(NewImage=image))

    assert line == both.python_line(changed(NewImage=image)).data
    assert json.loads(json.loads(line)["m"]).keys() == {"b", "c", "d", "l"}


def test_rules_inside_of_a_value_hold_in_the_old_image_too():
    kinds = {"a": "drop", "b": "hash", "c": "text", "d": "json", "e": "text", "f": "json", "g": "hash"}
    members = {"a": {"S": "x"}, "b": {"S": '"'}, "c": {"S": '"'}, "d": {"N": "1.50"}, "e": {"BOOL": True}}
    members |= {"f": {"NULL": True}, "g": {"N": "7"}, "h": {"S": '"'}}
    both = _with_rules({"m": "json"} | {f"m.{name}": kind for name, kind in kinds.items()})
    document = _change({"id": {"S": "1"}, "m": {"M": members}})
    line = both.native_line(document)

    assert line == both.python_line(document).data
    assert json.loads(json.loads(line)["cdc_before"])["m"] == json.loads(line)["m"]


def test_text_in_text_in_text_in_text_is_left_to_python():
    both = _with_rules({"m": "json", "m.l": "json", "m.l.v": "json", "n": "json", "n.l": "json", "n.l.v": "drop"})
    inner = {"M": {"l": {"M": {"v": {"S": '"'}}}}}

    assert both.native_line(changed(NewImage={"m": inner})) == DECLINED
    assert both.native_line(changed(NewImage={"n": inner})) == both.python_line(changed(NewImage={"n": inner})).data


_ALL_DROPPED = {
    "a map": ({"m": {"M": {"a": {"S": "1"}, "b": {"N": "2"}}}}, {"m.a": "drop", "m.b": "drop"}),
    "a map in a map": ({"m": {"M": {"n": {"M": {"a": {"S": "1"}}}}}}, {"m.n.a": "drop"}),
    "a map in a list": ({"m": {"L": [{"M": {"a": {"S": "1"}}}]}}, {"m.a": "drop"}),
    "the first of a map in a list": ({"m": {"L": [{"M": {"a": {"S": "1"}, "b": {"S": "2"}}}]}}, {"m.a": "drop"}),
    "the last of a map in a list": ({"m": {"L": [{"M": {"a": {"S": "1"}, "b": {"S": "2"}}}]}}, {"m.b": "drop"}),
    "an image": ({"a": {"S": "1"}, "b": {"S": "2"}}, {"a": "drop", "b": "drop"}),
}


@pytest.mark.parametrize("name", _ALL_DROPPED)
def test_what_is_left_when_members_are_dropped_is_written_as_by_python(name):
    image, rules = _ALL_DROPPED[name]
    both = _with_rules(rules)
    for document in (_change(image | {"id": {"S": "1"}}), changed(NewImage=image)):
        assert both.native_line(document) == both.python_line(document).data


def test_what_is_dropped_needs_no_column():
    names = ["cdc_event", "n" * 300, "A"]
    both = _with_rules(dict.fromkeys(names, "drop"))
    document = changed(NewImage={"a": {"S": "1"}} | {name: {"S": "x"} for name in names})

    assert both.native_line(document) == both.python_line(document).data


@pytest.mark.parametrize("event", ["INSERT", "REMOVE"])
@pytest.mark.parametrize("kind", ["hash", "text", None])
@pytest.mark.parametrize("value", [{"S": 'q"\\\n é'}, {"N": "17"}, {"N": "-0.5"}, {"B": "AQ=="}], ids=str)
def test_a_key_is_masked_by_native_code_as_by_python(event, kind, value):
    both = _with_rules({"id": kind, "sort.x": "drop"} if kind else {"sort": "hash"})
    for keys in ({"id": value}, {"sort": {"S": "s"}, "id": value}):
        for image in (keys, None, keys | {"a": {"S": "x"}}):
            images = {"ApproximateCreationDateTime": 1, "Keys": keys}
            images |= {"OldImage" if event == "REMOVE" else "NewImage": image} if image else {}
            document = encoded({"eventID": "e", "eventName": event, "tableName": "orders", "dynamodb": images})
            assert both.native_line(document) == both.python_line(document).data


@pytest.mark.parametrize("kind", ["drop", "json"])
def test_a_key_with_another_rule_is_left_to_python(kind):
    assert _with_rules({"id": kind}).native_line(changed()) == DECLINED


def test_a_table_without_rules_is_left_alone():
    both = _with_rules({"v": "drop"})
    document = encoded(change({"id": {"S": "1"}, "v": {"S": "x"}}, tableName="other"))

    assert both.native_line(document) == both.python_line(document).data
    assert b'"v":"x"' in both.native_line(document)


@pytest.mark.parametrize("rule", ["é", "a.é", "K", "a.x;y", "`"])
def test_a_name_that_can_be_another_spelling_of_a_rules_is_left_to_python(rule):
    both = _with_rules({rule: "hash"})
    exact = parse_path(rule)[-1]
    for name in ("e\u0301", "\u212a", "ж"):
        for image in ({name: {"S": "secret"}}, {"a": {"M": {name: {"S": "secret"}, "b": {"S": "x"}}}}):
            assert both.agree(changed(NewImage=image))
            is_near_the_rule = ("a" in image) == rule.startswith("a.")
            assert (both.native_line(changed(NewImage=image)) == DECLINED) == is_near_the_rule
    image = {exact: {"S": "secret"}, "b": {"S": "x"}}
    image = {"a": {"M": image}} if rule.startswith("a.") else image
    assert both.native_line(changed(NewImage=image)) == both.python_line(changed(NewImage=image)).data


_BROKEN = [
    b"{}",
    b'{"S":1}',
    b'{"S":"\\x"}',
    b'{"S":"\\ud83d"}',
    b'{"S":"1","N":"2"}',
    b'{"N":"007"}',
    b'{"NS":["1","x"]}',
    b'{"NULL":false}',
    b'{"BOOL":null}',
    b'{"L":[{"N":""}]}',
    b'{"M":{"a":{"N":"-"}}}',
    b'{"M":{"a":{"S":"x"},}}',
    b'{"M":{"a":{"S":"x"},"a":{"S":"x"}}}',
    b'{"X":"1"}',
    b'"x"',
]


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("value", _BROKEN)
@pytest.mark.parametrize("path", ["v", "m.v"])
def test_a_value_with_a_rule_is_read_as_strictly_as_another(kind, value, path):
    both = _with_rules({path: kind})
    image = b'{"a":{"S":"1"},"v":%b}' if path == "v" else b'{"m":{"L":[{"M":{"v":%b}}]}}'

    assert both.native_line(with_image(image % value)) == DECLINED


def test_rules_of_many_tables_and_long_names_find_their_table():
    rules = {(f"name{number}" * 40,): "drop" for number in range(100)}
    tables = {f"t{number}": TableSettings(rules=rules if number % 2 else {}) for number in range(50)}
    both = Both(tables=tables)
    image = {"id": {"S": "1"}} | {path[0]: {"S": "x"} for path in rules}
    for number in (0, 1, 48, 49):
        document = encoded(change(image, tableName=f"t{number}"))
        line = both.native_line(document)
        assert line == both.python_line(document).data
        assert (b'"name7name7' in line) == (number % 2 == 0)


@pytest.mark.parametrize("length", [0, 1, 63, 64, 65, 200])
def test_a_key_of_any_length_makes_the_hashes_of_python(length):
    both = Both(tables={"orders": TableSettings(rules={("a",): "hash"})}, mask_key=b"\xff" * length)
    for text in ("", "x" * 55, "x" * 64, "x" * 200):
        document = changed(NewImage={"a": {"S": text}})
        assert both.native_line(document) == both.python_line(document).data


def _paths(value):
    """Yields the paths of rules that lead to values inside of a typed value."""
    ((tag, content),) = value.items()
    if tag == "M":
        for name, member in content.items():
            yield (name,)
            yield from ((name, *path) for path in _paths(member))
    elif tag == "L":
        for element in content:
            yield from _paths(element)


@st.composite
def _items_and_rules(draw):
    item, old = draw(items()), draw(items())
    paths = sorted({*_paths({"M": item}), *_paths({"M": old}), ("other",), ("a", "b")})
    chosen = draw(st.lists(st.sampled_from(paths), max_size=6, unique=True))
    return item, old, {path: draw(st.sampled_from(_KINDS)) for path in chosen}


@generated
@given(
    chosen=_items_and_rules(),
    event=st.sampled_from(["INSERT", "MODIFY", "REMOVE"]),
    settings=st.sampled_from(SETTINGS[:2]),
)
def test_native_code_writes_what_python_writes_of_any_legal_item_with_any_rules(chosen, event, settings):
    item, old, rules = chosen
    both = Both(tables={"orders": TableSettings(before=True, rules=rules)}, mask_key=_KEY, **settings)
    document = change(item, event)
    if event == "MODIFY":
        document["dynamodb"]["OldImage"] = old

    assert both.agree(encoded(document))
