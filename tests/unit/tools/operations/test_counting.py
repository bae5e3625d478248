from __future__ import annotations

from datetime import UTC, datetime

from tools.deployments.outputs import Table
from tools.operations import counting

NOW = datetime(2026, 1, 31, 7, 30, tzinfo=UTC)
TABLE = Table("d-stream", "role", "data/t/", "errors/t/", stream_name="k-stream")


class Metrics:
    def __init__(self, **values):
        self._values, self.asked = values, set()

    def get_metric_statistics(self, **request):
        (dimension,) = request["Dimensions"]
        self.asked.add((request["Namespace"], dimension["Name"], dimension["Value"]))
        assert (request["StartTime"].hour, request["EndTime"].hour, request["Period"]) == (4, 6, 3600)
        value = self._values.get(request["MetricName"].replace(".", "_"))
        points = [{"Timestamp": request["StartTime"], "Sum": float(value)}] if value is not None else []
        return {"Datapoints": points}


def test_the_hours_that_are_surely_over_are_told_with_what_went_in_and_came_out():
    metrics = Metrics(RecordsOk=5, RecordsFailed=1, RecordsDropped=2, DeliveryToS3_Records=5)

    first, second = counting.hours(metrics, TABLE, 2, NOW)

    assert (first.hour, first.written, first.answered, first.delivered) == ("2026-01-31 04:00", None, 8, 5)
    assert (second.hour, second.answered, second.delivered) == ("2026-01-31 05:00", 0, 0)
    assert metrics.asked == {
        ("AWS/Kinesis", "StreamName", "k-stream"),
        ("AWS/Firehose", "DeliveryStreamName", "d-stream"),
        ("DynamoToLake", "DeliveryStream", "d-stream"),
    }
    assert list(counting.lines([first]))[1].split() == ["2026-01-31", "04:00", "-", "-", "8", "1", "2", "5"]
