from __future__ import annotations

import json

import pytest

from tools.errors import LakeError
from tools.terraform import state
from tools.terraform.state import Resource, State

REGION = {"value": "us-east-1", "type": "string"}
TABLE = 'module.pipeline.module.table["a.b"].aws_dynamodb_table.this["a.b"]'


def pulled(*resources, version=4, **more):
    return json.dumps({"version": version, "serial": 7, "outputs": {}, "resources": list(resources), **more})


def resource(kind, *instances, mode="managed", **more):
    return {"mode": mode, "type": kind, "name": "this", "instances": list(instances), **more}


def test_what_terraform_made_is_told_by_address_and_what_it_only_read_is_not():
    found = state.parse(
        pulled(
            resource("aws_region", {"attributes": {}}, mode="data"),
            resource("aws_kms_key", {"attributes": {"id": "k"}}),
            resource(
                "aws_dynamodb_table",
                {"index_key": "a.b", "attributes": {"name": "a.b"}},
                module='module.pipeline.module.table["a.b"]',
            ),
            resource("aws_sns_topic", {"index_key": 0, "attributes": None}),
            outputs={"region": REGION},
        )
    )

    assert found == State(
        {"region": REGION},
        (
            Resource("aws_kms_key.this", "aws_kms_key", {"id": "k"}),
            Resource(TABLE, "aws_dynamodb_table", {"name": "a.b"}),
            Resource("aws_sns_topic.this[0]", "aws_sns_topic"),
        ),
    )


def test_an_empty_state_is_no_missing_one_and_one_that_cannot_be_read_is_neither():
    assert state.parse(pulled()) == State()
    assert state.parse("\n") is None
    with pytest.raises(LakeError, match="is of format 5; this project reads format 4"):
        state.parse(pulled(version=5))
    with pytest.raises(LakeError, match="cannot be read"):
        state.parse("broken")
