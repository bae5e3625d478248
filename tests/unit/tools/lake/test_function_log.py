from __future__ import annotations

import json

from tests.unit.tools.aws_answers import failed
from tools.lake import function_log

HOUR_MS = 3_600_000


def line(stream="orders", **failures):
    return json.dumps({"DeliveryStream": stream, "level": "WARNING", "failures": failures})


class Logs:
    """A log of two pages."""

    def __init__(self, *pages, error=None):
        self.pages, self.error, self.asked = pages, error, None

    def get_paginator(self, name):
        assert name == "filter_log_events"
        return self

    def paginate(self, **request):
        self.asked = request
        if self.error:
            raise self.error
        for page in self.pages:
            yield {"events": [{"timestamp": at, "message": message} for at, message in page]}


def test_reasons_of_an_invocation_are_read_from_the_end_of_its_log():
    tail = "\n".join(['n","7"]}}', "START RequestId: 1", line(poison=["0", "12"], other=["3"]), "END", "[1]"]).encode()

    assert function_log.reasons(tail) == {"0": "poison", "12": "poison", "3": "other"}
    assert function_log.reasons(b"\xff\n") == {}


def test_failures_are_counted_by_hour_and_reason_for_one_delivery_stream():
    logs = Logs(
        [(5, line(poison=["1", "2"])), (6, line("replay", poison=["1"])), (7, "text")],
        [(HOUR_MS, line(poison=["1"], other=["2"]))],
    )

    counted = function_log.failures_between(logs, "/aws/lambda/f", "orders", 5, HOUR_MS)

    assert counted == {("1970-01-01T00", "poison"): 2, ("1970-01-01T01", "poison"): 1, ("1970-01-01T01", "other"): 1}
    assert (logs.asked["startTime"], logs.asked["endTime"]) == (5, HOUR_MS + 1)


def test_a_log_that_cannot_be_read_explains_nothing():
    logs = Logs(error=failed("FilterLogEvents", 403, "AccessDenied"))

    assert function_log.failures_between(logs, "/aws/lambda/f", "orders", 0, 1) == {}


def test_of_a_very_long_log_the_first_part_counts(monkeypatch):
    monkeypatch.setattr(function_log, "_MOST_EVENTS", 3)
    logs = Logs(*([(number, line(poison=["1"]))] for number in range(9)))

    assert sum(function_log.failures_between(logs, "g", "orders", 0, 9).values()) == 3
