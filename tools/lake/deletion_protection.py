"""Deletion protection of tables, and which tables a key that goes would make unreadable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from mypy_boto3_dynamodb import DynamoDBClient


def lift(dynamodb: DynamoDBClient, tables: Iterable[str]) -> list[str]:
    """Lifts the deletion protection of `tables`, and returns the names of those that are there.

    AWS deletes no table that has it (Amazon DynamoDB Developer Guide, "Using deletion protection").
    """
    lifted = []
    for table in tables:
        try:
            dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
        except dynamodb.exceptions.ResourceNotFoundException:
            continue
        lifted.append(table)
    return lifted


def refuse_to_lock_out(dynamodb: DynamoDBClient, tables: Iterable[str], key_arns: Collection[str]) -> None:
    """Refuses to remove keys under which tables are encrypted that stay.

    A table whose key is gone cannot be read (Amazon DynamoDB Developer Guide, "DynamoDB encryption at rest usage
    notes"). A table that is not there is no matter.

    Raises:
        RefusedError: one of `tables` is encrypted under one of the keys.
    """
    for table in tables:
        try:
            described = dynamodb.describe_table(TableName=table)["Table"]
        except dynamodb.exceptions.ResourceNotFoundException:
            continue
        key = described.get("SSEDescription", {}).get("KMSMasterKeyArn")
        if key in key_arns:
            raise RefusedError(
                f"refused: table {table}, which stays, is encrypted under {key}, which would go, and could not be read "
                f"any more; give it another key first: aws dynamodb update-table --table-name {table} "
                "--sse-specification Enabled=true,SSEType=KMS,KMSMasterKeyId=KEY"
            )
