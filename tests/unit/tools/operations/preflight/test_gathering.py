from __future__ import annotations

from tests.unit.tools.operations.preflight.recorded import owning, table
from tools.operations.preflight import gathering
from tools.terraform.state import Resource, State

OUTPUTS = {"tables": {name: {"stream_name": f"{name}-data-stream"} for name in ("a", "b", "c")}}


def test_what_a_table_leaves_out_is_what_the_module_of_its_stream_says():
    given = {
        "a": {},
        "b": {"existing": True, "stream": {"mode": "ON_DEMAND", "shards": None}},
        "c": {"stream": {"shards": 2}},
    }

    assert gathering.tables(given, OUTPUTS) == (
        table("a"),
        table("b", is_existing=True, is_on_demand=True),
        table("c", shards=2),
    )


def test_the_state_says_what_is_ours_by_the_attribute_that_names_it():
    resources = (
        Resource("s", "aws_kinesis_stream", {"id": "arn", "name": "a-data-stream", "shard_count": 4}),
        Resource("f", "aws_lambda_function", {"id": "x", "function_name": "lake-transform"}),
        Resource("d", "aws_dynamodb_kinesis_streaming_destination", {"id": "a,arn", "table_name": "a"}),
        Resource("v", "aws_vpc", {"id": "vpc-1"}),
    )

    assert gathering.owned(State({}, resources), "us-east-1") == owning(
        ("aws_kinesis_stream", "a-data-stream"),
        ("aws_lambda_function", "lake-transform"),
        ("aws_dynamodb_kinesis_streaming_destination", "a"),
        ("aws_vpc", "vpc-1"),
        shards={"a-data-stream": 4},
    )


def test_nothing_is_ours_before_the_first_apply():
    assert gathering.owned(State(), "us-east-1") == owning()


def test_what_is_ours_in_another_region_is_told_apart_from_what_has_the_same_name_here():
    alias = "arn:aws:kms:{}:111122223333:alias/lake"
    resources = tuple(
        Resource(region, "aws_kms_alias", {"name": "alias/lake", "arn": alias.format(region)})
        for region in ("us-east-1", "us-west-2")
    )

    assert gathering.owned(State({}, resources), "us-east-1") == owning(
        ("aws_kms_alias", "alias/lake"), elsewhere=[("aws_kms_alias", "alias/lake", "us-west-2")]
    )
