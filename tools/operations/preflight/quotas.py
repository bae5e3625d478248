"""Quotas of the account and Region: what is planned must fit beside what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tools.operations.preflight.check import Check
from tools.operations.preflight.findings import hurts, stops
from tools.operations.preflight.kinds import DELIVERY_STREAM
from tools.sizing.advice import CALLS_A_SHARD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.operations.preflight.account import Account
    from tools.operations.preflight.findings import Finding
    from tools.operations.preflight.wanted import Table, Wanted

SHARDS_ON_DEMAND: Final = 4
"""Shards that a stream on demand starts with (Kinesis Data Streams Developer Guide, "Choose the data stream mode")."""

SMALLEST_DELIVERY_STREAM_QUOTA: Final = 100
"""Delivery streams that every Region takes; many take 500 to 5,000 (AWS General Reference, "Amazon Data Firehose")."""

_INCREASE: Final = "ask for more in Service Quotas"
_VPC_QUOTA: Final = {"ServiceCode": "vpc", "QuotaCode": "L-F678F1CE"}
"""VPCs per Region (Amazon VPC User Guide, "Amazon VPC quotas")."""


def new_shards(wanted: Wanted) -> int:
    """Returns how many shards provisioned streams get beside those that they have."""
    provisioned = (table for table in wanted.tables if not table.is_on_demand)
    return sum(max(0, table.shards - wanted.owned.shards.get(table.stream, 0)) for table in provisioned)


def new_on_demand(wanted: Wanted) -> int:
    """Returns how many streams on demand are made."""
    new = (table for table in wanted.tables if not wanted.owned.has("aws_kinesis_stream", table.stream))
    return sum(table.is_on_demand for table in new)


def _ask_kinesis(account: Account, _wanted: Wanted) -> Mapping[str, Any]:
    return account.call("kinesis", "describe_limits")


def _judge_kinesis(wanted: Wanted, limits: Mapping[str, Any]) -> Iterator[Finding]:
    where = f"data streams in {wanted.place.region}"
    shards, free = new_shards(wanted), limits["ShardLimit"] - limits["OpenShardCount"]
    if shards > free:
        yield stops(
            where,
            f"{shards} shards are wanted, and {free} of the quota of {limits['ShardLimit']} are free",
            f"{_INCREASE} (Kinesis, shards per Region), or set fewer stream.shards",
        )
    streams, left = new_on_demand(wanted), limits["OnDemandStreamCountLimit"] - limits["OnDemandStreamCount"]
    if streams > left:
        yield stops(
            where,
            f"{streams} streams on demand are wanted, and {left} of the quota of "
            f"{limits['OnDemandStreamCountLimit']} are free",
            f'{_INCREASE} (Kinesis, on-demand streams per Region), or set stream.mode to "PROVISIONED"',
        )


def calls(tables: tuple[Table, ...]) -> int:
    """Returns how many calls of the function the delivery streams may make at a time."""
    return sum(CALLS_A_SHARD * (SHARDS_ON_DEMAND if table.is_on_demand else table.shards) for table in tables)


def _ask_lambda(account: Account, _wanted: Wanted) -> Mapping[str, Any]:
    limit: Mapping[str, Any] = account.call("lambda", "get_account_settings")["AccountLimit"]
    return limit


def _judge_lambda(wanted: Wanted, limit: Mapping[str, Any]) -> Iterator[Finding]:
    needed, unreserved = calls(wanted.tables), limit["UnreservedConcurrentExecutions"]
    if needed > unreserved:
        yield hurts(
            f"functions in {wanted.place.region}",
            f"the delivery streams may call the function {needed} times at once ({CALLS_A_SHARD} a shard), and all "
            f"functions without a reservation share {unreserved}: under load, calls are refused and changes come late",
            f"{_INCREASE} (Lambda, concurrent executions)",
        )


def new_delivery_streams(wanted: Wanted) -> int:
    """Returns how many delivery streams are made."""
    return sum(each.kind is DELIVERY_STREAM for each in wanted.to_make())


def _ask_firehose(account: Account, _wanted: Wanted) -> list[str]:
    # No paginator; "ListDeliveryStreams" takes a limit of 10,000 a call.
    return list(account.call("firehose", "list_delivery_streams", Limit=10_000)["DeliveryStreamNames"])


def _judge_firehose(wanted: Wanted, names: list[str]) -> Iterator[Finding]:
    new = new_delivery_streams(wanted)
    if len(names) + new > SMALLEST_DELIVERY_STREAM_QUOTA:
        yield hurts(
            f"delivery streams in {wanted.place.region}",
            f"{len(names)} are there, and {new} more wanted; some Regions take {SMALLEST_DELIVERY_STREAM_QUOTA} only",
            "look up this Region's quota in Service Quotas (Amazon Data Firehose)",
        )


def _ask_vpcs(account: Account, _wanted: Wanted) -> tuple[int, float]:
    vpcs = account.pages("ec2", "describe_vpcs", "Vpcs")
    # Service Quotas API Reference, "GetServiceQuota": a quota that was never changed may have its default only.
    quota = account.find("service-quotas", "get_service_quota", ("NoSuchResourceException",), **_VPC_QUOTA)
    if quota is None:
        quota = account.call("service-quotas", "get_aws_default_service_quota", **_VPC_QUOTA)
    return len(vpcs), quota["Quota"]["Value"]


def _judge_vpcs(wanted: Wanted, answer: tuple[int, float]) -> Iterator[Finding]:
    vpcs, quota = answer
    if vpcs + 1 > quota:
        yield stops(
            f"VPCs in {wanted.place.region}",
            f"one is wanted, and there are {vpcs} already of the quota of {quota:g}",
            f"{_INCREASE} (Amazon VPC, VPCs per Region), or delete one",
        )


def _makes_vpc(wanted: Wanted) -> bool:
    return bool(wanted.zones) and not wanted.owned.has_any("aws_vpc")


CHECKS: Final[tuple[Check[Any], ...]] = (
    Check(
        "quotas: data streams",
        lambda wanted: new_shards(wanted) + new_on_demand(wanted) > 0,
        _ask_kinesis,
        _judge_kinesis,
    ),
    Check("quotas: functions", lambda wanted: bool(wanted.tables), _ask_lambda, _judge_lambda),
    Check(
        "quotas: delivery streams",
        lambda wanted: new_delivery_streams(wanted) > 0,
        _ask_firehose,
        _judge_firehose,
    ),
    Check("quotas: VPCs", _makes_vpc, _ask_vpcs, _judge_vpcs),
)
