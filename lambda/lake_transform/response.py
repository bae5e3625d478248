"""The response to Firehose: one answer for each record, within the size that a Lambda function may return.

Amazon Data Firehose Developer Guide, "Required parameters for data transformation": each answer has `recordId`,
`result` and `data`; "Transform source data in Amazon Data Firehose": a response has at most 6 MB.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, Literal

import orjson

if TYPE_CHECKING:
    from collections.abc import Sequence

Result = Literal["Ok", "Dropped", "ProcessingFailed"]

LIMIT: Final = 6_000_000  # bytes; the quota is 6 MB, and AWS does not say which megabyte it means
OVER_LIMIT: Final = "the response has no room for it"


class Outcome:
    """The result of one record.

    Attributes:
        record_id: the record's recordId, as Firehose sent it.
        result: Ok, Dropped or ProcessingFailed.
        data: base64 text: the line if Ok, the original record if ProcessingFailed, else empty.
        original: the record's data as Firehose sent it.
        reason: why it failed; None unless ProcessingFailed.
        overflowed: how many values could not have a column of their own.
        is_native: whether native code wrote its line.
    """

    __slots__ = ("data", "is_native", "original", "overflowed", "reason", "record_id", "result")

    def __init__(  # noqa: PLR0917 - called for each record, and keyword arguments take time
        self,
        record_id: Any,  # noqa: ANN401 - whatever Firehose sends
        result: Result,
        data: str = "",
        original: str = "",
        reason: str | None = None,
        overflowed: int = 0,
        is_native: bool = False,
    ) -> None:
        """Sets the attributes."""
        self.record_id = record_id
        self.result = result
        self.data = data
        self.original = original
        self.reason = reason
        self.overflowed = overflowed
        self.is_native = is_native


class ResponseTooLargeError(RuntimeError):
    """Not even the shortest answers to all records fit. Firehose then keeps the whole batch under its error prefix."""


def answers(outcomes: Sequence[Outcome], limit: int = LIMIT) -> list[dict[str, Any]]:
    """Returns one answer for each record, in order. Their response has at most `limit` bytes as Lambda encodes it.

    A record whose line does not fit becomes ProcessingFailed, and its outcome is changed. The answer of a failed record
    repeats its original data if there is room after all lines. Firehose keeps the original itself; it is repeated only
    because the guide requires `data` in every answer.

    Raises:
        ResponseTooLargeError: not even the shortest answers fit.
    """
    room = limit - _EMPTY_RESPONSE - len(outcomes) * _EMPTY_ANSWER - _ids_length(outcomes)
    if room < 0:
        raise ResponseTooLargeError(f"{len(outcomes)} records cannot be answered in {limit} bytes")
    failed: list[Outcome] = []
    for outcome in outcomes:
        # Every answer is counted with the longest result, so this is an upper bound.
        size = len(outcome.data)
        if outcome.result == "ProcessingFailed":
            failed.append(outcome)
        elif size <= room:
            room -= size
        else:
            outcome.result, outcome.data, outcome.reason = "ProcessingFailed", "", OVER_LIMIT
            failed.append(outcome)
    for outcome in failed:
        size = _encoded_length(outcome.original) - len('""')
        if size <= room:
            outcome.data = outcome.original
            room -= size
        else:
            outcome.data = ""
    return [{"recordId": outcome.record_id, "result": outcome.result, "data": outcome.data} for outcome in outcomes]


_EMPTY_RESPONSE: Final = len(json.dumps({"records": []}))
_EMPTY_ANSWER: Final = len(json.dumps({"recordId": 0, "result": "ProcessingFailed", "data": ""}) + ", ") - len("0")


def _ids_length(outcomes: Sequence[Outcome]) -> int:
    """Returns an upper bound of the length of all recordIds as JSON.

    Those of Firehose are digits, which are counted together.
    """
    ids = [outcome.record_id for outcome in outcomes]
    try:
        return _encoded_length("".join(ids)) + (len(ids) - 1) * len('""')
    except TypeError:
        return sum(map(_encoded_length, ids))


def _encoded_length(value: Any) -> int:  # noqa: ANN401 - any JSON value
    """Returns an upper bound of a value's length as JSON, whether the runtime escapes what is not ASCII or not."""
    if isinstance(value, str) and value.isascii():
        return len(orjson.dumps(value))  # both encoders write ASCII text alike
    return len(json.dumps(value))
