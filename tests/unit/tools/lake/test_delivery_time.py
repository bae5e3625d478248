from __future__ import annotations

import pytest

from tools.lake import delivery_time


class Firehose:
    def __init__(self, *parameters):
        self._processors = [{"Parameters": [{"ParameterName": n, "ParameterValue": v} for n, v in parameters]}]

    def describe_delivery_stream(self, *, DeliveryStreamName):  # noqa: N803  # boto3's names
        assert DeliveryStreamName == "orders"
        destination = {
            "BufferingHints": {"IntervalInSeconds": 120},
            "ProcessingConfiguration": {"Processors": self._processors},
        }
        return {"DeliveryStreamDescription": {"Destinations": [{"ExtendedS3DestinationDescription": destination}]}}


@pytest.mark.parametrize(
    ("parameters", "seconds"), [([], 180), ([("BufferSizeInMBs", "1"), ("BufferIntervalInSeconds", "5")], 125)]
)
def test_both_buffers_count_and_the_processors_has_a_default(parameters, seconds):
    assert delivery_time.buffering_seconds(Firehose(*parameters), "orders") == seconds
