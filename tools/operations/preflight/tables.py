"""Tables that exist already and are to be streamed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from tools.operations.preflight.account import REFUSALS, code
from tools.operations.preflight.check import Check
from tools.operations.preflight.findings import hurts, stops

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.operations.preflight.account import Account
    from tools.operations.preflight.findings import Finding
    from tools.operations.preflight.wanted import Table, Wanted

_DESTINATION: Final = "aws_dynamodb_kinesis_streaming_destination"
_STREAMING: Final = frozenset({"ACTIVE", "ENABLING", "UPDATING", "DISABLING"})
"""States of a destination beside which a table takes no other (API reference, "EnableKinesisStreamingDestination")."""


@dataclass(frozen=True)
class TableAnswers:
    """What DynamoDB and KMS say of one table, None for a table or key that is not there or may not be looked at."""

    table: Mapping[str, Any] | None
    destinations: tuple[Mapping[str, Any], ...] = ()
    backups: Mapping[str, Any] | None = None
    key: Mapping[str, Any] | None = None


def existing(wanted: Wanted) -> list[Table]:
    """Returns the streamed tables that exist already."""
    return [table for table in wanted.tables if table.is_existing]


def _ask(account: Account, wanted: Wanted) -> dict[str, TableAnswers]:
    return {table.name: _ask_of(account, table.name) for table in existing(wanted)}


def _ask_of(account: Account, name: str) -> TableAnswers:
    found = account.find("dynamodb", "describe_table", ("ResourceNotFoundException",), TableName=name)
    if found is None:
        return TableAnswers(None)
    table = found["Table"]
    streaming = account.call("dynamodb", "describe_kinesis_streaming_destination", TableName=name)
    backups = account.call("dynamodb", "describe_continuous_backups", TableName=name)["ContinuousBackupsDescription"]
    key_arn = table.get("SSEDescription", {}).get("KMSMasterKeyArn")
    return TableAnswers(
        table,
        tuple(streaming.get("KinesisDataStreamDestinations", ())),
        backups,
        _ask_for_key(account, key_arn) if key_arn else None,
    )


def _ask_for_key(account: Account, arn: str) -> Mapping[str, Any] | None:
    """Returns the table's key; None where only its owner may look at it, which is usual for a key of others."""
    try:
        metadata: Mapping[str, Any] = account.call("kms", "describe_key", KeyId=arn)["KeyMetadata"]
    except ClientError as error:
        if code(error) in REFUSALS:
            return None
        raise
    return metadata


def _judge(wanted: Wanted, answers: Mapping[str, TableAnswers]) -> Iterator[Finding]:
    for name, answer in answers.items():
        where = f"table {name}"
        if answer.table is None:
            here = f"account {wanted.place.account_id}, {wanted.place.region}"
            yield stops(where, f"there is none in {here}", "correct its name, the Region or the profile")
            continue
        # Developer Guide, "Managing encrypted tables in DynamoDB": INACCESSIBLE_ENCRYPTION_CREDENTIALS is one of them.
        if answer.table["TableStatus"] != "ACTIVE":
            yield stops(where, f"it is {answer.table['TableStatus']}", "wait until it is ACTIVE, or look at its key")
        yield from _judge_destinations(wanted, where, name, answer)
        if answer.key and answer.key["KeyState"] != "Enabled":
            yield stops(where, f"its key {answer.key['Arn']} is {answer.key['KeyState']}", "enable the key")
        recovery = (answer.backups or {}).get("PointInTimeRecoveryDescription", {})
        if recovery.get("PointInTimeRecoveryStatus") != "ENABLED":
            yield hurts(
                where,
                "it has no point-in-time recovery, without which it cannot be exported",
                "switch it on to load what it holds already into the lake",
            )


def _judge_destinations(wanted: Wanted, where: str, name: str, answer: TableAnswers) -> Iterator[Finding]:
    if wanted.owned.has(_DESTINATION, name):
        return
    for destination in answer.destinations:
        if destination["DestinationStatus"] in _STREAMING:
            yield stops(
                where,
                f"it streams to {destination['StreamArn']} already ({destination['DestinationStatus']}), and a table "
                "has one such destination",
                "stop it first (aws dynamodb disable-kinesis-streaming-destination), or stream another table",
            )


CHECK: Final = Check("tables that exist", lambda wanted: bool(existing(wanted)), _ask, _judge)
