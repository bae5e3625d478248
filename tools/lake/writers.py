"""Which delivery streams of an account deliver to a bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from tools.deployments.aws import Aws
from tools.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_firehose import FirehoseClient


class _After(TypedDict, total=False):
    """Where a listing goes on."""

    ExclusiveStartDeliveryStreamName: str


def check_ended(producer: Aws | None, account_id: str, bucket: str, region: str) -> None:
    """Checks that nothing in the producer's account delivers to `bucket` any more.

    `producer` is access to that account, `account_id` and `region` (of both halves) are what the consumer knows of it.

    Raises:
        RefusedError: something still does, or it cannot be seen.
    """
    if producer is None:
        raise RefusedError(
            f"refused: from here it cannot be seen whether account {account_id} still delivers to {bucket}; name it "
            "with --producer-profile or --producer-assume-role-arn, or say that it does not with --producer-is-gone"
        )
    seen = producer.account_id()
    if seen != account_id:
        raise RefusedError(f"refused: {bucket} is delivered to by account {account_id}, not by {seen}; name that one")
    names = to_bucket(Aws(producer.environment, region).client("firehose"), bucket)
    if names:
        raise RefusedError(
            f"refused: account {account_id} still delivers to {bucket} ({', '.join(names)}), and what is under way "
            "would be lost; destroy the producer first"
        )


def to_bucket(firehose: FirehoseClient, bucket: str) -> list[str]:
    """Returns the names of the delivery streams, of one account and Region, whose destination is `bucket`."""
    return [name for name in _names(firehose) if _delivers_to(firehose, name, f":::{bucket}")]


def _names(firehose: FirehoseClient) -> Iterator[str]:
    after: _After = {}
    while True:
        page = firehose.list_delivery_streams(Limit=100, **after)
        yield from page["DeliveryStreamNames"]
        if not page["HasMoreDeliveryStreams"]:
            return
        after = {"ExclusiveStartDeliveryStreamName": page["DeliveryStreamNames"][-1]}


def _delivers_to(firehose: FirehoseClient, name: str, arn_end: str) -> bool:
    description = firehose.describe_delivery_stream(DeliveryStreamName=name)["DeliveryStreamDescription"]
    destinations = [each.get("ExtendedS3DestinationDescription", {}) for each in description["Destinations"]]
    return any(destination.get("BucketARN", "").endswith(arn_end) for destination in destinations)
