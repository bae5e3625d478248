"""The key of a table that exists already is asked of AWS, where a rule could drop it."""

from __future__ import annotations

from types import SimpleNamespace

import boto3
import pytest
from botocore.stub import Stubber

from tools.errors import UsageError
from tools.operations import existing_keys

SCHEMA = {
    "Table": {
        "KeySchema": [
            {"AttributeName": "customer.id", "KeyType": "HASH"},
            {"AttributeName": "place\u0301", "KeyType": "RANGE"},
        ]
    }
}


def aws(*answers):
    """Access to a DynamoDB that gives these answers in order: members, or an error's code."""
    client = boto3.client("dynamodb", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    stubber = Stubber(client)
    for answer in answers:
        if isinstance(answer, str):
            stubber.add_client_error("describe_table", answer)
        else:
            stubber.add_response("describe_table", answer, {"TableName": "orders"})
    stubber.activate()
    return SimpleNamespace(client=lambda _service: client)


def existing(rules, **table):
    return {"orders": {"existing": True, **table, "rules": {path: {"as": rule} for path, rule in rules.items()}}}


@pytest.mark.parametrize("path", [r"customer\.id", "placé", "place\u0301"])
def test_a_rule_that_drops_the_key_is_refused_in_one_line(path):
    with pytest.raises(UsageError, match=r"^tables\.orders\.rules.* this attribute is the table's key, which cannot"):
        existing_keys.check(existing({path: "drop", "email": "drop"}), aws(SCHEMA))


@pytest.mark.parametrize("rules", [{"email": "drop"}, {"customer.id": "drop", "x": "drop"}, {"Placé": "drop"}])
def test_rules_that_drop_other_attributes_are_fine(rules):
    existing_keys.check(existing(rules), aws(SCHEMA) if set(rules) != {"customer.id"} else aws())


@pytest.mark.parametrize(
    "tables",
    [
        None,
        existing({"placé": "hash"}),
        existing({"placé.x": "drop"}),
        existing({"placé": "drop"}, existing=False),
        existing({}),
    ],
)
def test_nobody_is_asked_where_no_attribute_is_dropped_from_an_existing_table(tables):
    existing_keys.check(tables, None)


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException"])
def test_a_table_that_cannot_be_looked_at_is_said_and_holds_nothing_up(capsys, code):
    existing_keys.check(existing({"placé": "drop"}), aws(code))

    assert (
        f"cannot look at the key of table orders, which no rule may drop (An error occurred ({code})"
        in capsys.readouterr().err
    )
