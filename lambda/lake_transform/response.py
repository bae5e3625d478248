"""The answer to Firehose: every record exactly once, within what a Lambda function may return.

Amazon Data Firehose Developer Guide, "Required parameters for data transformation": each answer carries `recordId`,
`result` and `data`; "Transform source data in Amazon Data Firehose": a response has at most 6 MB.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, Literal

import orjson

if TYPE_CHECKING:
    from collections.abc import Sequence

Result = Literal["Ok", "Dropped", "ProcessingFailed"]

LIMIT: Final = 6_000_000  # bytes; the quota is 6 MB, and which megabyte AWS means is not said
OVER_LIMIT: Final = "the response has no room for it"


class Outcome:
    """What became of one record.

    Attributes:
        record_id: the record's identity in this batch, as Firehose gave it.
        result: Ok, Dropped or ProcessingFailed.
        data: base64 text: the line if Ok, the original record if ProcessingFailed, else empty.
        original: the record's data as Firehose gave it.
        reason: why it failed; None unless ProcessingFailed.
        overflowed: how many values could not have a column of their own.
        is_native: whether its line was written by native code.
    """

    __slots__ = ("data", "is_native", "original", "overflowed", "reason", "record_id", "result")

    def __init__(  # noqa: PLR0917 - one is made for each record, and naming arguments takes time
        self,
        record_id: Any,  # noqa: ANN401 - whatever Firehose gives
        result: Result,
        data: str = "",
        original: str = "",
        reason: str | None = None,
        overflowed: int = 0,
        is_native: bool = False,
    ) -> None:
        """Takes the attributes."""
        self.record_id = record_id
        self.result = result
        self.data = data
        self.original = original
        self.reason = reason
        self.overflowed = overflowed
        self.is_native = is_native


class ResponseTooLargeError(RuntimeError):
    """Not even the shortest answer to each record fits. Firehose then keeps the whole batch under its error prefix."""


def answers(outcomes: Sequence[Outcome], limit: int = LIMIT) -> list[dict[str, Any]]:
    """Returns one answer a record, in order, whose response takes at most `limit` bytes as Lambda encodes it.

    A line that has no room makes its record ProcessingFailed, and its outcome is changed to say so. A failed record's
    answer repeats the original data where there is room after all lines: Firehose keeps the original itself, so it
    is repeated only because the guide names `data` as required without exception.

    Raises:
        ResponseTooLargeError: see there.
    """
    room = limit - _EMPTY_RESPONSE - len(outcomes) * _EMPTY_ANSWER - _ids_length(outcomes)
    if room < 0:
        raise ResponseTooLargeError(f"{len(outcomes)} records cannot be answered in {limit} bytes")
    failed: list[Outcome] = []
    for outcome in outcomes:
        # An empty answer is counted with the longest result, so this is an upper bound.
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
    return [{"recordId": one.record_id, "result": one.result, "data": one.data} for one in outcomes]


_EMPTY_RESPONSE: Final = len(json.dumps({"records": []}))
_EMPTY_ANSWER: Final = len(json.dumps({"recordId": 0, "result": "ProcessingFailed", "data": ""}) + ", ") - len("0")


def _ids_length(outcomes: Sequence[Outcome]) -> int:
    """Returns an upper bound of the length of all recordIds as JSON; Firehose's own are digits, counted in one go."""
    ids = [outcome.record_id for outcome in outcomes]
    try:
        return _encoded_length("".join(ids)) + (len(ids) - 1) * len('""')
    except TypeError:
        return sum(map(_encoded_length, ids))


def _encoded_length(value: Any) -> int:  # noqa: ANN401 - any JSON value
    """Returns an upper bound of a value's length as JSON: the runtime may or may not escape what is not ASCII."""
    if isinstance(value, str) and value.isascii():
        return len(orjson.dumps(value))  # of ASCII text both make the same
    return len(json.dumps(value))
