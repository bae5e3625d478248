from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from tools.localaws.firehose.interfaces import BlockedError
from tools.localaws.firehose.reporting import StreamReporter


class Group:
    def __init__(self):
        self.entries = []
        self.now = 1_000.0
        self.clock_set_by = 0.0

    def put(self, now, entry):
        self.entries.append((now, entry))


@pytest.fixture
def group():
    return Group()


@pytest.fixture
def reporter(stream, group):
    return StreamReporter(stream, group.put, lambda: group.now + group.clock_set_by, lambda: group.now)


def test_an_error_is_one_line_in_the_log_and_an_entry_as_firehose_writes_it(reporter, group, stream, caplog):
    with caplog.at_level(logging.ERROR, "delivery"):
        reporter.report_error("S3.AccessDenied", "s3:PutObject denied on lake")
    assert [entry.getMessage() for entry in caplog.records] == [
        "blog-delivery-stream (account 111111111111): S3.AccessDenied: s3:PutObject denied on lake"
    ]
    assert group.entries == [
        (
            1_000.0,
            {
                "deliveryStreamARN": stream.arn,
                "destination": "arn:aws:s3:::lake",
                "deliveryStreamVersionId": 1,
                "message": "s3:PutObject denied on lake",
                "errorCode": "S3.AccessDenied",
            },
        )
    ]


def test_an_error_with_the_same_code_is_reported_once_in_half_a_minute(reporter, group):
    for second in range(61):
        group.now = 1_000.0 + second
        reporter.report_error("S3.AccessDenied", f"denied on object {second}")
    assert [now for now, _ in group.entries] == [1_000.0, 1_030.0, 1_060.0]
    assert reporter.last_error == "S3.AccessDenied: denied on object 60"


def test_a_clock_that_is_set_changes_the_entries_and_not_how_often_they_come(reporter, group):
    for second in range(61):
        group.now = 1_000.0 + second
        group.clock_set_by = (0.0, -60.0, 60.0)[second % 3]
        reporter.report_error("S3.AccessDenied", "denied")
    assert [now - 1_000.0 for now, _ in group.entries] == [0.0, 30.0, 60.0]
    group.now, group.clock_set_by = 1_100.0, -60.0
    reporter.report_error("S3.AccessDenied", "denied")
    assert reporter.last_error_at == group.entries[-1][0] == 1_040.0


def test_an_error_with_another_code_is_reported_at_once(reporter, group):
    reporter.report_error("S3.AccessDenied", "x")
    reporter.report_error("Lambda.InvokeAccessDenied", "y", "arn:fn")
    assert [entry["errorCode"] for _, entry in group.entries] == ["S3.AccessDenied", "Lambda.InvokeAccessDenied"]
    assert group.entries[1][1]["processor"] == "arn:fn"


def test_a_log_group_that_cannot_be_written_does_not_stop_delivery(stream, caplog):
    def denied(_now, _entry):
        raise BlockedError("Service.AccessDenied", "logs:PutLogEvents denied")

    reporter = StreamReporter(replace(stream), denied, lambda: 1.0, lambda: 1.0)
    with caplog.at_level(logging.WARNING, "delivery"):
        reporter.report_error("S3.AccessDenied", "x")
    assert "cannot write to its log group: logs:PutLogEvents denied" in caplog.text
