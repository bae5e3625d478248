"""The alarms of a deployment tell their topic, under its key; `faults/test_every_alarm.py` raises each of them."""

from __future__ import annotations

import json
import uuid

import pytest

from tests.system.queues import Queue
from tests.system.waiting import wait_until

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("lake")]

TABLE = "customers"


@pytest.fixture
def key_policy(deployed):
    """The policy of the deployment's key, put back afterwards."""
    kms, key = deployed.client("kms"), {"KeyId": deployed.outputs.kms_key_arn, "PolicyName": "default"}
    policy = kms.get_key_policy(**key)["Policy"]
    yield lambda document: kms.put_key_policy(**key, Policy=json.dumps(document)), json.loads(policy)
    kms.put_key_policy(**key, Policy=policy)


def test_a_record_that_fails_is_told_and_nothing_is_told_once_the_key_does_not_let_cloudwatch_in(deployed, key_policy):
    monitoring, table = deployed.outputs.monitoring, deployed.outputs.tables[TABLE]
    (name,) = [each for each in monitoring.alarm_names if each.endswith(f"/{TABLE}/records-failed")]
    queue = Queue(deployed.client, f"test-{uuid.uuid4().hex[:8]}", monitoring.topic_arn)
    cloudwatch = deployed.client("cloudwatch")

    def told():
        return [message for message in queue.take() if message["AlarmName"] == name]

    deployed.client("kinesis").put_record(StreamName=table.stream_name, Data=b"no change record", PartitionKey="1")
    (message, *_) = wait_until(told, f"{name} told nothing")
    assert message["NewStateValue"] == "ALARM"
    assert "docs/runbook.md#records-failed" in message["AlarmDescription"]

    put, policy = key_policy
    kept = [each for each in policy["Statement"] if each["Sid"] != "OurAlarmsEncryptWhatTheyTell"]
    assert len(kept) == len(policy["Statement"]) - 1
    put({**policy, "Statement": kept})

    # By itself it is over in three minutes; what it does then is the same.
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="set by a test")

    def history():
        return [
            each["HistorySummary"] for each in cloudwatch.describe_alarm_history(AlarmName=name)["AlarmHistoryItems"]
        ]

    wait_until(lambda: any("access the SNS topic encryption key" in each for each in history()), history)
    assert told() == []
