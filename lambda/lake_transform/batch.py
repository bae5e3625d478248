"""Records of a batch -> the outcome of each. Native code writes the lines that it can, Python the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pybase64

from lake_transform.errors import RecordError
from lake_transform.response import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lake_transform.one_pass import OnePass
    from lake_transform.transform import Line, Transform

Record = dict[str, Any]

# Stands for a sequence number that is not ASCII text; native code declines what is not digits.
_NOT_DIGITS: Final = "?"


def transform_records(
    records: Sequence[Record],
    get_transform: Callable[[], Transform],
    one_pass: OnePass | None = None,
) -> list[Outcome]:
    """Transforms records of a batch. Raises nothing: the outcome of a record says what is wrong with it.

    Args:
        records: records as Firehose sends them, each with a recordId.
        get_transform: returns the Transform for the records that native code declines, and for the hook; called only if
            there are any.
        one_pass: native code, which writes the same lines faster; None leaves all records to Python.

    Returns:
        One outcome a record, in order.
    """
    if one_pass is None:
        return _transform_in_python(records, get_transform)
    try:
        documents = [pybase64.b64decode(record["data"], validate=True) for record in records]
    except (KeyError, TypeError, ValueError):
        return _transform_in_python(records, get_transform)
    lines = one_pass.lines(documents, _sequence_numbers(records))
    if one_pass.for_hook:
        return _transform_with_hook(records, lines, documents, get_transform())
    declined = [record for record, line in zip(records, lines, strict=True) if not line]
    by_python = iter(_transform_in_python(declined, get_transform) if declined else ())
    encoded = pybase64.b64encode_as_string
    return [
        Outcome(record["recordId"], "Ok", encoded(line), record["data"], None, 0, True) if line else next(by_python)
        for record, line in zip(records, lines, strict=True)
    ]


def transform_record(record: Record, transform: Transform, unchecked: list[str] | None = None) -> Outcome:
    """Transforms one record of a batch. Raises nothing, as `transform_records`.

    Args:
        record: a record as Firehose sends it, with a recordId.
        transform: makes the line.
        unchecked: see `Transform.change`; if it is given, the outcome is valid only if the numbers in it are.
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
    except Exception as error:  # noqa: BLE001 - no record may fail its whole batch
        return _failed(record, error)
    return _outcome(record, line, is_native=False)


def _transform_with_hook(
    records: Sequence[Record], lines: Sequence[bytes], documents: Sequence[bytes], transform: Transform
) -> list[Outcome]:
    """Transforms records whose lines native code wrote for the hook, and those that it declined."""
    outcomes: list[Outcome] = []
    for record, line, document in zip(records, lines, documents, strict=True):
        if not line:
            outcomes.append(transform_record(record, transform))
            continue
        try:
            outcomes.append(_outcome(record, transform.hooked(line, document), is_native=True))
        except Exception as error:  # noqa: BLE001 - no record may fail its whole batch
            outcomes.append(_failed(record, error))
    return outcomes


def _outcome(record: Record, line: Line, *, is_native: bool) -> Outcome:
    if line.data is None:
        return Outcome(record["recordId"], "Dropped", "", record["data"], None, line.overflowed, is_native)
    encoded = pybase64.b64encode_as_string(line.data)
    return Outcome(record["recordId"], "Ok", encoded, record["data"], None, line.overflowed, is_native)


def _failed(record: Record, error: Exception) -> Outcome:
    # Another message could quote the record, so the reason holds only the type.
    reason = str(error) if isinstance(error, RecordError) else f"unexpected {type(error).__name__}"
    return Outcome(record["recordId"], "ProcessingFailed", original=record["data"], reason=reason)


def _transform_in_python(records: Sequence[Record], get_transform: Callable[[], Transform]) -> list[Outcome]:
    """Transforms records and checks their numbers together; only if that fails, record by record."""
    # Imported here, because a cold start with native code must not wait for it.
    from lake_transform import literals  # noqa: PLC0415

    transform = get_transform()
    unchecked: list[str] = []
    outcomes = [transform_record(record, transform, unchecked) for record in records]
    try:
        literals.check(unchecked)
    except RecordError:
        return [transform_record(record, transform) for record in records]
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
    return ["" if number is None else number if number.isascii() and number else _NOT_DIGITS for number in found]


def _sequence_number(record: Record) -> str | None:
    metadata = record.get("kinesisRecordMetadata")
    number = metadata.get("sequenceNumber") if isinstance(metadata, dict) else None
    return number if isinstance(number, str) else None
