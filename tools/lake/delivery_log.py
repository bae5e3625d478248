"""What Amazon Data Firehose wrote about failed deliveries to the delivery stream's log group."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient


def errors_since(logs: CloudWatchLogsClient, log_group: str | None, since_ms: int) -> list[str]:
    """Returns the distinct messages since `since_ms` (milliseconds since the epoch), newest first.

    Empty where there is no log group or it cannot be read: this only helps to explain, and must not hide the failure.
    """
    if not log_group:
        return []
    try:
        found = logs.filter_log_events(logGroupName=log_group, startTime=since_ms).get("events", [])
    except (BotoCoreError, ClientError):
        return []
    newest_first = sorted(found, key=lambda event: int(event.get("timestamp", 0)), reverse=True)
    return list(dict.fromkeys(_text(event["message"]) for event in newest_first))


def _text(message: str) -> str:
    """Code and message of one event (AWS documentation: "Monitor Amazon Data Firehose with CloudWatch Logs")."""
    try:
        event = json.loads(message)
        return " ".join(f"{event.get('errorCode', '')}: {event['message']}".split())
    except (ValueError, TypeError, KeyError):
        return " ".join(message.split())
