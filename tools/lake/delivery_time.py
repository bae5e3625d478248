"""How long a change takes to the lake at most, while nothing is stuck."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mypy_boto3_firehose import FirehoseClient

SPARE_SECONDS: Final = 180
"""Time that AWS may take on top of both buffers: polling the stream, the function, retries."""

DEFAULT_PROCESSOR_SECONDS: Final = 60
"""Buffering of the processor where none is set (AWS documentation: "ProcessorParameter")."""


def buffering_seconds(firehose: FirehoseClient, name: str) -> int:
    """Returns how long both buffers of a delivery stream hold a record at most, in seconds."""
    described = firehose.describe_delivery_stream(DeliveryStreamName=name)
    destination = described["DeliveryStreamDescription"]["Destinations"][0]["ExtendedS3DestinationDescription"]
    hints = [
        int(parameter["ParameterValue"])
        for processor in destination.get("ProcessingConfiguration", {}).get("Processors", ())
        for parameter in processor.get("Parameters", ())
        if parameter["ParameterName"] == "BufferIntervalInSeconds"
    ]
    return (hints[0] if hints else DEFAULT_PROCESSOR_SECONDS) + int(destination["BufferingHints"]["IntervalInSeconds"])
