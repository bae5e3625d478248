"""A fault raises an alarm on the deployed delivery stream, and its repair clears it; nothing here sets a state."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import uuid
from pathlib import Path

import pytest

from tests.system.commands import done
from tests.system.queues import Queue
from tests.system.test_guards_and_faults import without
from tests.system.waiting import wait_until
from tools import paths
from tools.deployments.aws import Aws
from tools.localaws import service
from tools.terraform import provider_mirror

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("lake")]

TABLE = "customers"


class Alarm:
    """An alarm that tells a queue of its changes, through a topic."""

    def __init__(self, client, **settings):
        self.client, self.name = client, f"test-{uuid.uuid4().hex[:8]}"
        topic = client("sns").create_topic(Name=self.name)["TopicArn"]
        self.queue = Queue(client, self.name, topic)
        client("cloudwatch").put_metric_alarm(
            AlarmName=self.name, AlarmActions=[topic], OKActions=[topic], EvaluationPeriods=1, **settings
        )

    def state(self):
        (found,) = self.client("cloudwatch").describe_alarms(AlarmNames=[self.name])["MetricAlarms"]
        return found["StateValue"]

    def wait_for(self, state, meanwhile):
        """Waits for a state; does `meanwhile` again and again."""
        wait_until(lambda: meanwhile() or self.state() == state, lambda: f"{self.name} is {self.state()}, not {state}")

    def told(self):
        """Returns the new states that the queue was told of."""
        return {message["NewStateValue"] for message in self.queue.take()}


@pytest.fixture
def account(home):
    """Makes clients that act as the account's root."""
    return Aws(service.connect(home).environment(service.SINGLE_ACCOUNT)).client


def write(lake):
    lake.client("dynamodb").put_item(TableName=TABLE, Item={"CustomerId": {"N": "77"}, "mark": {"S": uuid.uuid4().hex}})


def test_a_permission_that_is_lost_raises_the_alarm_and_given_back_clears_it(deployed):
    """`faults/test_every_alarm.py` takes the others away too."""
    table = deployed.outputs.tables[TABLE]
    alarm = Alarm(
        deployed.client,
        Namespace="AWS/Firehose",
        MetricName="ExecuteProcessing.Success",
        Dimensions=[{"Name": "DeliveryStreamName", "Value": table.delivery_stream_name}],
        Statistic="Average",
        ComparisonOperator="LessThanThreshold",
        Threshold=1,
        Period=10,
    )
    alarm.wait_for("OK", lambda: write(deployed))
    iam, role = deployed.client("iam"), table.delivery_role_arn.rpartition("/")[2]
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    whole = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    iam.put_role_policy(
        RoleName=role, PolicyName=name, PolicyDocument=json.dumps(without(whole, "lambda:InvokeFunction"))
    )
    try:
        write(deployed)
        alarm.wait_for("ALARM", lambda: None)
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(whole))
    alarm.wait_for("OK", lambda: write(deployed))
    assert alarm.told() >= {"ALARM", "OK"}


def test_alarms_and_metrics_are_there_after_a_restart(home, account):
    cloudwatch = account("cloudwatch")
    settings = {"Namespace": "N", "MetricName": "M", "Statistic": "Sum", "Period": 10, "Threshold": 0}
    alarm = Alarm(account, **settings, ComparisonOperator="GreaterThanThreshold")
    cloudwatch.put_metric_data(Namespace="N", MetricData=[{"MetricName": "M", "Value": 1, "StorageResolution": 1}])
    alarm.wait_for("ALARM", lambda: None)
    done("tools.local", "down", home=home)
    done("tools.local", "up", home=home)
    (found,) = cloudwatch.describe_alarms(AlarmNames=[alarm.name])["MetricAlarms"]
    history = cloudwatch.describe_alarm_history(AlarmName=alarm.name)["AlarmHistoryItems"]
    assert found["MetricName"] == "M"
    assert any("from INSUFFICIENT_DATA to ALARM" in each["HistorySummary"] for each in history)
    assert [each["MetricName"] for each in cloudwatch.list_metrics(Namespace="N")["Metrics"]] == ["M"]


def test_an_alarm_sees_the_data_of_its_own_metric_and_unit_alone(account):
    cloudwatch = account("cloudwatch")
    own = {"MetricName": "Own", "Dimensions": [{"Name": "D", "Value": "own"}], "StorageResolution": 1}
    above = {"Threshold": 10, "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1}
    ours = {"Namespace": "Ours", "MetricName": "Own", "Dimensions": own["Dimensions"], "Period": 10}
    cloudwatch.put_metric_alarm(AlarmName="p90", **above, **ours, ExtendedStatistic="p90", Unit="Seconds")
    cloudwatch.put_metric_alarm(AlarmName="sum", **above, **ours, Statistic="Sum", Unit="Seconds")
    metric = {name: ours[name] for name in ("Namespace", "MetricName", "Dimensions")}
    queries = [
        {"Id": "own", "MetricStat": {"Metric": metric, "Period": 10, "Stat": "Sum"}, "ReturnData": False},
        {"Id": "result", "Expression": "IF(FILL(own, 0) > 1000, 100, 1)"},
    ]
    cloudwatch.put_metric_alarm(AlarmName="math", **above, Metrics=queries)

    def put():
        others = [{**own, "Dimensions": []}, {**own, "Dimensions": [{"Name": "D", "Value": "other"}]}]
        data = [{**each, "Value": 99, "Unit": "Seconds"} for each in others]
        data += [{**own, "Value": 5000, "Unit": "Count"}, {**own, "Values": [1, 8, 9], "Unit": "Seconds"}]
        cloudwatch.put_metric_data(Namespace="Ours", MetricData=data)

    def states():
        found = cloudwatch.describe_alarms(AlarmNames=["p90", "sum", "math"])["MetricAlarms"]
        return {each["AlarmName"]: each["StateValue"] for each in found}

    put()
    wait_until(lambda: "INSUFFICIENT_DATA" not in states().values(), lambda: f"{states()}")
    assert states() == {"p90": "OK", "sum": "ALARM", "math": "ALARM"}
    cloudwatch.delete_alarms(AlarmNames=["p90", "sum", "math"])


def test_alarms_dashboard_and_topic_are_told_back_as_terraform_has_set_them(home, account, tmp_path):
    shutil.copy2(Path(__file__).parent / "alarms" / "main.tf", tmp_path)
    shutil.copy2(paths.ENVIRONMENTS / "single-account" / ".terraform.lock.hcl", tmp_path)
    own = service.connect(home).environment(service.SINGLE_ACCOUNT)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))}
    environment = {**provider_mirror.plugin_environment(kept), **own}

    def terraform(*arguments):
        command = ["terraform", *arguments, "-input=false", "-no-color"]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    for command in (["init", "-lockfile=readonly"], ["apply", "-auto-approve"]):
        result = terraform(*command)
        assert result.returncode == 0, result.stdout + result.stderr
    again = terraform("plan", "-detailed-exitcode")
    assert again.returncode == 0, again.stdout + again.stderr
    kinds = ["MetricAlarm", "CompositeAlarm"]
    found = account("cloudwatch").describe_alarms(AlarmNames=["lake", "lake-silence"], AlarmTypes=kinds)
    assert found["CompositeAlarms"][0]["ActionsSuppressorExtensionPeriod"] == 10
    assert {query["Id"] for query in found["MetricAlarms"][0]["Metrics"]} == {"silent", "read", "delivered"}
    result = terraform("destroy", "-auto-approve")
    assert result.returncode == 0, result.stdout + result.stderr
