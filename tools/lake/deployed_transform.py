"""The transform as it is deployed: the function itself makes the lines, called as Firehose calls it.

A version of the function is its code, rules, hook, settings and mask key together, so nothing of them has to be fetched
or known here. Whoever calls it needs `lambda:InvokeFunction` on the version or alias.

AWS documentation: AWS Lambda Developer Guide, "Using AWS Lambda with Amazon Data Firehose"; Amazon Data Firehose
Developer Guide, "Required parameters for data transformation" and "Transform source data in Amazon Data Firehose",
which limits request and response to 6 MB.
"""

from __future__ import annotations

import base64
import time
import uuid
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.deployments.outputs import LIVE
from tools.errors import LakeError
from tools.lake import function_log

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mypy_boto3_lambda import LambdaClient

BATCH_BYTES: Final = 1_000_000
"""Bytes of the records of one request, unless a single record has more: small enough that lines which are longer than
their records still fit a response."""

BATCH_RECORDS: Final = 4_000

DOCUMENT_BYTES: Final = 4_000_000
"""Bytes of the longest record that a request holds."""

_EXPLAINED: Final = 300
"""Records of a request that is made for the reasons of their failure: their numbers fit the 4 KB of log that Lambda
hands back (AWS Lambda API Reference, "Invoke")."""

_LONGEST_MESSAGE: Final = 300


class FunctionFailedError(LakeError):
    """The function failed as a whole: its settings are wrong, its hook cannot be imported, or one record stops it."""


class Record(msgspec.Struct, frozen=True):
    """A change record, and what Kinesis says of it where that is known.

    Attributes:
        document: the change record as DynamoDB wrote it, JSON in UTF-8; at most `DOCUMENT_BYTES`.
        sequence_number: its sequence number in the stream; the line's `cdc_sequence_number` is null without one.
        arrived_ms: when it reached the stream, in milliseconds since the epoch.
    """

    document: bytes
    sequence_number: str | None = None
    arrived_ms: int = 0


class Result(msgspec.Struct, frozen=True):
    """The function's answer for one record; `line` ends with a newline, and is empty unless the outcome is Ok."""

    outcome: Literal["Ok", "Dropped", "ProcessingFailed"]
    line: bytes = b""


class _Answer(msgspec.Struct):
    recordId: str  # noqa: N815  # AWS's names
    result: Literal["Ok", "Dropped", "ProcessingFailed"]
    data: bytes = b""


class _Response(msgspec.Struct):
    records: list[_Answer]


class DeployedTransform:
    """One version of the function. Threads may share it.

    Args:
        lambda_client: a client of the account that has the function.
        function: its name or ARN.
        qualifier: the version, or an alias.
        delivery_stream_arn: what the function takes for the caller. Its metrics are counted under the last part of it,
            so that of a real delivery stream would disturb that stream's alarms.
        region: the Region that the function is told.
    """

    def __init__(
        self,
        lambda_client: LambdaClient,
        function: str,
        *,
        delivery_stream_arn: str,
        region: str,
        qualifier: str = LIVE,
    ) -> None:
        self._client = lambda_client
        self._function = function
        self._qualifier = qualifier
        self._delivery_stream_arn = delivery_stream_arn
        self._region = region

    @property
    def name(self) -> str:
        """The function and its qualifier, for people."""
        return f"{self._function}:{self._qualifier}"

    def transform(self, records: Sequence[Record]) -> list[Result]:
        """Returns the function's answer for each record, in order, with as many calls as are needed.

        Raises:
            LakeError: the function cannot be called, fails as a whole, or breaks the contract.
        """
        return [result for batch in batches(records) for result in self._transform(batch)]

    def check(self) -> None:
        """Calls the function without a record.

        Raises:
            LakeError: it fails whatever it is called with, or cannot be called.
        """
        self._call([])

    def explain(self, records: Sequence[Record]) -> list[str]:
        """Returns why the function fails each record; "" where its log does not say.

        Raises:
            LakeError: the function cannot be called, or fails as a whole.
        """
        found = []
        for batch in batches(records):
            for start in range(0, len(batch), _EXPLAINED):
                part = batch[start : start + _EXPLAINED]
                why = function_log.reasons(self._invoke(part, LogType="Tail")[1])
                found += [why.get(str(number), "") for number in range(len(part))]
        return found

    def _transform(self, batch: Sequence[Record]) -> list[Result]:
        results = self._call(batch)
        # The function fails what its response has no room for. Where it has answered any, there is room for others
        # once these are gone; where it has answered none, what failed has failed for another reason.
        failed = [number for number, result in enumerate(results) if result.outcome == "ProcessingFailed"]
        while failed and any(result.outcome == "Ok" for result in results):
            again = self._call([batch[number] for number in failed])
            for number, result in zip(failed, again, strict=True):
                results[number] = result
            left = [number for number in failed if results[number].outcome == "ProcessingFailed"]
            if len(left) == len(failed):
                break
            failed = left
        return results

    def _call(self, batch: Sequence[Record]) -> list[Result]:
        return read(self._invoke(batch)[0], len(batch), self.name)

    def _invoke(self, batch: Sequence[Record], **options: Any) -> tuple[bytes, bytes]:  # noqa: ANN401  # Lambda's
        """Returns the response, and the end of the log where that is asked for."""
        try:
            answer = self._client.invoke(
                FunctionName=self._function,
                Qualifier=self._qualifier,
                Payload=event(batch, self._delivery_stream_arn, self._region),
                **options,
            )
            payload = answer["Payload"].read()
        except (BotoCoreError, ClientError) as error:
            raise LakeError(f"function {self.name} cannot be called: {reason(error)}") from None
        if "FunctionError" in answer:
            raise FunctionFailedError(f"function {self.name} failed: {_message(payload)}; look at its log")
        return payload, base64.b64decode(answer.get("LogResult", ""))


def batches(records: Iterable[Record]) -> Iterator[list[Record]]:
    """Groups records, in order, as one request can hold them."""
    batch: list[Record] = []
    size = 0
    for record in records:
        if batch and (size + len(record.document) > BATCH_BYTES or len(batch) == BATCH_RECORDS):
            yield batch
            batch, size = [], 0
        batch.append(record)
        size += len(record.document)
    if batch:
        yield batch


def event(batch: Sequence[Record], delivery_stream_arn: str, region: str) -> bytes:
    """Returns the event that Firehose would call the function with."""
    return msgspec.json.encode(
        {
            "invocationId": str(uuid.uuid4()),
            "deliveryStreamArn": delivery_stream_arn,
            "region": region,
            "records": [_member(number, record) for number, record in enumerate(batch)],
        }
    )


def read(payload: bytes, count: int, name: str) -> list[Result]:
    """Returns the answers in a response to `count` records, in their order; `name` is the function's, for people.

    Raises:
        LakeError: it is no response to them.
    """
    try:
        answers = {answer.recordId: answer for answer in msgspec.json.decode(payload, type=_Response).records}
        found = [answers.pop(str(number)) for number in range(count)]
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, KeyError):
        found = []
        answers = {}
    if len(found) != count or answers:
        raise LakeError(
            f"function {name} does not answer as one of Firehose's does; see that it is the lake's function"
        )
    return [Result(answer.result, answer.data if answer.result == "Ok" else b"") for answer in found]


def _member(number: int, record: Record) -> dict[str, Any]:
    arrived = record.arrived_ms or time.time_ns() // 1_000_000
    # Bytes are encoded as Base64.
    member: dict[str, Any] = {
        "recordId": str(number),
        "approximateArrivalTimestamp": arrived,
        "data": record.document,
    }
    if record.sequence_number is not None:
        member["kinesisRecordMetadata"] = {
            "sequenceNumber": record.sequence_number,
            "subsequenceNumber": 0,
            "approximateArrivalTimestamp": arrived,
        }
    return member


def _message(payload: bytes) -> str:
    """Returns what a failed function says, in one line; it holds nothing of records, which the function sees to."""
    try:
        said = msgspec.json.decode(payload)
        text = f"{said.get('errorType', '')}: {said.get('errorMessage', '')}" if isinstance(said, dict) else str(said)
    except (msgspec.DecodeError, UnicodeDecodeError):
        text = "it gives no reason"
    return " ".join(text.split())[:_LONGEST_MESSAGE]
