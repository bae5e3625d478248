"""Asks a topic's policy and its key's whether an alarm may tell the topic; the emulator asks neither.

Source: Amazon SNS Developer Guide, "Key management", compatibility between event sources and encrypted topics, and
"Example cases for Amazon SNS access control"; Amazon CloudWatch User Guide, "Troubleshooting alarms".
"""

from __future__ import annotations

import importlib
import json
from typing import TYPE_CHECKING, Any, Final

from tools.localaws.emulator import key_use
from tools.localaws.emulator.corrections import replace

if TYPE_CHECKING:
    from collections.abc import Callable

_SERVICE: Final = "cloudwatch.amazonaws.com"
_ACTIONS: Final = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}
_KEY_ACTIONS: Final = ("Decrypt", "GenerateDataKey")


def ask_topics_and_their_keys() -> None:
    """Tells a topic of an alarm only where the policies of topic and key let CloudWatch.

    Where they do not, the alarm's history says so.
    """
    original: Callable[..., None]

    def dispatch(alarm: dict[str, Any], before: str, state: str, reason: str) -> None:
        member = _ACTIONS.get(state, "")
        refused = {topic: why for topic in alarm.get(member) or [] if (why := _refusal(topic, alarm["AlarmArn"]))}
        for topic, why in refused.items():
            _record(alarm, f'Failed to execute action {topic}. Received error: "{why}"')
        told = [topic for topic in alarm.get(member) or [] if topic not in refused]
        original({**alarm, member: told}, before, state, reason)

    original = replace("services.cloudwatch", "_dispatch_alarm_actions", dispatch)


def _refusal(topic_arn: str, alarm_arn: str) -> str | None:
    """Returns why an alarm may not tell a topic, None where it may."""
    sns = importlib.import_module("ministack.services.sns")
    topic = sns._topic_by_arn_any_scope(topic_arn)
    if topic is None:
        return None
    account = alarm_arn.split(":")[4]
    if not sns.topic_policy_allows(topic_arn, _SERVICE, alarm_arn, account):
        return f"Resource: {alarm_arn} is not authorized to perform: SNS:Publish on resource: {topic_arn}"
    key = topic["attributes"].get("KmsMasterKeyId")
    context = {
        "aws:SourceArn": alarm_arn,
        "aws:SourceAccount": account,
        "kms:EncryptionContext:aws:sns:topicArn": topic_arn,
    }
    if key and not all(key_use.lets_service_in(_SERVICE, action, key, context) for action in _KEY_ACTIONS):
        return "CloudWatch Alarms does not have authorization to access the SNS topic encryption key."
    return None


def _record(alarm: dict[str, Any], summary: str) -> None:
    service = importlib.import_module("ministack.services.cloudwatch")
    service._history_entries().append(
        {
            "AlarmName": alarm["AlarmName"],
            "AlarmType": "CompositeAlarm" if alarm.get("AlarmRule") else "MetricAlarm",
            "Timestamp": service._ts_iso(service.time.time()),
            "HistoryItemType": "Action",
            "HistorySummary": summary,
            "HistoryData": json.dumps({"actionState": "Failed", "error": summary}),
        }
    )
