from __future__ import annotations

from tests.unit.tools.operations.preflight.recorded import owning, table
from tools.operations.preflight import gathering
from tools.plan_review import plan

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
    resources = [
        {"type": "aws_kinesis_stream", "values": {"id": "arn", "name": "a-data-stream", "shard_count": 4}},
        {"type": "aws_lambda_function", "values": {"id": "x", "function_name": "lake-transform"}},
        {"type": "aws_dynamodb_kinesis_streaming_destination", "values": {"id": "a,arn", "table_name": "a"}},
    ]
    nested = {
        "child_modules": [
            {"resources": resources, "child_modules": [{"resources": [{"type": "aws_vpc", "values": {"id": "vpc-1"}}]}]}
        ]
    }
    state = plan.parse_state({"format_version": "1.0", "values": {"root_module": nested}})

    assert gathering.owned(state) == owning(
        ("aws_kinesis_stream", "a-data-stream"),
        ("aws_lambda_function", "lake-transform"),
        ("aws_dynamodb_kinesis_streaming_destination", "a"),
        ("aws_vpc", "vpc-1"),
        shards={"a-data-stream": 4},
    )


def test_nothing_is_ours_before_the_first_apply():
    assert gathering.owned(plan.parse_state({"format_version": "1.0"})) == owning()
