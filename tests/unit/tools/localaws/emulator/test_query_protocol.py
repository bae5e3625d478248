from __future__ import annotations

import botocore.session
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from tools.localaws.emulator import query_protocol

CLOUDWATCH = botocore.session.get_session().get_service_model("cloudwatch")
ALARM = {
    "AlarmName": "late",
    "AlarmDescription": 'a <b> & "c"',
    "ActionsEnabled": False,
    "AlarmActions": [f"arn:aws:sns:us-east-1:111111111111:topic-{number}" for number in range(12)],
    "Dimensions": [{"Name": "DeliveryStreamName", "Value": "orders"}, {"Name": "Other", "Value": "x"}],
    "ComparisonOperator": "GreaterThanThreshold",
    "EvaluationPeriods": 3,
    "Metrics": [
        {
            "Id": "read",
            "ReturnData": False,
            "MetricStat": {
                "Metric": {"Namespace": "N", "MetricName": "M", "Dimensions": [{"Name": "D", "Value": "60"}]},
                "Period": 60,
                "Stat": "Sum",
            },
        }
    ],
}


def sent(operation, **members):
    """Returns the form that boto3 sends."""
    serializer = create_serializer("query")
    body = serializer.serialize_to_request(members, CLOUDWATCH.operation_model(operation))["body"]
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in body.items()}


def received(operation, body):
    """Returns what boto3 makes of a response."""
    shape = CLOUDWATCH.operation_model(operation).output_shape
    answer = create_parser("query").parse({"status_code": 200, "headers": {}, "body": body}, shape)
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def test_what_a_client_sends_is_what_the_json_protocol_would_have():
    assert query_protocol.read(sent("PutMetricAlarm", **ALARM)) == ALARM


def test_an_empty_list_is_as_if_it_was_not_set():
    assert query_protocol.read(sent("DescribeAlarms", AlarmNamePrefix="a", AlarmNames=[])) == {"AlarmNamePrefix": "a"}


def test_what_is_answered_is_what_a_client_reads():
    answer = {"MetricAlarms": [{**ALARM, "Unit": None, "Threshold": 1.5, "OKActions": []}]}
    body = query_protocol.write("DescribeAlarms", answer, "id")
    (alarm,) = received("DescribeAlarms", body)["MetricAlarms"]
    assert alarm == {**ALARM, "Threshold": 1.5, "OKActions": []}


def test_times_and_percentiles_are_read_back():
    point = {"Timestamp": 1_700_000_000, "Sum": 2.0, "ExtendedStatistics": {"p90": 7.5}}
    body = query_protocol.write("GetMetricStatistics", {"Datapoints": [point]}, "id")
    assert b"<Timestamp>2023-11-14T22:13:20Z</Timestamp>" in body
    (read,) = received("GetMetricStatistics", body)["Datapoints"]
    assert read["Timestamp"].timestamp() == point["Timestamp"]
    assert read["ExtendedStatistics"] == {"p90": 7.5}
    body = query_protocol.write("GetMetricData", {"MetricDataResults": [{"Timestamps": [1_700_000_000]}]}, "id")
    assert b"<member>2023-11-14T22:13:20Z</member>" in body
    (result,) = received("GetMetricData", body)["MetricDataResults"]
    assert [each.timestamp() for each in result["Timestamps"]] == [1_700_000_000]
