"""Records of a batch -> what becomes of each, by native code where it is at hand and knows how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pybase64

from lake_transform.errors import RecordError
from lake_transform.response import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lake_transform.one_pass import OnePass
    from lake_transform.transform import Transform

Record = dict[str, Any]

_NO_DIGITS: Final = "?"


def outcomes_of(
    records: Sequence[Record], transform: Callable[[], Transform], one_pass: OnePass | None = None
) -> list[Outcome]:
    """Transforms some records of a batch; whatever is wrong with one, its outcome says so and nothing is raised.

    Args:
        records: records as Firehose sends them, each with a recordId.
        transform: gives what makes the line of each record that `one_pass` declines; called only if there is one.
        one_pass: makes the same lines, faster; None leaves all to `transform`.
    """
    if one_pass is None:
        return _transformed(records, transform)
    try:
        documents = [pybase64.b64decode(record["data"], validate=True) for record in records]
    except (KeyError, TypeError, ValueError):
        return _transformed(records, transform)
    lines = one_pass.lines(documents, _sequence_numbers(records))
    declined = [record for record, line in zip(records, lines, strict=True) if not line]
    others = iter(_transformed(declined, transform) if declined else ())
    encoded = pybase64.b64encode_as_string
    return [
        Outcome(record["recordId"], "Ok", encoded(line), record["data"], None, 0, True) if line else next(others)
        for record, line in zip(records, lines, strict=True)
    ]


def outcome_of(record: Record, transform: Transform, unchecked: list[str] | None = None) -> Outcome:
    """Transforms one record of a batch.

    With `unchecked` the outcome is provisional, see `Transform.change`.
    """
    record_id = record["recordId"]
    data = record.get("data")
    if not isinstance(data, str):
        return Outcome(record_id, "ProcessingFailed", reason="the record has no data")
    try:
        document = pybase64.b64decode(data, validate=True)
    except ValueError:
        return Outcome(record_id, "ProcessingFailed", original=data, reason="the record's data is not base64")
    try:
        line = transform.change(document, sequence_number=_sequence_number(record), unchecked=unchecked)
    except RecordError as error:
        return Outcome(record_id, "ProcessingFailed", original=data, reason=str(error))
    except Exception as error:  # noqa: BLE001 - one record, however odd, must not cost its batch
        # The message could quote the record, so only the type is told.
        return Outcome(record_id, "ProcessingFailed", original=data, reason=f"unexpected {type(error).__name__}")
    if line.data is None:
        return Outcome(record_id, "Dropped", "", data, None, line.overflowed)
    return Outcome(record_id, "Ok", pybase64.b64encode_as_string(line.data), data, None, line.overflowed)


def _transformed(records: Sequence[Record], transform: Callable[[], Transform]) -> list[Outcome]:
    """Transforms records and checks their numbers together; only if that fails, one by one."""
    from lake_transform import literals  # noqa: PLC0415 - it comes with `transform`

    made = transform()
    unchecked: list[str] = []
    outcomes = [outcome_of(record, made, unchecked) for record in records]
    try:
        literals.check(unchecked)
    except RecordError:
        return [outcome_of(record, made) for record in records]
    return outcomes


def _sequence_numbers(records: Sequence[Record]) -> list[str]:
    """Returns the records' sequence numbers as `OnePass.lines` takes them."""
    try:
        numbers = [record["kinesisRecordMetadata"]["sequenceNumber"] for record in records]
        if "" not in numbers and "".join(numbers).isascii():
            return numbers
    except (KeyError, TypeError):
        pass
    found = [_sequence_number(record) for record in records]
    return ["" if number is None else number if number.isascii() and number else _NO_DIGITS for number in found]


def _sequence_number(record: Record) -> str | None:
    metadata = record.get("kinesisRecordMetadata")
    number = metadata.get("sequenceNumber") if isinstance(metadata, dict) else None
    return number if isinstance(number, str) else None
