from __future__ import annotations

import json

import pytest

from lake_transform import report
from tools.localaws.emulator import embedded_metrics

DIRECTIVE = {
    "Namespace": "N",
    "Dimensions": [["Stream"], ["Stream", "Table"], []],
    "Metrics": [{"Name": "Rows", "Unit": "Count"}, {"Name": "Late", "StorageResolution": 1}],
}
DOCUMENT = {
    "_aws": {"Timestamp": 1_700_000_000_500, "CloudWatchMetrics": [DIRECTIVE]},
    "Stream": "orders",
    "Table": "t",
    "Rows": [1, 2.5, 1],
    "Late": 7,
    "message": "ours",
}


def read(**changes):
    return embedded_metrics.read(json.dumps({**DOCUMENT, **changes}))


def in_directive(**changes):
    return {"_aws": {**DOCUMENT["_aws"], "CloudWatchMetrics": [{**DIRECTIVE, **changes}]}}


def test_each_metric_is_told_for_each_set_of_dimensions_with_unit_resolution_and_all_values():
    found = read()
    stream, table = {"Name": "Stream", "Value": "orders"}, {"Name": "Table", "Value": "t"}
    assert [(namespace, datum["MetricName"], datum["Dimensions"]) for namespace, datum in found] == [
        ("N", name, dimensions) for name in ("Rows", "Late") for dimensions in ([stream], [stream, table], [])
    ]
    rows, late = found[0][1], found[3][1]
    assert (rows["Unit"], rows["StorageResolution"], rows["Values"]) == ("Count", 60, [1, 2.5, 1])
    assert (late["Unit"], late["StorageResolution"], late["Values"]) == ("None", 1, [7])
    assert {datum["Timestamp"] for _, datum in found} == {1_700_000_000.5}


@pytest.mark.parametrize(
    "changes",
    [
        {"_aws": {"CloudWatchMetrics": [DIRECTIVE]}},
        {"_aws": {"Timestamp": 1}},
        {"_aws": {"Timestamp": "now", "CloudWatchMetrics": [DIRECTIVE]}},
        {"_aws": None},
        {"Stream": 7},
        in_directive(Namespace=None, Metrics=None),
        in_directive(Dimensions=[["nowhere"]]),
        in_directive(Dimensions=7),
        in_directive(Dimensions=[["Stream"] * 31]),
        {"Rows": "many", "Late": None},
        {"Rows": True, "Late": [1] * 101},
        {"Rows": [], "Late": [1, "2"]},
    ],
    ids=str,
)
def test_what_breaks_the_format_is_left_out(changes):
    assert read(**changes) == []


@pytest.mark.parametrize(
    "line", ["", "START RequestId: 1", '{"_aws": ', '{"level": "_aws"}', "[" * 5000, '{"a": "_aws"}x']
)
def test_other_lines_have_no_metrics(line):
    assert embedded_metrics.read(line) == []


def test_one_broken_metric_does_not_take_the_others_with_it():
    assert [datum["MetricName"] for _, datum in read(Rows="many")] == ["Late"] * 3


def test_the_functions_own_line_is_read():
    shapes = type("Shapes", (), {"columns_at_most": 5, "new_columns": 2})()
    line = report.log_line(
        [],
        shapes=shapes,
        event={"deliveryStreamArn": "arn:aws:firehose:eu-west-1:111122223333:deliverystream/orders"},
        level="INFO",
        milliseconds_now=1_700_000_000_000,
        milliseconds_taken=1.0,
    )
    found = embedded_metrics.read(line.decode())
    assert [datum["MetricName"] for _, datum in found] == list(report.METRICS)
    assert {namespace for namespace, _ in found} == {report.NAMESPACE}
    assert found[0][1]["Dimensions"] == [{"Name": "DeliveryStream", "Value": "orders"}]
