"""The columns that describe a change: the only ones whose names start with `cdc_`.

This list is the one place for their names, order, types and meanings. The README's table repeats it for readers, and
`lambda/native/metadata.zig` repeats the names for native code; tests compare both with it.
"""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple

from lake_transform import instants

# A column of an item whose name would start with this goes to the overflow, so no attribute can pose as metadata.
PREFIX: Final = "cdc_"

EVENT: Final = "cdc_event"
EVENT_ID: Final = "cdc_event_id"
TABLE: Final = "cdc_table"
CHANGED_AT: Final = "cdc_changed_at"
CHANGED_AT_US: Final = "cdc_changed_at_us"
SEQUENCE_NUMBER: Final = "cdc_sequence_number"
KEY: Final = "cdc_key"
TTL: Final = "cdc_ttl"
OVERFLOW: Final = "cdc_overflow"
BEFORE: Final = "cdc_before"

Presence = Literal["always", "nullable", "optional"]


class Column(NamedTuple):
    """One column.

    Attributes:
        name: the column's name.
        type: its type in the AWS Glue Data Catalog (Amazon Athena User Guide, "Data types in Amazon Athena").
        presence: `always` is in every row and never null, `nullable` is in every row and can be null, `optional` is
            only in rows that need it.
        meaning: what the value says, one line of Markdown.
    """

    name: str
    type: Literal["string", "bigint", "boolean"]
    presence: Presence
    meaning: str


COLUMNS: Final = (
    Column(EVENT, "string", "always", "INSERT, MODIFY or REMOVE; SNAPSHOT for a row of a backfill"),
    Column(
        EVENT_ID,
        "string",
        "always",
        "the change's eventID: rows with the same one are the same change. For a SNAPSHOT `<snapshot id>:<cdc_key>`",
    ),
    Column(TABLE, "string", "always", "the table's name, from `tableName`, else from `eventSourceARN`"),
    Column(CHANGED_AT, "string", "always", "time of the change in UTC, `yyyy-MM-dd HH:mm:ss.SSSSSS`"),
    Column(CHANGED_AT_US, "bigint", "always", "the same time in microseconds since the epoch"),
    Column(SEQUENCE_NUMBER, "string", "nullable", "the record's sequence number in the Kinesis stream"),
    Column(
        KEY,
        "string",
        "always",
        "the primary key as JSON text, attributes sorted by name: "
        '`{"id":"864732"}`, `{"customer":"c-17","sequence":42}`',
    ),
    Column(TTL, "boolean", "always", "true if DynamoDB's Time to Live removed the item"),
    Column(OVERFLOW, "string", "optional", "JSON text of the values that could not have a column of their own"),
    Column(BEFORE, "string", "optional", "JSON text of the old image, in a MODIFY of a table with `before = true`"),
)


def first_columns(
    *, event: str, event_id: str, table: str, instant: int, sequence_number: str | None, key: str, is_ttl: bool
) -> dict[str | None, Any]:
    """Returns the metadata columns that every row starts with, in their order, for a change or an item of a snapshot.

    Args:
        event: INSERT, MODIFY, REMOVE or SNAPSHOT.
        event_id: the identity of the change, or of the item in its snapshot.
        table: the table's name.
        instant: time of the change, or of the snapshot, in microseconds since the epoch.
        sequence_number: sequence number in the Kinesis stream, if it is known.
        key: the primary key's text.
        is_ttl: whether DynamoDB's Time to Live removed the item.

    >>> first_columns(
    ...     event="REMOVE", event_id="e-1", table="orders", instant=1_700_000_000_123_456, sequence_number=None,
    ...     key='{"id":1}', is_ttl=True,
    ... )  # doctest: +NORMALIZE_WHITESPACE
    {'cdc_event': 'REMOVE', 'cdc_event_id': 'e-1', 'cdc_table': 'orders',
     'cdc_changed_at': '2023-11-14 22:13:20.123456', 'cdc_changed_at_us': 1700000000123456,
     'cdc_sequence_number': None, 'cdc_key': '{"id":1}', 'cdc_ttl': True}
    """
    return {
        EVENT: event,
        EVENT_ID: event_id,
        TABLE: table,
        CHANGED_AT: instants.text(instant),
        CHANGED_AT_US: instant,
        SEQUENCE_NUMBER: sequence_number,
        KEY: key,
        TTL: is_ttl,
    }
