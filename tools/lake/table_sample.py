"""A sample of a DynamoDB table, as the rows that its items become: for columns that no change has shown yet."""

from __future__ import annotations

import base64
import json
import secrets
import sys
import time
from typing import TYPE_CHECKING, Any

from tools import paths
from tools.lake import lines, summaries
from tools.lake.lines import BadLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mypy_boto3_dynamodb import DynamoDBClient

    from lake_transform.settings import ListFormat
    from tools.lake.lines import Row
    from tools.lake.summaries import Summary


def summarise(
    dynamodb: DynamoDBClient,
    table: str,
    items: int,
    *,
    rules: Mapping[str, str],
    path_separator: str,
    list_format: ListFormat,
) -> Summary:
    """Returns the summary of the rows that the first items of a table become.

    Args:
        dynamodb: a client of the table's account.
        table: the table.
        items: how many items are read, at most.
        rules: path -> rule; what they hash is hashed with a key made for the occasion.
        path_separator: joins the names of a path.
        list_format: how lists and sets are written.

    Raises:
        botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError: the table cannot be read.
    """
    key_names = [part["AttributeName"] for part in dynamodb.describe_table(TableName=table)["Table"]["KeySchema"]]
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, PaginationConfig={"MaxItems": items})
    documents = (_document(item) for page in pages for item in page["Items"])
    made = _transform(table, rules, path_separator, list_format)
    origin = f"dynamodb:{table}"

    def rows(bad: Callable[[BadLine], None]) -> Iterator[tuple[int, Row]]:
        from lake_transform.errors import RecordError  # noqa: PLC0415  # once its folder is on the path

        for number, document in enumerate(documents, start=1):
            try:
                line = made.item(
                    document, table=table, key_names=key_names, snapshot_id="sample", instant=time.time_ns() // 1000
                )
            except RecordError as error:
                bad(BadLine(origin, number, str(error)))
                continue
            for _, row in lines.rows([line.data], origin, bad):
                yield number, row

    return summaries.summarise(origin, rows)


def _transform(table: str, rules: Mapping[str, str], path_separator: str, list_format: ListFormat) -> Any:  # noqa: ANN401  # its type is not there before its folder is on the path
    if str(paths.LAMBDA_SOURCES) not in sys.path:
        sys.path.append(str(paths.LAMBDA_SOURCES))
    from lake_transform import table_settings  # noqa: PLC0415  # as above
    from lake_transform.settings import Settings  # noqa: PLC0415
    from lake_transform.transform import Transform  # noqa: PLC0415

    settings = json.dumps({table: {"rules": dict(rules)}} if rules else {}).encode()
    return Transform(
        Settings(
            path_separator=path_separator,
            list_format=list_format,
            tables=table_settings.read(settings),
            mask_key=secrets.token_bytes(),
        )
    )


def _document(item: Mapping[str, Any]) -> bytes:
    """Returns an item as an export of the table writes it."""
    return json.dumps({"Item": item}, default=_base64).encode()


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
