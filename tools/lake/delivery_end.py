"""Ends the delivery of changes, so that nothing comes after what is in the lake: both may have been ended before."""

from __future__ import annotations

from time import monotonic, sleep
from typing import TYPE_CHECKING, Final, TypeVar

from tools.cli import console
from tools.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_firehose import FirehoseClient

LONGEST_SECONDS: Final = 1800.0
"""How long AWS is given for one of the two, as Terraform's provider gives a delivery stream."""

_POLL_SECONDS: Final = 1.0
_Named = TypeVar("_Named")
_STREAMS_NOTHING: Final = (None, "DISABLED", "ENABLE_FAILED")


def stop_changes(dynamodb: DynamoDBClient, destinations: Iterable[tuple[str, str]]) -> None:
    """Stops the streaming of tables to streams, and returns when all have stopped.

    `destinations` are names of tables and ARNs of streams. Only an active one can be stopped (Amazon DynamoDB API
    Reference, "DisableKinesisStreamingDestination"), so one that is being started is waited for.

    Raises:
        LakeError: one goes on for `LONGEST_SECONDS`.
    """
    asked = set()

    def has_ended(destination: tuple[str, str]) -> bool:
        table, stream = destination
        status = _status(dynamodb, table, stream)
        if status == "ACTIVE" and destination not in asked:
            asked.add(destination)
            dynamodb.disable_kinesis_streaming_destination(TableName=table, StreamArn=stream)
        return status in _STREAMS_NOTHING

    _wait("streaming of table", {f"{each[0]} to {each[1]}": each for each in destinations}, has_ended)


def remove_delivery_streams(firehose: FirehoseClient, names: Iterable[str]) -> None:
    """Removes delivery streams, and returns when all are gone.

    One that is being made cannot be removed (Amazon Data Firehose API Reference, "DeleteDeliveryStream"), and is waited
    for.

    Raises:
        LakeError: one cannot be removed, or is there after `LONGEST_SECONDS`.
    """
    asked = set()

    def has_ended(name: str) -> bool:
        try:
            described = firehose.describe_delivery_stream(DeliveryStreamName=name)["DeliveryStreamDescription"]
        except firehose.exceptions.ResourceNotFoundException:
            return True
        status = described["DeliveryStreamStatus"]
        if status not in ("CREATING", "DELETING") and name not in asked:
            asked.add(name)
            firehose.delete_delivery_stream(DeliveryStreamName=name)
        elif status == "DELETING_FAILED":
            why = described.get("FailureDescription", {}).get("Details", "Firehose gives no reason")
            raise LakeError(f"delivery stream {name} cannot be removed: {why}")
        return False

    _wait("delivery stream", {name: name for name in names}, has_ended)


def _status(dynamodb: DynamoDBClient, table: str, stream: str) -> str | None:
    """Returns the state of a table's streaming to a stream; None where there is none."""
    try:
        answer = dynamodb.describe_kinesis_streaming_destination(TableName=table)
    except dynamodb.exceptions.ResourceNotFoundException:
        return None
    found = answer.get("KinesisDataStreamDestinations", ())
    return next((each.get("DestinationStatus") for each in found if each.get("StreamArn") == stream), None)


def _wait(kind: str, named: dict[str, _Named], has_ended: Callable[[_Named], bool]) -> None:
    until = monotonic() + LONGEST_SECONDS
    with console.telling(f"waiting for the end of each {kind}") as tell:
        while named := {name: each for name, each in named.items() if not has_ended(each)}:
            first = next(iter(named))
            if monotonic() > until:
                raise LakeError(
                    f"{kind} {first} has not ended in {LONGEST_SECONDS / 60:.0f} minutes; run the same command again"
                )
            tell(f"    {len(named)} left: {kind} {first}")
            sleep(_POLL_SECONDS)
