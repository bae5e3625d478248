"""The log line of a batch: metrics for CloudWatch, failures for people, nothing of any record."""

from __future__ import annotations

import json

import pytest

from lake_transform import report
from lake_transform.response import OVER_LIMIT, Outcome
from lake_transform.shapes import Shapes

_EVENT = {"invocationId": "i-1", "deliveryStreamArn": "arn:aws:firehose:eu-west-1:111122223333:deliverystream/orders"}
_OUTCOMES = [
    Outcome("1", "Ok", "line", "original", None, 0),
    Outcome("2", "Ok", "line", "original", None, 3),
    Outcome("3", "Dropped", "", "original", None, 1),
    Outcome("4", "ProcessingFailed", "original", "original", "bad"),
    Outcome("5", "ProcessingFailed", "original", "original", "bad"),
    Outcome("6", "ProcessingFailed", "", "original", OVER_LIMIT, 2),
]


def _shapes(*rows):
    shapes = Shapes()
    for row in rows:
        shapes.add_row(row)
    return shapes


def _line(outcomes, level="INFO", event=_EVENT, **more):
    data = report.log_line(
        outcomes,
        shapes=more.pop("shapes", Shapes()),
        event=event,
        level=level,
        milliseconds_now=1_700_000_000_000,
        milliseconds_taken=12.345,
        **more,
    )
    assert data.endswith(b"\n")
    assert data.count(b"\n") == 1
    return json.loads(data)


def test_the_line_is_a_document_of_the_embedded_metric_format():
    line = _line(_OUTCOMES, shapes=_shapes({"a": 1, "b": 2, "c": 3}, {"a": 1, "d": 2}))
    (directive,) = line["_aws"]["CloudWatchMetrics"]

    assert line["_aws"]["Timestamp"] == 1_700_000_000_000
    assert directive["Namespace"] == "DynamoToLake"
    assert directive["Dimensions"] == [["DeliveryStream"]]
    assert line["DeliveryStream"] == "orders"
    assert {metric["Name"]: line[metric["Name"]] for metric in directive["Metrics"]} == {
        "RecordsOk": 2,
        "RecordsDropped": 1,
        "RecordsFailed": 3,
        "RecordsOverResponseLimit": 1,
        "RecordsWithOverflow": 3,
        "OverflowColumns": 6,
        "ColumnsAtMost": 3,
        "NewColumns": 4,
    }
    assert {metric["Unit"] for metric in directive["Metrics"]} == {"Count"}


def test_of_columns_the_line_tells_numbers_and_no_names():
    line = _line(_OUTCOMES, "DEBUG", shapes=_shapes({"s3cr3t": 1}))

    assert "s3cr3t" not in json.dumps(line)


def test_failures_are_listed_by_reason():
    line = _line(_OUTCOMES)

    assert line["failures"] == {"bad": ["4", "5"], OVER_LIMIT: ["6"]}
    assert (line["level"], line["invocationId"], line["milliseconds"]) == ("WARNING", "i-1", 12.3)


def test_the_sizes_of_the_data_are_told_as_it_came_and_as_it_is_answered():
    line = _line(_OUTCOMES)

    assert line["bytesReceived"] == 6 * len("original")
    assert line["bytesAnswered"] == 2 * len("line") + 2 * len("original")


def test_a_clean_batch_still_has_its_metrics():
    line = _line(_OUTCOMES[:2])

    assert (line["level"], line["RecordsFailed"], "failures" in line) == ("INFO", 0, False)


@pytest.mark.parametrize(
    ("level", "members"),
    [
        ("DEBUG", {"failures", "invocationId", "milliseconds", "bytesReceived", "bytesAnswered"}),
        ("INFO", {"failures", "invocationId", "milliseconds", "bytesReceived", "bytesAnswered"}),
        ("WARNING", {"failures"}),
        ("ERROR", set()),
    ],
)
def test_the_level_decides_the_detail_and_never_the_metrics(level, members):
    line = _line(_OUTCOMES, level)

    assert {"failures", "invocationId", "milliseconds", "bytesReceived", "bytesAnswered"} & set(line) == members
    assert line["RecordsFailed"] == 3


def test_a_huge_batch_of_failures_stays_within_a_log_event():
    outcomes = [
        Outcome(f"{number:056d}", "ProcessingFailed", "", "", f"reason {number % 7}") for number in range(20_000)
    ]
    line = _line(outcomes)

    assert sum(map(len, line["failures"].values())) == 1_000
    assert line["failuresNotListed"] == 19_000
    assert len(json.dumps(line)) < 256 * 1024


def test_records_without_an_id_are_counted():
    assert _line([], without_record_id=2)["recordsWithoutId"] == 2


@pytest.mark.parametrize("event", [{}, {"deliveryStreamArn": None, "invocationId": 7}, {"deliveryStreamArn": "\ud800"}])
def test_an_event_that_does_not_name_itself_is_reported_all_the_same(event):
    assert _line(_OUTCOMES, event=event)["RecordsOk"] == 2


def test_an_odd_record_id_is_reported_all_the_same():
    outcomes = [Outcome("\ud800" * 9, "ProcessingFailed", reason="bad"), Outcome(7, "ProcessingFailed", reason="bad")]

    assert _line(outcomes)["failures"] == {"bad": ["?" * 9, "7"]}


def test_the_number_of_failures_that_fit_is_listed_whole():
    outcomes = [Outcome(str(number), "ProcessingFailed", reason="bad") for number in range(1_000)]
    line = json.loads(_report(outcomes))

    assert len(line["failures"]["bad"]) == 1_000
    assert "failuresNotListed" not in line


def test_what_an_event_does_not_say_is_said_to_be_unknown():
    line = json.loads(_report([], event={"invocationId": "i" * 300}))

    assert line["DeliveryStream"] == "unknown"
    assert line["invocationId"] == "i" * 256
    assert json.loads(_report([], event={}))["invocationId"] == ""


def _report(outcomes, event=None):
    return report.log_line(
        outcomes, shapes=Shapes(), event=event or {}, level="INFO", milliseconds_now=0, milliseconds_taken=0
    )
