from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.tools.aws_answers import failed
from tools.errors import LakeError
from tools.operations import lake_progress


class Metrics:
    def __init__(self, *milliseconds, error=None):
        self._points = [
            {"Timestamp": datetime(2026, 1, 31, 5, minute, tzinfo=UTC), "Maximum": float(value)}
            for minute, value in enumerate(milliseconds)
        ]
        self._error = error

    def get_metric_statistics(self, **request):
        if self._error:
            raise self._error
        assert (request["Namespace"], request["MetricName"]) == ("AWS/Firehose", "KinesisMillisBehindLatest")
        return {"Datapoints": self._points[::-1]}


def test_how_far_delivery_is_behind_is_what_the_newest_metric_says():
    assert lake_progress.behind_latest(Metrics(90_000, 1_500), "orders") == timedelta(seconds=1.5)
    assert lake_progress.behind_latest(Metrics(), "orders") == timedelta()


def test_where_it_cannot_be_seen_nothing_is_said():
    closed = Metrics(error=failed("GetMetricStatistics", 403, "AccessDenied"))

    with pytest.raises(LakeError, match="it cannot be seen how far orders is behind"):
        lake_progress.behind_latest(closed, "orders")
