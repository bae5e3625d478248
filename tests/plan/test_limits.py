"""What AWS limits in size stays within its limits with 300 tables.

Only what grows with the number of tables is planned: all else is one for each table, and no larger for 300 of them.
"""

from __future__ import annotations

import json

import pytest

from tests.plan.plans import KEY, PLACE
from tests.plan.reading import of_type, policies
from tests.plan.terraform_copy import ACCOUNT, CONSUMER, text
from tools.iam.documents import UNKNOWN

TABLES = [f"warehouse-orders-eu-{n:03}" for n in range(300)]
"""With names of 23 characters."""
LONG_KEY = f"arn:aws:kms:us-east-1:{CONSUMER}:key/mrk-0123456789abcdef0123456789abcdef"

LIMITS = {"aws_s3_bucket_policy": 20 * 1024, "aws_kms_key": 32 * 1024, "aws_iam_role_policy": 10_240}
"""Type -> bytes that its policy has at most.

Amazon S3 User Guide, "Bucket policies for Amazon S3"; AWS KMS Developer Guide, "Quotas"; IAM User Guide, "IAM and AWS
STS quotas".
"""


@pytest.fixture(scope="module")
def lake(sandbox):
    """Plan of what all tables share in the account of the lake."""
    variables = {
        "ddb_producer_account_id": ACCOUNT,
        "catalog": text({"crawler": {}, "lake_formation": {"readers": [f"arn:aws:iam::{CONSUMER}:role/analyst"]}}),
        "monitoring": text({"enabled": False}),
        "tables": text({name: {} for name in TABLES}),
    }
    shared = [
        "module.bucket.aws_s3_bucket_policy.this",
        "module.catalog.aws_iam_role_policy.crawler",
        "module.catalog.aws_iam_role_policy.lake_formation",
        "module.catalog.data.aws_iam_policy_document.reader",
        "module.key.aws_kms_key.this",
    ]
    return sandbox.plan("envs/consumer", account=CONSUMER, tf_vars=variables, targets=shared)


@pytest.fixture(scope="module")
def watched(sandbox):
    """Plan of key, dashboards and saved queries of all tables in one account, each with a current state."""
    stream = {"retention_hours": 24, "shards": 1, "buffering_seconds": 180}
    state = {"every": "1 hour", "state_machine_arn": "arn:s", "schedule_group": "g"}
    names = {
        "source": "../../modules/names",
        **PLACE,
        "name": "lake",
        "tables": {name: {"state": {}} for name in TABLES},
    }
    key = {
        "source": "../../modules/key",
        **PLACE,
        "kms_key_alias": "lake",
        "alarm_prefix": "lake/",
        **{
            name: f"${{module.names.{name}}}" for name in ("log_group_names", "state_machine_prefix", "schedule_prefix")
        },
    }
    monitoring = {
        "source": "../../modules/monitoring",
        **PLACE,
        "names": "${module.names}",
        "environment": "single-account",
        "kms_key_arn": KEY,
        "bucket_name": "my-lake",
        "pipeline": {
            "function_name": "f",
            "function_log_group_name": "/aws/lambda/f",
            "timeout_seconds": 100,
            "tables": dict.fromkeys(TABLES, stream),
        },
        "states": {name: {**state, "log_group_name": f"/aws/vendedlogs/states/{name}"} for name in TABLES},
    }
    folder = sandbox.root / "limits" / "alone"
    folder.mkdir(parents=True)
    modules = {"names": names, "key": key, "monitoring": monitoring}
    whole = {"provider": {"aws": {"region": "us-east-1"}}, "module": modules}
    (folder / "main.tf.json").write_text(json.dumps(whole))
    shared = ["aws_cloudwatch_dashboard.this", "aws_cloudwatch_query_definition.this"]
    targets = ["module.key.aws_kms_key.this", *(f"module.monitoring.{address}" for address in shared)]
    return sandbox.plan("limits/alone", targets=targets)


def size(statements):
    """Returns the bytes of a policy without white space; what is not known yet is as long as a key's ARN can be."""
    written = [{"Sid": sid, **statement} for sid, statement in statements.items()]
    whole = json.dumps({"Version": "2012-10-17", "Statement": written}, separators=(",", ":"))
    return len(whole.replace(UNKNOWN, LONG_KEY))


def test_policies_of_300_tables_are_no_longer_than_aws_takes(lake, watched):
    sizes = {
        address: size(statements)
        for plan in (lake, watched)
        for address, statements in policies(plan).items()
        if "aws_iam_role." not in address
    }
    kinds = {address: next(kind for kind in LIMITS if f".{kind}." in address) for address in sizes}

    assert set(kinds.values()) == set(LIMITS)
    assert {address: bytes_ for address, bytes_ in sizes.items() if bytes_ > LIMITS[kinds[address]]} == {}


def test_what_the_role_of_an_analyst_needs_fits_a_managed_policy(lake):
    """IAM User Guide, "IAM and AWS STS quotas": at most 6,144 characters."""
    (document,) = (
        change["change"]["after"]
        for address, change in lake.resource_changes.items()
        if address.endswith("aws_iam_policy_document.reader")
    )

    assert len(json.dumps(document)) <= 6_144


def test_no_dashboard_has_more_than_cloudwatch_draws(watched):
    """Amazon CloudWatch User Guide, "CloudWatch service quotas" and "CloudWatch search expression syntax"."""
    dashboards, drawn = of_type(watched, "aws_cloudwatch_dashboard"), set()
    for dashboard in dashboards.values():
        widgets = [each["properties"] for each in json.loads(dashboard["dashboard_body"])["widgets"]]
        graphs = [each.get("metrics", []) for each in widgets]
        assert len(widgets) <= 500
        assert max(map(len, graphs)) <= 500
        assert sum(map(len, graphs)) <= 2_500
        assert all(sum("expression" in metric[0] for metric in graph) <= 100 for graph in graphs)
        assert all(len(each.get("alarms", [])) <= 100 for each in widgets)
        drawn |= {metric[-1]["label"] for graph in graphs for metric in graph}
    assert len({each["dashboard_name"] for each in dashboards.values()}) == len(dashboards)
    assert drawn >= set(TABLES)


def test_no_saved_query_reads_more_log_groups_than_a_query_may(watched):
    """Amazon CloudWatch Logs API Reference, "StartQuery": at most 50."""
    queries = list(of_type(watched, "aws_cloudwatch_query_definition").values())

    assert len({query["name"] for query in queries}) == len(queries) > 10
    assert all(len(query["log_group_names"]) <= 50 for query in queries)
