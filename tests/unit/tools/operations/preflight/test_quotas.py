from __future__ import annotations

import pytest

from tests.unit.tools.operations.preflight.recorded import Name, kinds, lines, owning, table, wanted
from tools.operations.preflight import quotas

KINESIS, LAMBDA, FIREHOSE, VPCS = quotas.CHECKS
LIMITS = {
    "kinesis.describe_limits": {
        "ShardLimit": 200,
        "OpenShardCount": 185,
        "OnDemandStreamCount": 49,
        "OnDemandStreamCountLimit": 50,
    }
}
TWO = (table("orders"), table("customers"))


def test_shards_that_do_not_fit_the_quota_stop_the_apply():
    (line,) = lines(KINESIS, LIMITS, wanted(tables=TWO))

    assert line.startswith("stops data streams in us-east-1: 20 shards are wanted, and 15 of the quota of 200 are free")


@pytest.mark.parametrize(
    "want",
    [
        wanted(tables=TWO[:1]),
        wanted(tables=TWO, owned=owning(shards={"orders-data-stream": 5})),
        wanted(tables=(table(is_on_demand=True), table("customers", shards=15))),
    ],
)
def test_shards_that_fit_beside_those_that_the_deployment_has_are_fine(want):
    assert lines(KINESIS, LIMITS, want) == []


def test_streams_on_demand_that_do_not_fit_stop_the_apply_unless_they_are_there():
    two = (table("a", is_on_demand=True), table("b", is_on_demand=True))

    (line,) = lines(KINESIS, LIMITS, wanted(tables=two))
    assert "2 streams on demand are wanted, and 1 of the quota of 50 are free" in line
    assert lines(KINESIS, LIMITS, wanted(tables=two, owned=owning(("aws_kinesis_stream", "a-data-stream")))) == []


def settings(unreserved):
    return {
        "lambda.get_account_settings": {
            "AccountLimit": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": unreserved},
            "AccountUsage": {"FunctionCount": 3},
        }
    }


def test_less_concurrency_than_the_shards_call_for_hurts():
    streams = (table(shards=10), table("b", is_on_demand=True))

    (line,) = lines(LAMBDA, settings(69), wanted(tables=streams))
    assert line.startswith("hurts functions in us-east-1: the delivery streams may call the function 70 times at once")
    assert lines(LAMBDA, settings(70), wanted(tables=streams)) == []


def test_many_delivery_streams_are_said_where_a_small_region_would_refuse_more():
    names = tuple(Name(kinds.DELIVERY_STREAM, name) for name in ("a", "b"))

    def there(number):
        listed = [f"stream-{each}" for each in range(number)]
        return {"firehose.list_delivery_streams": {"DeliveryStreamNames": listed, "HasMoreDeliveryStreams": False}}

    (line,) = lines(FIREHOSE, there(99), wanted(names=names))
    assert line.startswith("hurts delivery streams in us-east-1: 99 are there, and 2 more wanted")
    assert lines(FIREHOSE, there(98), wanted(names=names)) == []


@pytest.mark.parametrize(
    "quota",
    [
        {"service-quotas.get_service_quota": {"Quota": {"Value": 5.0}}},
        {
            "service-quotas.get_service_quota": "NoSuchResourceException",
            "service-quotas.get_aws_default_service_quota": {"Quota": {"Value": 5.0}},
        },
    ],
)
def test_a_vpc_more_than_the_quota_stops_the_apply_unless_it_is_there(quota):
    def answers(number):
        return {"ec2.describe_vpcs": {"Vpcs": [{"VpcId": f"vpc-{each}"} for each in range(number)]}, **quota}

    zones = ("us-east-1a", "us-east-1b")
    (line,) = lines(VPCS, answers(5), wanted(zones=zones))
    assert line.startswith("stops VPCs in us-east-1: one is wanted, and there are 5 already of the quota of 5")
    assert lines(VPCS, answers(4), wanted(zones=zones)) == []
    assert lines(VPCS, {}, wanted(zones=zones, owned=owning(("aws_vpc", "vpc-1")))) == []
