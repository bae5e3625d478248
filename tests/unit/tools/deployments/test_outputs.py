from __future__ import annotations

import pytest

from tests.unit.tools.deployments.consumer import KEY, A, B, consumer_outputs
from tools.deployments import environments
from tools.deployments.outputs import parse_outputs
from tools.errors import LakeError, UsageError

TABLE = {
    "table_arn": "arn:t",
    "stream_name": "s",
    "stream_arn": "arn:s",
    "delivery_stream_name": "d",
    "delivery_role_arn": "arn:r",
    "data_prefix": "data/t/",
    "error_prefix": "errors/t/",
}


def outputs(*tables):
    values = {"region": "us-east-1", "account_id": "1" * 12, "tables": dict.fromkeys(tables, TABLE), "more": 1}
    return parse_outputs("env", {name: {"value": value} for name, value in values.items()})


def test_the_only_table_need_not_be_named():
    assert outputs("orders").table(None)[0] == "orders"


@pytest.mark.parametrize(("tables", "name"), [(("a", "b"), None), ((), None), (("a",), "c")])
def test_a_table_that_cannot_be_told_is_a_usage_error_that_lists_them(tables, name):
    with pytest.raises(UsageError, match=", ".join(tables) or "none"):
        outputs(*tables).table(name)


def test_no_outputs_mean_not_deployed():
    with pytest.raises(LakeError, match=r"not deployed here; deploy it first: python -m tools\.deploy env"):
        parse_outputs("env", {})


def test_outputs_of_another_shape_are_named():
    with pytest.raises(LakeError, match=r"region"):
        parse_outputs("env", {"account_id": {"value": "1"}})


def test_what_is_deployed_says_where_terraform_finds_it_again():
    values = {"region": "r", "account_id": A, "bucket_name": "b", "consumer_account_id": B}
    values["cross_account_kms_key_arn"] = KEY
    producer = parse_outputs("producer", {name: {"value": value} for name, value in values.items()})

    assert set(producer.inputs()) == {
        "region=r",
        f"account_id={A}",
        f"consumer_account_id={B}",
        "cross_account_datalake_bucket=b",
        f"cross_account_kms_key_arn={KEY}",
    }
    assert set(consumer_outputs().inputs()) == {"region=eu-west-1", f"account_id={B}", f"ddb_producer_account_id={A}"}
    for name in ("producer", "consumer"):
        outputs = producer if name == "producer" else consumer_outputs()
        assert {text.partition("=")[0] for text in outputs.inputs()} <= environments.find(name).variables()


def test_a_replica_is_known_with_the_rules_that_make_it_and_its_own_alarms():
    replica = {
        "region": "us-west-2",
        "bucket_name": "copy",
        "kms_key_arn": "arn:key",
        "role_name": "dynamo-to-lake-replication-us-east-1",
        "prefixes": ["data/", "errors/", "ledger/"],
        "topic_arn": "arn:topic",
        "alarm_names": ["dynamo-to-lake/replica-late"],
    }
    values = {"region": "us-east-1", "account_id": A, "bucket_name": "lake", "replica": replica}

    found = parse_outputs("env", {name: {"value": value} for name, value in values.items()}).replica

    assert (found.region, found.bucket_name, found.rules) == ("us-west-2", "copy", ("data", "errors", "ledger"))
    assert found.alarm_names == ("dynamo-to-lake/replica-late",)


@pytest.mark.parametrize("values", [{}, {"replica": None}])
def test_a_lake_without_a_replica_has_none(values):
    raw = {name: {"value": value} for name, value in {"region": "r", "account_id": A, **values}.items()}

    assert parse_outputs("env", raw).replica is None


def test_without_monitoring_a_replica_has_no_alarms():
    silent = {"topic_arn": None, "alarm_names": []}
    replica = {"region": "r", "bucket_name": "b", "kms_key_arn": "k", "role_name": "n", "prefixes": ["data/"], **silent}
    raw = {"region": {"value": "r"}, "account_id": {"value": A}, "replica": {"value": replica}}

    assert parse_outputs("env", raw).replica.alarm_names == ()
