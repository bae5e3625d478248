"""Exported items -> rows: each becomes the change record of its making, and that a line, as the function makes it.

So rules, hook and limits hold for an item as they do for a change, and the lines are those that the function would
answer. A row of an item that is there at the time of an export is a SNAPSHOT. `tools/lake/backfill` makes the same rows
through the deployed function.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pybase64

from lake_backfill.errors import BackfillError
from lake_transform import response
from lake_transform.batch import transform_records

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lake_backfill.plan import Plan, RowSet
    from lake_transform.response import Outcome
    from lake_transform.transform import Transform

EVENT_ID: Final = "reconcile"
"""`eventID` of the change records, which no stream has had; a row has another, made of the snapshot and the key."""

_CODE: Final = "Backfill.TransformFailed"


class Made(msgspec.Struct, frozen=True):
    """What became of one item.

    Attributes:
        row: its line, ended by a newline; empty where there is none.
        failure: the line for the error prefix, ended by a newline; empty unless the item failed. Neither: the hook
            dropped it.
    """

    row: bytes = b""
    failure: bytes = b""


class _Line(msgspec.Struct):
    Item: msgspec.Raw


class _Item(msgspec.Struct, frozen=True):
    image: msgspec.Raw
    keys: dict[str, msgspec.Raw]


_LINE: Final = msgspec.json.Decoder(_Line)
_MEMBERS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


class RowMaker:
    """Makes the rows of one set. One thread at a time may use it."""

    def __init__(self, plan: Plan, row_set: RowSet, transform: Transform) -> None:
        """Prepares to make rows.

        Args:
            plan: the table, its key, and the export's identity and time.
            row_set: the set, whose identity those of failed changes start with: a number follows, never a value.
            transform: makes lines, with the settings of the deployed function.
        """
        self._plan = plan
        self._identity = row_set.identity
        self._transform = transform
        self._count = 0

    def make(self, lines: Sequence[bytes]) -> Iterator[Made]:
        """Yields what becomes of each of some lines of the export, in order.

        Args:
            lines: `{"Item": {...}}` each, JSON in UTF-8. They are transformed together.

        Raises:
            BackfillError: a line is no item of the table.
        """
        found = [self._read(line) for line in lines]
        records: list[dict[str, Any]] = [
            {"recordId": "", "data": pybase64.b64encode_as_string(self._change_record(item, EVENT_ID))}
            for item in found
        ]
        for item, outcome in zip(found, transform_records(records, lambda: self._transform), strict=True):
            self._count += 1
            yield self._made(item, outcome)

    def _made(self, item: _Item, outcome: Outcome) -> Made:
        # The function's response has a limit, which a line by itself can pass.
        response.answers([outcome])
        if outcome.result == "ProcessingFailed":
            record = self._change_record(item, f"backfill-{self._identity}:{self._count}")
            return Made(failure=self._failure(record, outcome.reason or ""))
        if outcome.result == "Dropped":
            return Made()
        return Made(row=snapshot_line(pybase64.b64decode(outcome.data), self._plan.snapshot))

    def _read(self, line: bytes) -> _Item:
        try:
            image = _LINE.decode(line).Item
            members = _MEMBERS.decode(image)
            return _Item(image, {name: members[name] for name in self._plan.key_names})
        except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, KeyError):
            raise BackfillError(
                f"set {self._identity}: a line is no item of {self._plan.table}; export again"
            ) from None

    def _change_record(self, item: _Item, event_id: str) -> bytes:
        """Returns the change record with which DynamoDB would have streamed the making of an item.

        Amazon DynamoDB Developer Guide, "Using Kinesis Data Streams to capture changes to DynamoDB".
        """
        return msgspec.json.encode(
            {
                "eventID": event_id,
                "eventName": "INSERT",
                "userIdentity": None,
                "recordFormat": "application/json",
                "tableName": self._plan.table,
                "dynamodb": {
                    "ApproximateCreationDateTime": self._plan.time_us,
                    "ApproximateCreationDateTimePrecision": "MICROSECOND",
                    "Keys": item.keys,
                    "NewImage": item.image,
                },
                "eventSource": "aws:dynamodb",
            }
        )

    def _failure(self, record: bytes, reason: str) -> bytes:
        """Returns the line of a record that failed, in the form of Firehose's, so that `replay` reads it.

        It has the time of the export, so that each attempt writes the same line. Amazon Data Firehose Developer Guide,
        "Handle failure in data transformation".
        """
        milliseconds = self._plan.time_us // 1_000
        failure = {
            "attemptsMade": 1,
            "arrivalTimestamp": milliseconds,
            "errorCode": _CODE,
            "errorMessage": reason,
            "attemptEndingTimestamp": milliseconds,
            "rawData": base64.b64encode(record).decode(),
        }
        return msgspec.json.encode(failure) + b"\n"


def snapshot_line(line: bytes, snapshot: str) -> bytes:
    """Returns the line of an INSERT as that of a SNAPSHOT, whose identity is the snapshot's and the key's.

    Raises:
        BackfillError: the hook took the key away.

    >>> snapshot_line(b'{"cdc_event":"INSERT","cdc_key":"{}","n":1.10}', "s")
    b'{"cdc_event":"SNAPSHOT","cdc_key":"{}","n":1.10,"cdc_event_id":"s:{}","cdc_sequence_number":null}\\n'
    """
    row: dict[str, Any] = dict(_MEMBERS.decode(line))
    if "cdc_key" not in row:
        raise BackfillError("the hook leaves out cdc_key, without which a row has no identity; correct it")
    key = msgspec.json.decode(row["cdc_key"])
    row |= {"cdc_event": "SNAPSHOT", "cdc_event_id": f"{snapshot}:{key}", "cdc_sequence_number": None}
    return msgspec.json.encode(row) + b"\n"
