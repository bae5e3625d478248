"""What the emulator's CloudWatch tells of alarms and metrics, with the corrections and without them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep, time

import pytest
from botocore.exceptions import ClientError

from tests.system.accounts import Account, document
from tools.localaws import service
from tools.localaws.emulator import alarm_actions, cloudwatch, query_definitions, stream_metrics

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("corrections")]

A = service.PRODUCER


def an_alarm(local, name, **settings):
    """Puts an alarm on a metric that has no data, and returns what CloudWatch tells of it."""
    settings = {"Namespace": "N", "MetricName": "M", "Statistic": "Sum", "Period": 10, **settings}
    cloudwatch = Account(local, A).client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        **{member: value for member, value in settings.items() if value is not None},
    )
    return lambda: cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]


def an_alarm_is_told_whole(local):
    """Clients of the Query protocol get an alarm as it was put."""
    found = an_alarm(local, "whole", Dimensions=[{"Name": "D", "Value": "<d>"}], TreatMissingData="ignore")()
    members = ("Dimensions", "Statistic", "Period", "TreatMissingData")
    return [found.get(name) for name in members] == [[{"Name": "D", "Value": "<d>"}], "Sum", 10, "ignore"]


def an_alarm_on_queries_keeps_them(local):
    """An alarm on queries has its queries, and no statistic and period of its own."""
    metric = {"Metric": {"Namespace": "N", "MetricName": "M"}, "Period": 60, "Stat": "Sum"}
    queries = [{"Id": "m", "MetricStat": metric, "ReturnData": True}]
    none = dict.fromkeys(("Namespace", "MetricName", "Statistic", "Period"))
    found = an_alarm(local, "on-queries", Metrics=queries, **none)()
    return [query["Id"] for query in found.get("Metrics", [])] == ["m"] and not {"Statistic", "Period"} & found.keys()


def an_alarm_treats_missing_data(local):
    """Where missing data is breaching, an alarm is raised though nobody puts data."""
    found = an_alarm(local, "silent", TreatMissingData="breaching")
    deadline = monotonic() + 15
    while found()["StateValue"] != "ALARM" and monotonic() < deadline:
        sleep(0.5)
    return found()["StateValue"] == "ALARM"


def a_log_line_becomes_metrics(local):
    """A log line in the embedded metric format is also data of the metric that it names."""
    own = Account(local, A)
    own.client("logs").create_log_group(logGroupName="embedded")
    own.client("logs").create_log_stream(logGroupName="embedded", logStreamName="stream")
    now = int(time() * 1000)
    directive = {"Namespace": "Embedded", "Dimensions": [["D"]], "Metrics": [{"Name": "M"}]}
    line = json.dumps({"_aws": {"Timestamp": now, "CloudWatchMetrics": [directive]}, "D": "d", "M": 7})
    events = [{"timestamp": now, "message": line}]
    own.client("logs").put_log_events(logGroupName="embedded", logStreamName="stream", logEvents=events)
    found = own.client("cloudwatch").list_metrics(Namespace="Embedded")["Metrics"]
    return found == [{"Namespace": "Embedded", "MetricName": "M", "Dimensions": [{"Name": "D", "Value": "d"}]}]


def a_read_has_an_age(local):
    """Reading a stream is seen in the stream's metrics."""
    own = Account(local, A)
    kinesis = own.client("kinesis")
    kinesis.create_stream(StreamName="aged", ShardCount=1)
    kinesis.put_record(StreamName="aged", Data=b"x", PartitionKey="1")
    (shard,) = kinesis.list_shards(StreamName="aged")["Shards"]
    where = {"StreamName": "aged", "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
    kinesis.get_records(ShardIterator=kinesis.get_shard_iterator(**where)["ShardIterator"])
    metric = {"Namespace": "AWS/Kinesis", "MetricName": "GetRecords.IteratorAgeMilliseconds"}
    found = own.client("cloudwatch").list_metrics(**metric)["Metrics"]
    return [{"Name": "StreamName", "Value": "aged"}] in [each["Dimensions"] for each in found]


def what_comes_in_is_counted(local):
    """Records that are put to a stream are counted in its metrics."""
    own = Account(local, A)
    kinesis = own.client("kinesis")
    kinesis.create_stream(StreamName="counted", ShardCount=1)
    kinesis.put_records(StreamName="counted", Records=[{"Data": b"12345", "PartitionKey": each} for each in "ab"])
    metric = {"Namespace": "AWS/Kinesis", "Dimensions": [{"Name": "StreamName", "Value": "counted"}]}
    end = datetime.now(UTC) + timedelta(minutes=1)
    span = {"StartTime": end - timedelta(minutes=10), "EndTime": end, "Period": 600, "Statistics": ["Sum"]}
    get = own.client("cloudwatch").get_metric_statistics
    names = ("IncomingRecords", "IncomingBytes")
    found = [get(MetricName=name, **metric, **span)["Datapoints"] for name in names]
    return [sum(point["Sum"] for point in points) for points in found] == [2, 10]


def an_alarm_under_a_key_that_does_not_let_cloudwatch_in_is_silent(local):
    """A topic under a key is told of an alarm only where the key's policy lets CloudWatch use it."""
    own = Account(local, A)
    root = {"Principal": {"AWS": f"arn:aws:iam::{A}:root"}, "Action": "kms:*", "Resource": "*"}
    key = own.client("kms").create_key(Policy=document(root))["KeyMetadata"]["Arn"]
    topic = own.client("sns").create_topic(Name="under-a-key", Attributes={"KmsMasterKeyId": key})["TopicArn"]
    an_alarm(local, "under-a-key", AlarmActions=[topic])
    cloudwatch = own.client("cloudwatch")
    cloudwatch.set_alarm_state(AlarmName="under-a-key", StateValue="ALARM", StateReason="for a test")
    found = cloudwatch.describe_alarm_history(AlarmName="under-a-key")["AlarmHistoryItems"]
    return any(
        "does not have authorization to access the SNS topic encryption key" in e["HistorySummary"] for e in found
    )


def a_query_is_kept_under_its_name(local):
    """A saved query of CloudWatch Logs is there until it is deleted."""
    logs = Account(local, A).client("logs")
    try:
        made = logs.put_query_definition(name="lake/q", queryString="limit 1", logGroupNames=["g"])
    except ClientError:
        return False
    identity = {"queryDefinitionId": made["queryDefinitionId"]}
    kept = logs.describe_query_definitions(queryDefinitionNamePrefix="lake/")["queryDefinitions"]
    logs.put_query_definition(name="lake/q", queryString="limit 2", **identity)
    changed = logs.describe_query_definitions()["queryDefinitions"]
    logs.delete_query_definition(**identity)
    left = logs.describe_query_definitions()["queryDefinitions"]
    return [each["queryString"] for each in (*kept, *changed, *left)] == ["limit 1", "limit 2"]


SCENARIOS = {
    "answer_the_query_protocol_as_the_json_protocol": an_alarm_is_told_whole,
    "keep_all_members_of_alarms": an_alarm_on_queries_keeps_them,
    "evaluate_alarms_in_the_background": an_alarm_treats_missing_data,
    "extract_embedded_metrics": a_log_line_becomes_metrics,
    "publish_the_age_of_iterators": a_read_has_an_age,
    "publish_what_comes_in": what_comes_in_is_counted,
    "ask_topics_and_their_keys": an_alarm_under_a_key_that_does_not_let_cloudwatch_in_is_silent,
    "keep_query_definitions": a_query_is_kept_under_its_name,
}
WITHOUT_SCENARIO = {"keep_metrics_merged_and_for_a_limited_time": "changes how much room metrics take, and no answer"}


@pytest.mark.parametrize("correction", SCENARIOS)
def test_the_corrected_emulator_does_what_cloudwatch_does(corrected, correction):
    assert SCENARIOS[correction](corrected)


@pytest.mark.parametrize("correction", SCENARIOS)
def test_the_emulator_still_needs_the_correction(uncorrected, correction):
    assert not SCENARIOS[correction](uncorrected), (
        "the emulator does what AWS does by itself now: "
        f"remove the correction {correction} from tools/localaws/emulator, and its scenario here"
    )


def test_every_correction_of_cloudwatch_has_a_scenario_or_a_reason_to_have_none():
    corrections = (
        *cloudwatch.CORRECTIONS,
        *stream_metrics.CORRECTIONS,
        alarm_actions.ask_topics_and_their_keys,
        query_definitions.keep_query_definitions,
    )
    assert {correct.__name__ for correct in corrections} == SCENARIOS.keys() | WITHOUT_SCENARIO.keys()
