"""What the function wrote to its log: a line of JSON for each batch, with the failed records of it by reason.

`lambda/lake_transform/report.py` writes it. A line names records by the recordId that they had in that batch.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_logs import CloudWatchLogsClient

_MOST_EVENTS: Final = 10_000
"""Events that are read at most: this only helps to explain."""


class Batch(msgspec.Struct, frozen=True):
    """One batch: which delivery stream it was of, and the recordIds of those that failed, by reason."""

    DeliveryStream: str = ""
    failures: dict[str, list[str]] = {}


def batch(line: str | bytes) -> Batch | None:
    """Returns the batch of a line; None where the line is of something else, or not whole."""
    try:
        return _decode(line)
    except (UnicodeDecodeError, msgspec.DecodeError, msgspec.ValidationError):
        return None


def reasons(tail: bytes) -> dict[str, str]:
    """Returns recordId -> why it failed, from the end of an invocation's log."""
    found = [one for line in tail.splitlines() if (one := batch(line)) is not None]
    return {record: why for one in found for why, records in one.failures.items() for record in records}


def failures_between(
    logs: CloudWatchLogsClient, log_group: str, delivery_stream: str, first_ms: int, last_ms: int
) -> Counter[tuple[str, str]]:
    """Returns how many records of a delivery stream failed, by hour (`2026-01-31T05`, UTC) and reason.

    Times are in milliseconds since the epoch, both included. Empty where the log cannot be read. Of a very long log
    the first part counts.
    """
    counted: Counter[tuple[str, str]] = Counter()
    try:
        for at_ms, message in _events(logs, log_group, first_ms, last_ms):
            one = batch(message)
            if one is not None and one.DeliveryStream == delivery_stream:
                hour = f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%dT%H}"
                for why, records in one.failures.items():
                    counted[hour, why] += len(records)
    except (BotoCoreError, ClientError):
        return Counter()
    return counted


def _events(logs: CloudWatchLogsClient, log_group: str, first_ms: int, last_ms: int) -> Iterator[tuple[int, str]]:
    seen = 0
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=log_group, startTime=first_ms, endTime=last_ms + 1, filterPattern='"failures"'
    )
    for page in pages:
        for event in page.get("events", ()):
            yield int(event["timestamp"]), event["message"]
            seen += 1
            if seen == _MOST_EVENTS:
                return


_decode = msgspec.json.Decoder(Batch).decode
