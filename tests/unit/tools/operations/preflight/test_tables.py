from __future__ import annotations

import pytest

from tests.unit.tools.operations.preflight.recorded import ACCOUNT, KEY_ARN, lines, owning, table, wanted
from tools.operations.preflight import tables

STREAM_ARN = f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/somebody-elses"
EXISTING = wanted(tables=(table(is_existing=True),))


def answers(status="ACTIVE", destination=None, recovery="ENABLED", key_state="Enabled"):
    destinations = [{"StreamArn": STREAM_ARN, "DestinationStatus": destination}] if destination else []
    return {
        "dynamodb.describe_table": {
            "Table": {
                "TableName": "orders",
                "TableStatus": status,
                "SSEDescription": {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": KEY_ARN},
            }
        },
        "dynamodb.describe_kinesis_streaming_destination": {
            "TableName": "orders",
            "KinesisDataStreamDestinations": destinations,
        },
        "dynamodb.describe_continuous_backups": {
            "ContinuousBackupsDescription": {
                "ContinuousBackupsStatus": "ENABLED",
                "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": recovery},
            }
        },
        "kms.describe_key": (
            key_state
            if key_state == "AccessDeniedException"
            else {"KeyMetadata": {"KeyId": KEY_ARN[-36:], "Arn": KEY_ARN, "KeyState": key_state}}
        ),
    }


@pytest.mark.parametrize(
    ("settings", "weight", "found"),
    [
        ({"status": "INACCESSIBLE_ENCRYPTION_CREDENTIALS"}, "stops", "it is INACCESSIBLE_ENCRYPTION_CREDENTIALS"),
        ({"destination": "ACTIVE"}, "stops", f"it streams to {STREAM_ARN} already (ACTIVE)"),
        ({"destination": "ENABLING"}, "stops", f"it streams to {STREAM_ARN} already (ENABLING)"),
        ({"key_state": "PendingDeletion"}, "stops", f"its key {KEY_ARN} is PendingDeletion"),
        ({"recovery": "DISABLED"}, "hurts", "it has no point-in-time recovery"),
    ],
)
def test_what_keeps_an_existing_table_from_being_streamed_is_found(settings, weight, found):
    (line,) = lines(tables.CHECK, answers(**settings), EXISTING)

    assert line.startswith(f"{weight} table orders: {found}")


@pytest.mark.parametrize("settings", [{}, {"destination": "DISABLED"}, {"key_state": "AccessDeniedException"}])
def test_a_table_that_can_be_streamed_is_fine(settings):
    assert lines(tables.CHECK, answers(**settings), EXISTING) == []


def test_the_destination_that_this_deployment_made_is_its_own():
    ours = wanted(
        tables=(table(is_existing=True),), owned=owning(("aws_dynamodb_kinesis_streaming_destination", "orders"))
    )

    assert lines(tables.CHECK, answers(destination="ACTIVE"), ours) == []


def test_a_table_that_is_not_there_stops_the_apply_and_one_that_is_made_is_not_asked_for():
    missing = {"dynamodb.describe_table": "ResourceNotFoundException"}

    (line,) = lines(tables.CHECK, missing, EXISTING)
    assert line.startswith(f"stops table orders: there is none in account {ACCOUNT}, us-east-1; ")
    assert lines(tables.CHECK, {}, wanted(tables=(table(),))) == []
