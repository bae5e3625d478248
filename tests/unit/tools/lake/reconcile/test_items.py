from __future__ import annotations

import json

import pytest

from tools.lake.reconcile import items
from tools.lake.reconcile.items import Schema

DESCRIPTION = {
    "TableName": "orders",
    "AttributeDefinitions": [
        {"AttributeName": "placed", "AttributeType": "N"},
        {"AttributeName": "other", "AttributeType": "B"},
        {"AttributeName": "cust.omer", "AttributeType": "S"},
    ],
    "KeySchema": [{"AttributeName": "cust.omer"}, {"AttributeName": "placed"}],
}
SCHEMA = Schema("orders", {"customer": "S", "placed": "N", "photo": "B"})
KEY = {"photo": {"B": b"\1\2"}, "customer": {"S": "a"}, "placed": {"N": "1.5"}}


def test_the_key_of_a_table_is_what_dynamodb_describes_and_what_rules_hash_is_known():
    found = items.described(DESCRIPTION, {"cust\\.omer": "hash", "placed": "text"})

    assert found == Schema("orders", {"cust.omer": "S", "placed": "N"}, frozenset(["cust.omer"]))


def test_a_key_has_one_text_whatever_order_and_form_it_comes_in_and_comes_back_as_boto3_takes_it():
    text = items.key_text(KEY)

    assert text == b'{"customer":{"S":"a"},"photo":{"B":"AQI="},"placed":{"N":"1.5"}}'
    assert items.key_text(json.loads(text)) == text
    assert items.read_key(text) == KEY


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('{"customer":"a","photo":"AQI=","placed":1.50}', "1.50"),
        ('{"customer":"a","photo":"AQI=","placed":"1.5"}', "1.5"),
    ],
)
def test_the_key_of_a_row_is_read_back_by_the_types_of_the_table(text, key):
    assert SCHEMA.of_cdc_key(text) == {"customer": {"S": "a"}, "photo": {"B": "AQI="}, "placed": {"N": key}}


@pytest.mark.parametrize("text", ["{", "[]", '{"customer":"a"}', '{"customer":"a","photo":"AQI=","placed":null}'])
def test_what_is_no_key_of_the_table_is_none(text):
    assert SCHEMA.of_cdc_key(text) is None


@pytest.mark.parametrize(
    ("hashed", "has_older", "value", "is_read"),
    [
        (["email"], False, "0123456789abcdef" * 4, False),
        ([], True, "0123456789abcdef" * 4, False),
        ([], False, "0123456789abcdef" * 4, True),
        (["email"], True, "adam@example.com", True),
    ],
)
def test_a_key_that_may_be_a_hash_cannot_be_read_back_and_one_from_before_the_rule_can(
    hashed, has_older, value, is_read
):
    schema = Schema("people", {"email": "S"}, frozenset(hashed), has_older)

    assert (schema.of_cdc_key(json.dumps({"email": value})) is not None) == is_read


@pytest.mark.parametrize(("kind", "value"), [("N", '"d186"'), ("N", '"NaN"'), ("B", '"%"'), ("S", "null")])
def test_a_value_that_the_attribute_cannot_have_is_none(kind, value):
    assert Schema("t", {"k": kind}).of_cdc_key(f'{{"k":{value}}}') is None


def test_the_change_record_of_an_item_has_all_of_it_and_its_key():
    item = {**KEY, "bytes": {"BS": [b"\1"]}, "digits": {"N": "0.12345678901234567890123456789"}}

    record = json.loads(items.insert_record(SCHEMA, item, 17))

    assert (record["eventName"], record["tableName"]) == ("INSERT", "orders")
    assert record["dynamodb"]["ApproximateCreationDateTime"] == 17
    assert record["dynamodb"]["Keys"] == {"customer": {"S": "a"}, "photo": {"B": "AQI="}, "placed": {"N": "1.5"}}
    assert record["dynamodb"]["NewImage"]["bytes"] == {"BS": ["AQ=="]}
    assert record["dynamodb"]["NewImage"]["digits"] == {"N": "0.12345678901234567890123456789"}
    assert items.changed_key(items.insert_record(SCHEMA, item, 17)) == items.key_text(KEY)
    assert items.changed_key(b"no change") is None
