"""Kinesis, Lambda, S3 and CloudWatch Logs for one delivery stream, each called as the role in its configuration."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError, ReadTimeoutError

from tools.localaws.firehose.error_texts import describe
from tools.localaws.firehose.interfaces import BEGINNING, BlockedError, Page, Shard
from tools.localaws.firehose.records import Record
from tools.localaws.firehose.roles import ClientFactory, KeyUse
from tools.localaws.firehose.transformation import FailedInvocationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    from mypy_boto3_kinesis import KinesisClient
    from mypy_boto3_kinesis.type_defs import GetShardIteratorInputRequestTypeDef, ListShardsInputRequestTypeDef
    from mypy_boto3_s3.type_defs import PutObjectRequestRequestTypeDef

    from tools.localaws.firehose.configuration import DeliveryStream

_THROTTLED: Final = ("TooManyRequestsException", "ThrottlingException", "EC2ThrottledException")
_TRANSIENT: Final = ("ServiceException", "ServiceUnavailableException", "InternalFailure")


def _trust_context(stream: DeliveryStream) -> dict[str, str]:
    account = stream.account_id
    return {"sts:ExternalId": account, "aws:SourceAccount": account, "aws:SourceArn": stream.arn}


class KinesisSource:
    """The source stream, read as the source's role."""

    def __init__(self, clients: ClientFactory, stream: DeliveryStream) -> None:
        self._clients = clients
        self._stream = stream
        self._key_arn: str | None = None

    def shards(self) -> Sequence[Shard]:
        """See `interfaces.Source`."""
        arn = self._stream.source_arn
        client = self._client()
        with self._calling("kinesis:DescribeStream"):
            summary = client.describe_stream(StreamARN=arn, Limit=1)["StreamDescription"]
        self._key_arn = _key_arn(summary, arn)
        shards: list[Shard] = []
        request: ListShardsInputRequestTypeDef = {"StreamARN": arn}
        while True:
            with self._calling("kinesis:ListShards"):
                page = client.list_shards(**request)
            for each in page["Shards"]:
                parents = (each.get("ParentShardId"), each.get("AdjacentParentShardId"))
                hashes = each["HashKeyRange"]
                shards.append(
                    Shard(
                        each["ShardId"],
                        tuple(parent for parent in parents if parent),
                        int(hashes["StartingHashKey"]),
                        int(hashes["EndingHashKey"]),
                        "EndingSequenceNumber" in each["SequenceNumberRange"],
                    )
                )
            if not page.get("NextToken"):
                return shards
            request = {"NextToken": page["NextToken"]}

    def is_new(self, shard_id: str) -> bool:
        """See `interfaces.Source`."""
        page = self.read(shard_id, self.open(shard_id, BEGINNING), 1)
        first = next((record.arrival_ms for record in page.records), None)
        return page.behind_ms == 0 if first is None else first >= self._stream.starts * 1000

    def open(self, shard_id: str, after: str | None) -> str:
        """See `interfaces.Source`. A shard without a position is read from the time the delivery stream was created.

        AWS starts such a shard at its latest record. The worker sees a new delivery stream some seconds later, and
        would lose the records that were put in between.
        """
        request: GetShardIteratorInputRequestTypeDef = {
            "StreamARN": self._stream.source_arn,
            "ShardId": shard_id,
            "ShardIteratorType": "AT_TIMESTAMP",
        }
        if after == BEGINNING:
            request["ShardIteratorType"] = "TRIM_HORIZON"
        elif after is None:
            request["Timestamp"] = datetime.fromtimestamp(self._stream.starts, UTC)
        else:
            request["ShardIteratorType"] = "AFTER_SEQUENCE_NUMBER"
            request["StartingSequenceNumber"] = after
        client = self._client()
        with self._calling("kinesis:GetShardIterator"):
            return client.get_shard_iterator(**request)["ShardIterator"]

    def read(self, shard_id: str, iterator: str, limit: int) -> Page:
        """See `interfaces.Source`."""
        client = self._client()
        if self._key_arn:
            use = KeyUse("Decrypt", "kinesis", {"aws:kinesis:arn": self._stream.source_arn})
            self._clients.check_key(self._stream.source_role_arn, self._key_arn, use)
        with self._clients.reading(), self._calling("kinesis:GetRecords"):
            page = client.get_records(StreamARN=self._stream.source_arn, ShardIterator=iterator, Limit=limit)
        records = [
            Record(
                shard_id=shard_id,
                sequence_number=each["SequenceNumber"],
                partition_key=each["PartitionKey"],
                arrival_ms=round(each["ApproximateArrivalTimestamp"].timestamp() * 1000),
                data=each["Data"],
            )
            for each in page["Records"]
        ]
        return Page(records, page.get("NextShardIterator"), page.get("MillisBehindLatest", 0))

    def _client(self) -> KinesisClient:
        return self._clients.role(self._stream.source_role_arn, "kinesis", _trust_context(self._stream))

    def _calling(self, action: str) -> AbstractContextManager[None]:
        return self._clients.calling(self._stream.source_role_arn, action, self._stream.source_arn)


class LambdaFunction:
    """The function that transforms records, called as the processor's role."""

    def __init__(self, clients: ClientFactory, stream: DeliveryStream) -> None:
        self._clients = clients
        self._stream = stream

    def invoke(self, payload: bytes) -> tuple[bytes, str | None]:
        """See `interfaces.Function`."""
        processor = self._stream.processor
        if processor is None:
            raise BlockedError("Lambda.ResourceNotFound", "the delivery stream has no function any more")
        client = self._clients.role(processor.role_arn, "lambda", _trust_context(self._stream))
        with self._clients.calling(processor.role_arn, "lambda:InvokeFunction", processor.lambda_arn):
            try:
                answer = client.invoke(FunctionName=processor.lambda_arn, Payload=payload)
                return answer["Payload"].read(), answer.get("FunctionError")
            except ReadTimeoutError:
                raise FailedInvocationError("Lambda.FunctionTimedOut", "the function did not answer in time") from None
            except ClientError as error:
                code = error.response.get("Error", {}).get("Code", "")
                if code in _THROTTLED:
                    raise FailedInvocationError("Lambda.InvokeLimitExceeded", describe(error, "Invoke", code)) from None
                if code in _TRANSIENT:
                    raise FailedInvocationError(f"Lambda.{code}", describe(error, "Invoke", code)) from None
                raise


class S3Store:
    """The destination bucket, written as the destination's role."""

    def __init__(self, clients: ClientFactory, stream: DeliveryStream) -> None:
        self._clients = clients
        self._stream = stream

    def put(self, key: str, body: bytes) -> None:
        """See `interfaces.Store`."""
        destination = self._stream.destination
        arn = f"arn:aws:s3:::{destination.bucket}/{key}"
        client = self._clients.role(destination.role_arn, "s3", _trust_context(self._stream))
        request: PutObjectRequestRequestTypeDef = {
            "Bucket": destination.bucket,
            "Key": key,
            "Body": body,
            "ContentType": "application/octet-stream",
        }
        if destination.kms_key_arn:
            # With a bucket key the context is the bucket, without one the object: policies have to allow the bucket's.
            use = KeyUse("GenerateDataKey", "s3", {"aws:s3:arn": f"arn:aws:s3:::{destination.bucket}"})
            self._clients.check_key(destination.role_arn, destination.kms_key_arn, use)
            request["ServerSideEncryption"] = "aws:kms"
            request["SSEKMSKeyId"] = destination.kms_key_arn
        with self._clients.calling(destination.role_arn, "s3:PutObject", arn):
            client.put_object(**request)


class LogGroup:
    """The delivery stream's log group, written as the destination's role."""

    def __init__(self, clients: ClientFactory, stream: DeliveryStream) -> None:
        self._clients = clients
        self._stream = stream

    def put(self, now: float, entry: Mapping[str, Any]) -> None:
        """Writes one entry, if the delivery stream has logging enabled.

        Raises:
            BlockedError: it could not be written.
        """
        destination = self._stream.destination
        if not destination.log_group or not destination.log_stream:
            return
        client = self._clients.role(destination.role_arn, "logs", _trust_context(self._stream))
        where = f"{destination.log_group}:{destination.log_stream}"
        with self._clients.calling(destination.role_arn, "logs:PutLogEvents", where):
            client.put_log_events(
                logGroupName=destination.log_group,
                logStreamName=destination.log_stream,
                logEvents=[{"timestamp": int(now * 1000), "message": json.dumps(entry)}],
            )


def _key_arn(summary: Mapping[str, Any], stream_arn: str) -> str | None:
    key = summary.get("KeyId") if summary.get("EncryptionType") == "KMS" else None
    if not key or str(key).startswith("alias/aws/"):
        return None
    prefix = ":".join(["arn:aws:kms", *stream_arn.split(":")[3:5]])
    return (
        str(key) if str(key).startswith("arn:") else f"{prefix}:{'' if str(key).startswith('alias/') else 'key/'}{key}"
    )
