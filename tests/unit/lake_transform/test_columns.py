"""Column names, and what becomes of the paths that cannot have the name they want."""

from __future__ import annotations

import itertools
import json
import string

import pytest

from lake_transform import columns
from lake_transform.settings import Settings
from lake_transform.transform import Transform

_LEGAL = set(string.ascii_lowercase + string.digits + "_")


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("id", "id"),
        ("Customer", "customer"),
        ("order-id", "order_id"),
        ("a.b c", "a_b_c"),
        ("_id", "x_id"),
        ("__typename", "x__typename"),
        ("2024", "x2024"),
        ("-", "x_"),
        ("", "x"),
        ("é", "u0000e9"),
        ("straße", "strau0000dfe"),
        ("İstanbul", "u000130stanbul"),
        ("\u212a", "u00212a"),
        ("a\u212a", "au00212a"),
        ("名前", "u00540du00524d"),
        ("価格 (円)", "u004fa1u00683c__u005186_"),
        ("😀", "u01f600"),
        ("\U0010fffd", "u10fffd"),
        ("\u0000", "x_"),
        ("\u007f", "x_"),
        ("\u0080", "u000080"),
        ("a" * 255, "a" * 255),
        ("cdc", "cdc"),
        ("cdcx", "cdcx"),
        ("_cdc_event", "x_cdc_event"),
        ("aws:rep:updatetime", "aws_rep_updatetime"),
        ("S", "s"),
        ("select", "select"),
        ("dt", "dt"),
        ("Hour", "hour"),
    ],
)
def test_a_name_becomes_a_legal_column_in_one_way(flat, name, column):
    assert set(column) <= _LEGAL
    assert flat({name: {"S": "v"}}) == {column: "v"}


def test_a_paths_names_are_joined(flat):
    assert flat({"A": {"M": {"b-c": {"M": {"9": {"S": "v"}, "_": {"S": "w"}}}}}}) == {
        "a__b_c__9": "v",
        "a__b_c___": "w",
    }


def test_the_separator_is_configurable(flat):
    image = {"a": {"M": {"b_c": {"S": "v"}}}, "a_b": {"M": {"c": {"S": "w"}}}}

    assert flat(image) == {"a__b_c": "v", "a_b__c": "w"}
    assert flat(image, Transform(Settings(path_separator="0"))) == {"a0b_c": "v", "a_b0c": "w"}


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        pytest.param(
            {"a": {"M": {"b": {"N": "1"}}}, "a.b": {"N": "2"}, "a__b": {"N": "3"}, "a_b": {"N": "4"}},
            {"a__b": 3, "a_b": 4, "cdc_overflow": {"/a.b": 2, "/a/b": 1}},
            id="the path that is spelled like the column wins",
        ),
        pytest.param(
            {"a": {"M": {"b": {"N": "1"}, "B": {"N": "2"}}}, "a._b": {"N": "3"}},
            {"a__b": 1, "cdc_overflow": {"/a._b": 3, "/a/B": 2}},
            id="it wins against a shallower one",
        ),
        pytest.param(
            {"a": {"M": {"b": {"M": {"c": {"N": "1"}}}, "b__c": {"N": "2"}}}, "a__b": {"M": {"c": {"N": "3"}}}},
            {"a__b__c": 2, "cdc_overflow": {"/a__b/c": 3, "/a/b/c": 1}},
            id="of several such paths the shallowest wins, then the first by spelling",
        ),
        pytest.param(
            {"A": {"M": {"b": {"N": "1"}}}, "a._b": {"N": "2"}, "a_.b": {"N": "3"}},
            {"a__b": 2, "cdc_overflow": {"/a_.b": 3, "/A/b": 1}},
            id="without such a path the shallowest wins, then the first by spelling",
        ),
        pytest.param(
            {"id": {"S": "x"}, "ID": {"S": "y"}, "Id": {"S": "z"}},
            {"id": "x", "cdc_overflow": {"/ID": "y", "/Id": "z"}},
            id="names that differ by case",
        ),
        pytest.param(
            {"ID": {"S": "y"}, "Id": {"S": "z"}},
            {"id": "y", "cdc_overflow": {"/Id": "z"}},
            id="names that differ by case, none of them like the column",
        ),
        pytest.param(
            {"é": {"S": "1"}, "u0000e9": {"S": "2"}, "U0000E9": {"S": "3"}},
            {"u0000e9": "2", "cdc_overflow": {"/U0000E9": "3", "/é": "1"}},
            id="an ASCII name that spells the code of another",
        ),
        pytest.param(
            {"x2024": {"S": "1"}, "2024": {"S": "2"}, "": {"S": "3"}, "x": {"S": "4"}},
            {"x2024": "1", "x": "4", "cdc_overflow": {"/": "3", "/2024": "2"}},
            id="names that are spelled with the letter that others get",
        ),
        pytest.param(
            {"cdc_event": {"S": "evil"}, "CDC-key": {"S": "k"}, "cdc_new": {"M": {"a": {"N": "1"}}}, "b": {"S": "c"}},
            {"b": "c", "cdc_overflow": {"/CDC-key": "k", "/cdc_event": "evil", "/cdc_new/a": 1}},
            id="paths that want a column of the change itself",
        ),
        pytest.param(
            {"cdc_date": {"S": "2020-05-05"}, "cdc_hour": {"N": "25"}, "dt": {"S": "2020-05-05"}, "hour": {"N": "25"}},
            {"dt": "2020-05-05", "hour": 25, "cdc_overflow": {"/cdc_date": "2020-05-05", "/cdc_hour": 25}},
            id="names of partitions",
        ),
        pytest.param(
            {"cdc": {"M": {"ttl": {"BOOL": True}}}},
            {"cdc_overflow": {"/cdc/ttl": True}},
            id="a nested path that wants a column that only we could have",
        ),
        pytest.param(
            {"a/b": {"S": "1"}, "a.b": {"S": "2"}, "a": {"M": {"/": {"S": "3"}, ".": {"S": "6"}}},
             "a~1b": {"S": "4"}, "a_1b": {"S": "5"}},
            {"a_b": "2", "a_1b": "5", "a___": "6", "cdc_overflow": {"/a/~1": "3", "/a~01b": "4", "/a~1b": "1"}},
            id="names that hold the pointer's own characters",
        ),
        pytest.param(
            {"a": {"L": [{"N": "1.50"}, {"M": {"b": {"NULL": True}}}]}, "A": {"NS": ["1", "2"]},
             "Ä": {"M": {}}, "U0000C4": {"M": {}}, "_": {"B": "AQ=="}},
            {"a": '[1.50,{"b":null}]', "x_": "AQ==", "u0000c4": "{}",
             "cdc_overflow": {"/A": [1, 2], "/Ä": {}}},
            id="every type overflows as its plain value",
        ),
    ],
)  # fmt: skip
def test_paths_that_want_one_column_lose_nothing_whatever_their_order(flat, image, expected):
    for order in itertools.permutations(image):
        assert flat({name: image[name] for name in order}) == expected


def test_the_overflows_text_does_not_depend_on_the_images_order(transform, record, read_line):
    image = {"b": {"S": "1"}, "B": {"S": "2"}, "a": {"S": "3"}, "A": {"S": "4"}}
    texts = {
        read_line(transform.change(record({name: image[name] for name in order})).data)["cdc_overflow"]
        for order in itertools.permutations(image)
    }

    assert texts == {'{"/A":"4","/B":"2"}'}


def test_the_number_of_overflowing_values_is_told(transform, record):
    assert transform.change(record({"a": {"S": "1"}, "A": {"S": "2"}, "cdc_x": {"S": "3"}})).overflowed == 2


def test_columns_keep_the_images_order(transform, record, read_line):
    image = {"z": {"S": "1"}, "a": {"M": {"y": {"S": "2"}, "b": {"S": "3"}}}, "m": {"S": "4"}}
    collided = image | {"M": {"S": "5"}}

    assert list(read_line(transform.change(record(image)).data))[8:] == ["z", "a__y", "a__b", "m"]
    assert list(read_line(transform.change(record(collided)).data))[8:] == [
        "cdc_overflow",
        "z",
        "a__y",
        "a__b",
        "m",
    ]


def test_past_255_bytes_the_rest_of_the_branch_is_text_in_the_column_reached(flat):
    image = {
        "a": {
            "M": {
                "short": {"N": "1"},
                "b" * 252: {"S": "fits"},
                "c" * 253: {"M": {"d": {"N": "2.50"}}},
                "e" * 300: {"L": []},
            }
        }
    }

    assert flat(image) == {
        "a__short": 1,
        "a__" + "b" * 252: "fits",
        "a": json.dumps({"c" * 253: {"d": 2.50}, "e" * 300: []}, separators=(",", ":")).replace("2.5}", "2.50}"),
    }


def test_a_first_name_past_255_bytes_overflows(flat):
    image = {"a" * 256: {"M": {"b": {"N": "1"}}}, "c": {"S": "v"}}

    assert flat(image) == {"c": "v", "cdc_overflow": {"/" + "a" * 256: {"b": 1}}}


def test_codes_count_towards_the_length(flat):
    image = {"名" * 36: {"S": "fits"}, "名" * 37: {"S": "does not"}, "m": {"M": {"名" * 37: {"S": "nor this"}}}}

    assert flat(image) == {
        "u00540d" * 36: "fits",
        "m": '{"%s":"nor this"}' % ("名" * 37),
        "cdc_overflow": {"/" + "名" * 37: "does not"},
    }


def test_the_rest_of_a_branch_takes_part_in_collisions(flat):
    image = {"a": {"M": {"b" * 300: {"S": "deep"}}}, "A": {"S": "first"}}

    assert flat(image) == {"a": '{"%s":"deep"}' % ("b" * 300), "cdc_overflow": {"/A": "first"}}


def test_the_tree_of_paths_stays_small_however_many_paths_there_are():
    tree = columns.Columns("__")
    for number in range(100_000):
        tree.add_child(tree.root, f"key{number}")
        tree.add_child(tree.root, f"{number:0300d}")

    assert len(tree) <= 32_768
    assert len(tree.root.children) <= 32_768


def test_a_full_tree_changes_no_name(monkeypatch, flat):
    monkeypatch.setattr(columns, "_MAX_PATHS", 3)
    image = {f"k{number}": {"M": {"a": {"S": "1"}, "b": {"M": {"c": {"S": "2"}}}}} for number in range(9)}

    expected = {f"k{number}__{rest}": value for number in range(9) for rest, value in (("a", "1"), ("b__c", "2"))}
    assert flat(image) == flat(image) == expected


def test_a_path_with_a_slash_that_overflows_is_told_from_two_names(transform, record, read_line):
    image = {"a/_b": {"S": "1"}, "a._b": {"S": "2"}, "A": {"M": {"b": {"S": "3"}}}}
    row = read_line(transform.change(record(image)).data)

    assert (row["a__b"], row["cdc_overflow"]) == ("2", '{"/a~1_b":"1","/A/b":"3"}')
