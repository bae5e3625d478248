"""Looks up the keys of tables that exist already, which no rule may drop: the configuration does not know them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from tools.artifact import table_settings
from tools.cli import console
from tools.cli.refusal import refuse
from tools.deployments.aws import reason
from tools.terraform.value_check import path_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.deployments.aws import Aws


def check(tables: object, aws: Aws) -> None:
    """Makes sure that no rule of `tables`, as the user gave it, drops the key of a table that exists already.

    A table that may not be looked at is said: the function fails on records whose key a rule drops.

    Raises:
        UsageError: a rule does; one line for each is printed.
    """
    refuse(_problems(tables, aws))


def _problems(tables: object, aws: Aws) -> Iterator[str]:
    for table, dropped in table_settings.dropped_from_existing(tables).items():
        try:
            described = aws.client("dynamodb").describe_table(TableName=table)["Table"]
        except (BotoCoreError, ClientError) as error:
            console.warn(f"cannot look at the key of table {table}, which no rule may drop ({reason(error)})")
            continue
        for each in described.get("KeySchema", []):
            if path := dropped.get(table_settings.normal(each["AttributeName"])):
                yield f"{path_text(('tables', table, 'rules', path))}: {table_settings.IS_KEY}"
