"""The configuration of a delivery stream, read from Firehose's DescribeDeliveryStream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tools.localaws.firehose.object_names import check_expressions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

MIB: Final = 1024 * 1024

_LAMBDA_DEFAULTS: Final = {"NumberOfRetries": "3", "BufferSizeInMBs": "1", "BufferIntervalInSeconds": "60"}
_S3_DEFAULTS: Final = {"SizeInMBs": 5, "IntervalInSeconds": 300}
_EXTENSIONS: Final = {"UNCOMPRESSED": "", "GZIP": ".gz", "ZIP": ".zip"}


class NotSupportedError(Exception):
    """The delivery stream asks for something that local AWS does not imitate; the message names it."""


@dataclass(frozen=True)
class Processor:
    """The function that transforms records; sizes in bytes, times in seconds."""

    lambda_arn: str
    role_arn: str
    retries: int
    buffer_bytes: int
    buffer_seconds: float


@dataclass(frozen=True)
class Destination:
    """The bucket that records go to; sizes in bytes, times in seconds."""

    bucket: str
    role_arn: str
    prefix: str
    error_prefix: str
    time_zone: str
    buffer_bytes: int
    buffer_seconds: float
    compression: str
    extension: str
    kms_key_arn: str | None
    log_group: str | None
    log_stream: str | None


@dataclass(frozen=True)
class DeliveryStream:
    """One delivery stream with a Kinesis source. `created` and `starts` are seconds since the epoch."""

    account_id: str
    arn: str
    name: str
    version: str
    created: float
    starts: float
    source_arn: str
    source_role_arn: str
    destination: Destination
    processor: Processor | None
    append_delimiter: bool

    @property
    def region(self) -> str:
        """The Region that the delivery stream lives in."""
        return self.arn.split(":")[3]

    @property
    def identity(self) -> tuple[str, float]:
        """Tells this delivery stream from a later one with the same name."""
        return self.arn, self.created

    @property
    def role_arns(self) -> frozenset[str]:
        """The roles that it acts as."""
        processor = {self.processor.role_arn} if self.processor else set()
        return frozenset({self.source_role_arn, self.destination.role_arn, *processor})


def parse(description: Mapping[str, Any]) -> DeliveryStream | None:
    """Returns the delivery stream that a DeliveryStreamDescription describes; None where the source is not Kinesis.

    Raises:
        NotSupportedError: it asks for a feature that is not imitated.
    """
    source = description.get("Source", {}).get("KinesisStreamSourceDescription")
    if source is None:
        return None
    destinations = description.get("Destinations") or [{}]
    s3 = destinations[0].get("ExtendedS3DestinationDescription")
    if s3 is None:
        raise NotSupportedError("a destination other than extended_s3")
    for feature in ("DynamicPartitioningConfiguration", "DataFormatConversionConfiguration"):
        if s3.get(feature, {}).get("Enabled"):
            raise NotSupportedError(feature.removesuffix("Configuration"))
    if s3.get("S3BackupMode", "Disabled") != "Disabled":
        raise NotSupportedError("S3BackupMode Enabled")
    processor, append_delimiter = _processing(s3)
    created = _seconds(description["CreateTimestamp"])
    return DeliveryStream(
        account_id=description["DeliveryStreamARN"].split(":")[4],
        arn=description["DeliveryStreamARN"],
        name=description["DeliveryStreamName"],
        version=description["VersionId"],
        created=created,
        starts=_seconds(source.get("DeliveryStartTimestamp", created)),
        source_arn=source["KinesisStreamARN"],
        source_role_arn=source["RoleARN"],
        destination=_destination(s3),
        processor=processor,
        append_delimiter=append_delimiter,
    )


def _destination(s3: Mapping[str, Any]) -> Destination:
    hints = {**_S3_DEFAULTS, **(s3.get("BufferingHints") or {})}
    compression = s3.get("CompressionFormat") or "UNCOMPRESSED"
    if compression not in _EXTENSIONS:
        raise NotSupportedError(f"CompressionFormat {compression}")
    logging = s3.get("CloudWatchLoggingOptions") or {}
    enabled = bool(logging.get("Enabled"))
    prefix, error_prefix = s3.get("Prefix") or "", s3.get("ErrorOutputPrefix") or ""
    try:
        check_expressions(prefix)
        check_expressions(error_prefix)
    except ValueError as error:
        raise NotSupportedError(str(error)) from None
    return Destination(
        bucket=s3["BucketARN"].rpartition(":")[2],
        role_arn=s3["RoleARN"],
        prefix=prefix,
        error_prefix=error_prefix,
        time_zone=s3.get("CustomTimeZone") or "UTC",
        buffer_bytes=int(hints["SizeInMBs"]) * MIB,
        buffer_seconds=float(hints["IntervalInSeconds"]),
        compression=compression,
        extension=s3.get("FileExtension") or _EXTENSIONS[compression],
        kms_key_arn=(s3.get("EncryptionConfiguration") or {}).get("KMSEncryptionConfig", {}).get("AWSKMSKeyARN"),
        log_group=logging.get("LogGroupName") if enabled else None,
        log_stream=logging.get("LogStreamName") if enabled else None,
    )


def _processing(s3: Mapping[str, Any]) -> tuple[Processor | None, bool]:
    configuration = s3.get("ProcessingConfiguration") or {}
    processor, append_delimiter = None, False
    for each in configuration.get("Processors") or [] if configuration.get("Enabled") else []:
        parameters = {entry["ParameterName"]: entry["ParameterValue"] for entry in each.get("Parameters") or []}
        if each["Type"] == "Lambda":
            parameters = {**_LAMBDA_DEFAULTS, **parameters}
            processor = Processor(
                lambda_arn=parameters["LambdaArn"],
                role_arn=parameters.get("RoleArn") or s3["RoleARN"],
                retries=int(parameters["NumberOfRetries"]),
                buffer_bytes=int(float(parameters["BufferSizeInMBs"]) * MIB),
                buffer_seconds=float(parameters["BufferIntervalInSeconds"]),
            )
        elif each["Type"] == "AppendDelimiterToRecord":
            append_delimiter = True
        else:
            raise NotSupportedError(f"processor {each['Type']}")
    return processor, append_delimiter


def _seconds(time: datetime | float) -> float:
    return float(time) if isinstance(time, (int, float)) else time.timestamp()
