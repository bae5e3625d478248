"""Native code writes the old image of a MODIFY where a table asks for it, as Python writes it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from lake_transform.table_settings import TableSettings
from tests.unit.lake_transform import native_library
from tests.unit.lake_transform.both_paths import DECLINED, DEEPEST, SETTINGS, Both, needs_native_code, nested
from tests.unit.lake_transform.legal_items import change, encoded, generated, items
from tests.unit.lake_transform.test_one_pass import ORDINARY

pytestmark = needs_native_code

_TABLES = {"orders": TableSettings(before=True), "order": TableSettings(), "orders2": TableSettings()}
_EACH = [Both(**chosen, tables=_TABLES) for chosen in SETTINGS] if native_library.path() else []


@pytest.fixture(scope="module")
def both():
    return Both(tables=_TABLES)


def _modified(old, event="MODIFY", **envelope):
    return encoded(_document(old, event, **envelope))


def _document(old, event="MODIFY", **envelope):
    document = change({"id": {"S": "1"}, "a": {"S": "new"}}, event, **envelope)
    document["dynamodb"]["OldImage"] = old
    return document


@pytest.mark.parametrize("name", ORDINARY)
@pytest.mark.parametrize("each", _EACH)
def test_an_ordinary_old_image_is_written_by_native_code_as_python_writes_it(each, name):
    # More names than there is room for together.
    old = {"id": {"S": "1"}, **ORDINARY[name]} if name != "many names" else {"a": {"M": {"b": {"N": "-0"}}}}
    line = each.native_line(_modified(old))

    assert line == each.python_line(_modified(old)).data
    assert list(json.loads(line))[-1] == "cdc_before"


def test_the_old_image_comes_last_wherever_it_is_in_the_record(both):
    old = {"id": {"S": "1"}, "b": {"N": "2"}}
    in_order, first = _document(old), _document(old)
    first["dynamodb"] = {"OldImage": old} | first["dynamodb"]
    without = _document(old)
    del without["dynamodb"]["NewImage"]
    for document in (in_order, first, without):
        line = both.native_line(encoded(document))
        assert line == both.python_line(encoded(document)).data
        assert line.endswith(b',"cdc_before":"{\\"id\\":\\"1\\",\\"b\\":2}"}\n')


@pytest.mark.parametrize("old", [None, {}])
def test_no_old_image_and_an_empty_one_are_told_apart(both, old):
    line = both.native_line(_modified(old))

    assert line == both.python_line(_modified(old)).data
    assert json.loads(line).get("cdc_before") == (None if old is None else "{}")


@pytest.mark.parametrize("event", ["INSERT", "REMOVE"])
def test_only_a_modify_has_what_was_before(both, event):
    document = _document({"id": {"S": "1"}}, event)
    if event == "REMOVE":
        document["dynamodb"].pop("NewImage", None)
    line = both.native_line(encoded(document))

    assert line == both.python_line(encoded(document)).data
    assert b"cdc_before" not in line


@pytest.mark.parametrize("table", ["order", "orders2", "Orders", "other"])
def test_another_table_has_nothing_of_it(both, table):
    document = _modified({"a": {"S": "1"}}, tableName=table)
    line = both.native_line(document)

    assert line == both.python_line(document).data
    assert b"cdc_before" not in line


def test_where_tables_have_settings_a_table_that_is_not_named_in_time_is_left_to_python(both):
    late = _document({"a": {"S": "1"}})
    late["tableName"] = late.pop("tableName")
    unnamed = _document({"a": {"S": "1"}}, eventSourceARN="arn:aws:dynamodb:eu-west-1:111122223333:table/orders")
    del unnamed["tableName"]
    escaped = _modified({"a": {"S": "1"}}).replace(b'"orders"', b'"order\\u0073"')
    for document in (encoded(late), encoded(unnamed), escaped):
        assert both.native_line(document) == DECLINED
        assert b"cdc_before" in both.python_line(document).data


_DECLINED = {
    "an image that is a list": b"[]",
    "a value without type": b'{"a":{}}',
    "a value of two types": b'{"a":{"S":"1","N":"2"}}',
    "NULL that is false": b'{"a":{"NULL":false}}',
    "a number that is none": b'{"a":{"N":"007"}}',
    "a set with a number that is none": b'{"a":{"M":{"b":{"NS":["1","x"]}}}}',
    "text that is a number": b'{"a":{"S":1}}',
    "one attribute twice": b'{"a":{"S":"1"},"a":{"S":"2"}}',
    "a name with an escape": b'{"\\u0061":{"S":"1"}}',
    "a comma too many": b'{"a":{"S":"1"},}',
    "nothing that is JSON": b"nullx",
    "deeper than DynamoDB goes": encoded({"a": nested(DEEPEST + 2, "M")}),
}


@pytest.mark.parametrize("name", _DECLINED)
def test_an_old_image_that_is_not_ordinary_is_left_to_python(both, name):
    document = _modified("@").replace(b'"@"', _DECLINED[name])

    assert both.native_line(document) == DECLINED


def test_the_old_image_counts_as_a_column():
    both = Both(tables=_TABLES)
    document = _modified({"a": {"S": "1"}})
    both.native_line(document)
    both.python_line(document)

    for shapes in (both.native_shapes, both.python_shapes):
        assert (shapes.columns_at_most, shapes.new_columns) == (11, 11)


@generated
@given(item=items(), old=items())
def test_native_code_writes_what_python_writes_of_any_legal_old_image(item, old):
    document = change(item, "MODIFY")
    document["dynamodb"]["OldImage"] = old

    assert _EACH[0].agree(encoded(document))
