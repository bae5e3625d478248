from __future__ import annotations

import copy
from datetime import UTC, datetime

import pytest

from tools.localaws.firehose.configuration import MIB, NotSupportedError, parse

DESCRIPTION = {
    "DeliveryStreamName": "blog-delivery-stream",
    "DeliveryStreamARN": "arn:aws:firehose:eu-west-1:111111111111:deliverystream/blog-delivery-stream",
    "DeliveryStreamStatus": "ACTIVE",
    "VersionId": "2",
    "CreateTimestamp": datetime(2026, 1, 1, tzinfo=UTC),
    "Source": {"KinesisStreamSourceDescription": {"KinesisStreamARN": "arn:stream", "RoleARN": "arn:source-role"}},
    "Destinations": [
        {
            "ExtendedS3DestinationDescription": {
                "RoleARN": "arn:role",
                "BucketARN": "arn:aws:s3:::lake",
                "Prefix": "data/",
                "ProcessingConfiguration": {
                    "Enabled": True,
                    "Processors": [
                        {"Type": "Lambda", "Parameters": [{"ParameterName": "LambdaArn", "ParameterValue": "arn:fn"}]}
                    ],
                },
            }
        }
    ],
}


@pytest.fixture
def description():
    return copy.deepcopy(DESCRIPTION)


def s3(description):
    return description["Destinations"][0]["ExtendedS3DestinationDescription"]


def test_defaults_are_those_of_firehose(description):
    stream = parse(description)
    assert stream.region == "eu-west-1"
    assert stream.account_id == "111111111111"
    assert stream.created == stream.starts == 1_767_225_600.0
    assert stream.processor.retries == 3
    assert (stream.processor.buffer_bytes, stream.processor.buffer_seconds) == (MIB, 60.0)
    assert stream.processor.role_arn == "arn:role"
    assert (stream.destination.buffer_bytes, stream.destination.buffer_seconds) == (5 * MIB, 300.0)
    assert (stream.destination.bucket, stream.destination.extension) == ("lake", "")
    assert stream.destination.kms_key_arn is None


def test_what_is_configured_counts(description):
    s3(description).update(
        BufferingHints={"SizeInMBs": 64, "IntervalInSeconds": 0},
        CompressionFormat="GZIP",
        CustomTimeZone="Europe/Rome",
        EncryptionConfiguration={"KMSEncryptionConfig": {"AWSKMSKeyARN": "arn:key"}},
        CloudWatchLoggingOptions={"Enabled": True, "LogGroupName": "g", "LogStreamName": "s"},
    )
    parameters = {"LambdaArn": "arn:fn", "NumberOfRetries": "1", "BufferSizeInMBs": "0.2", "RoleArn": "arn:other"}
    s3(description)["ProcessingConfiguration"]["Processors"][0]["Parameters"] = [
        {"ParameterName": name, "ParameterValue": value} for name, value in parameters.items()
    ]
    stream = parse(description)
    assert (stream.destination.buffer_bytes, stream.destination.buffer_seconds) == (64 * MIB, 0.0)
    assert (stream.destination.extension, stream.destination.time_zone) == (".gz", "Europe/Rome")
    assert (stream.destination.kms_key_arn, stream.destination.log_group) == ("arn:key", "g")
    assert (stream.processor.retries, stream.processor.buffer_bytes) == (1, int(0.2 * MIB))
    assert stream.processor.role_arn == "arn:other"


def test_a_disabled_function_and_disabled_logging_are_not_used(description):
    s3(description)["ProcessingConfiguration"]["Enabled"] = False
    s3(description)["CloudWatchLoggingOptions"] = {"Enabled": False, "LogGroupName": "g", "LogStreamName": "s"}
    stream = parse(description)
    assert stream.processor is None
    assert stream.destination.log_group is None


def test_a_delivery_stream_without_a_kinesis_source_is_left_alone(description):
    del description["Source"]
    assert parse(description) is None


@pytest.mark.parametrize(
    ("setting", "named"),
    [
        ({"DynamicPartitioningConfiguration": {"Enabled": True}}, "DynamicPartitioning"),
        ({"DataFormatConversionConfiguration": {"Enabled": True}}, "DataFormatConversion"),
        ({"S3BackupMode": "Enabled"}, "S3BackupMode"),
        ({"CompressionFormat": "Snappy"}, "Snappy"),
        ({"Prefix": "!{partitionKeyFromQuery:id}/"}, "partitionKeyFromQuery"),
        (
            {"ProcessingConfiguration": {"Enabled": True, "Processors": [{"Type": "MetadataExtraction"}]}},
            "MetadataExtraction",
        ),
    ],
)
def test_what_is_not_imitated_is_refused_by_name(description, setting, named):
    s3(description).update(setting)
    with pytest.raises(NotSupportedError, match=named):
        parse(description)


def test_a_delivery_stream_made_again_is_another_one(description):
    before = parse(description)
    description["CreateTimestamp"] = datetime(2026, 1, 2, tzinfo=UTC)
    assert parse(description).identity != before.identity
