"""What is planned is within what AWS's API takes: ranges, lengths, patterns and enumerations of its own models."""

from __future__ import annotations

import pytest

from tests.plan import aws_shapes
from tests.plan.plans import ALONE
from tests.plan.reading import planned, resources

FIREHOSE, TABLE = "aws_kinesis_firehose_delivery_stream", "aws_dynamodb_table"
PLANNED = (ALONE, "single-account-unlike-tables", "producer-variants", "consumer-state")
"""What between them has every type of resource, and the settings that are at their limits."""


def compared(plan):
    """Returns address -> type and comparison, of each resource that is AWS's."""
    types = {address: resource["type"] for address, resource in resources(plan).items()}
    return {
        address: (kind, aws_shapes.compare(kind, planned(plan, address)))
        for address, kind in types.items()
        if kind.startswith("aws_")
    }


@pytest.mark.parametrize("name", PLANNED)
def test_every_argument_that_is_planned_is_one_that_aws_takes(plans, name):
    found = compared(plans[name])
    assert {address: each.wrong for address, (_, each) in found.items() if each.wrong} == {}
    unknown = {(kind, path) for kind, each in found.values() for path in each.unknown}
    assert not unknown, f"say in {aws_shapes.FILE.name} to which parameters these belong"


OF_ENVIRONMENTS = {
    ("aws_dynamodb_table", "range_key"),
    ("aws_lambda_function", "filename"),
    ("aws_lambda_function", "source_code_hash"),
    ("aws_s3_bucket_lifecycle_configuration", "rule.transition"),
    ("aws_s3_bucket_logging", ""),
}
"""Types ("" as the path) and arguments of the table that no module has on its own."""


def unused(plans):
    """Returns the entries of the table, as type and path ("" for the type), that no resource of some plans needs."""
    found = [each for plan in plans for each in compared(plan).values()]
    seen = {(kind, path) for kind, each in found for path in ("", *each.seen)}
    table = aws_shapes.table()
    return {(kind, path) for kind in table for path in ("", *table[kind].names, *table[kind].terraform)} - seen


@pytest.mark.parametrize("name", [ALONE])
def test_the_table_says_nothing_that_no_module_needs(plans, name):
    assert unused([plans[name]]) == OF_ENVIRONMENTS


@pytest.mark.parametrize("name", ["single-account"])
def test_the_table_says_nothing_else_that_no_environment_needs(plans, name):
    assert not OF_ENVIRONMENTS & unused([plans[name], plans["single-account-unlike-tables"]])


@pytest.mark.parametrize(
    ("kind", "values", "problem"),
    [
        (FIREHOSE, {"extended_s3_configuration": [{"buffering_interval": 901}]}, "is not from 0 to 900"),
        (FIREHOSE, {"extended_s3_configuration": [{"buffering_size": 129}]}, "is not from 1 to 128"),
        (FIREHOSE, {"extended_s3_configuration": [{"compression_format": "GZ"}]}, "is none of UNCOMPRESSED, GZIP"),
        (FIREHOSE, {"name": "orders stream"}, "does not match [a-zA-Z0-9_.-]+"),
        (FIREHOSE, {"name": "n" * 65}, "65 characters is not from 1 to 64"),
        (
            FIREHOSE,
            {
                "extended_s3_configuration": [
                    {"processing_configuration": [{"processors": [{"parameters": [{"parameter_name": "Retries"}]}]}]}
                ]
            },
            "is none of LambdaArn",
        ),
        (TABLE, {"attribute": [{"name": "id", "type": "T"}]}, "is none of S, N, B"),
        ("aws_kinesis_stream", {"stream_mode_details": [{"stream_mode": "ON-DEMAND"}]}, "is none of PROVISIONED"),
        ("aws_kms_alias", {"name": "alias/a key"}, "does not match"),
        ("aws_cloudwatch_metric_alarm", {"evaluation_periods": 0}, "is not from 1 to None"),
        ("aws_cloudwatch_metric_alarm", {"comparison_operator": "GreaterThan"}, "is none of GreaterThanOrEqual"),
        ("aws_s3_bucket_versioning", {"versioning_configuration": [{"status": "On"}]}, "is none of Enabled"),
        ("aws_lambda_function", {"memory_size": 64}, "is not from 128 to 10240"),
        ("aws_lambda_function", {"runtime": "python3.99"}, "is none of"),
        ("aws_iam_role", {"name": "r" * 65}, "65 characters is not from 1 to 64"),
        ("aws_scheduler_schedule", {"state": "ON"}, "is none of ENABLED, DISABLED"),
    ],
)
def test_what_aws_would_refuse_is_found(kind, values, problem):
    (wrong,) = aws_shapes.compare(kind, values).wrong
    assert problem in wrong


def test_an_argument_that_aws_does_not_know_is_told():
    assert aws_shapes.compare(FIREHOSE, {"buffer": 1}).unknown == {"buffer"}
