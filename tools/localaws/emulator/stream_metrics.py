"""Publishes the metrics of Kinesis streams: what comes in, and how far each read is behind.

Source: Amazon Kinesis Data Streams Developer Guide, "Monitor the Amazon Kinesis Data Streams service with Amazon
CloudWatch", basic stream-level metrics.
"""

from __future__ import annotations

import base64
import importlib
import re
from typing import TYPE_CHECKING, Any, Final

from tools.localaws.emulator import cloudwatch
from tools.localaws.emulator.corrections import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Response = tuple[int, dict[str, str], bytes]

_AGE: Final = re.compile(rb'"MillisBehindLatest": ?(\d+)')


def publish_the_age_of_iterators() -> None:
    """Publishes how far each read of a stream is behind."""
    original: Callable[..., Response]

    def get_records(data: dict[str, Any]) -> Response:
        iterator = importlib.import_module("ministack.services.kinesis")._shard_iterators.get(data.get("ShardIterator"))
        response = original(data)
        age = _AGE.search(response[2][-100:])
        if iterator and age:
            _publish(iterator["stream"], "GetRecords.IteratorAgeMilliseconds", "Milliseconds", [int(age[1])])
        return response

    original = replace("services.kinesis", "_get_records", get_records)


def publish_what_comes_in() -> None:
    """Publishes how many records are put to a stream, and their bytes: by clients, and by DynamoDB."""
    put_record: Callable[..., Response]
    put_records: Callable[..., Response]
    put_internally: Callable[[str, str, bytes], bool]

    def put_one(data: dict[str, Any]) -> Response:
        response = put_record(data)
        _publish_records(data, [data], response)
        return response

    def put_many(data: dict[str, Any]) -> Response:
        response = put_records(data)
        _publish_records(data, data.get("Records", []), response)
        return response

    def put_by_a_service(stream_arn: str, partition_key: str, data: bytes) -> bool:
        is_put = put_internally(stream_arn, partition_key, data)
        if is_put:
            _publish_sizes(stream_arn.rpartition("/")[2], [len(data)])
        return is_put

    put_record = replace("services.kinesis", "_put_record", put_one)
    put_records = replace("services.kinesis", "_put_records", put_many)
    put_internally = replace("services.kinesis", "put_record_internal", put_by_a_service)


def _publish_records(data: dict[str, Any], records: Sequence[dict[str, Any]], response: Response) -> None:
    if response[0] == 200:
        name = data.get("StreamName") or str(data.get("StreamARN")).rpartition("/")[2]
        _publish_sizes(name, [len(base64.b64decode(record.get("Data", ""))) for record in records])


def _publish_sizes(stream: str, sizes: Sequence[int]) -> None:
    _publish(stream, "IncomingRecords", "Count", [1] * len(sizes))
    _publish(stream, "IncomingBytes", "Bytes", sizes)


def _publish(stream: str, name: str, unit: str, values: Sequence[int]) -> None:
    dimensions = [{"Name": "StreamName", "Value": stream}]
    cloudwatch.store("AWS/Kinesis", {"MetricName": name, "Dimensions": dimensions, "Unit": unit, "Values": values})


CORRECTIONS: Final[tuple[Callable[[], None], ...]] = (publish_the_age_of_iterators, publish_what_comes_in)
