"""Records that Firehose could not deliver: the lines that it writes under a table's error prefix."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


class FailedRecord(msgspec.Struct, frozen=True):
    """One line: why it failed, when it arrived, and the record.

    Amazon Data Firehose Developer Guide, "Handle failure in data transformation" and, for the names with a capital
    letter and those before them, "Handle errors for data format conversion". `arrivalTimestamp` and
    `attemptEndingTimestamp` are in milliseconds since the epoch, `rawData` is the record in Base64.
    """

    errorCode: str = ""  # noqa: N815  # AWS's names
    errorMessage: str = ""  # noqa: N815
    ErrorCode: str = ""
    ErrorMessage: str = ""
    lastErrorCode: str = ""  # noqa: N815
    lastErrorMessage: str = ""  # noqa: N815
    attemptsMade: int = 0  # noqa: N815
    arrivalTimestamp: int = 0  # noqa: N815
    attemptEndingTimestamp: int = 0  # noqa: N815
    rawData: str = ""  # noqa: N815

    @property
    def code(self) -> str:
        """Code of the error."""
        return self.errorCode or self.ErrorCode or self.lastErrorCode

    @property
    def message(self) -> str:
        """Message of the error."""
        return self.errorMessage or self.ErrorMessage or self.lastErrorMessage

    @property
    def reason(self) -> str:
        """Code and message of the error, in one line."""
        return " ".join(f"{self.code}: {self.message}".split())

    def data(self) -> bytes:
        """Returns the record; nothing where the line has none."""
        try:
            return base64.b64decode(self.rawData, validate=True)
        except (binascii.Error, ValueError):
            return b""

    def changes(self, key: Mapping[str, Mapping[str, Any]]) -> bool:
        """Tells whether the record is a change of the item with this key, as boto3 takes it.

        A record that is no change of DynamoDB's is none of this item.
        """
        try:
            record = msgspec.json.decode(self.data(), type=_ChangeRecord)
        except (UnicodeDecodeError, msgspec.DecodeError, msgspec.ValidationError):
            return False
        return record.dynamodb.Keys == {name: _as_written(value) for name, value in key.items()}


def parse(lines: Iterable[str]) -> Iterator[FailedRecord]:
    """Yields the failed records in the lines of an object; a line that is none is passed over."""
    for line in lines:
        record = parse_line(line)
        if record is not None:
            yield record


def parse_line(line: str | bytes) -> FailedRecord | None:
    """Returns the failed record in a line; None where it is none."""
    try:
        return _decode(line)
    except (UnicodeDecodeError, msgspec.DecodeError, msgspec.ValidationError):
        return None


def replayable(line: bytes) -> FailedRecord | None:
    """Returns the failed record in a line that has the record itself; None for another line."""
    record = parse_line(line)
    return record if record is not None and record.rawData else None


def failed_again(line: bytes, message: str, at_ms: int) -> bytes:
    """Returns the line of a record that has failed once more, for the reason `message`; other members stay.

    Args:
        line: a line that `parse_line` reads.
        message: why.
        at_ms: when, in milliseconds since the epoch.
    """
    members = msgspec.json.decode(line, type=dict[str, msgspec.Raw])
    record = _decode(line)
    name = next((each for each in ("errorMessage", "ErrorMessage", "lastErrorMessage") if each in members), "")
    again = {
        name or "errorMessage": message,
        "attemptsMade": record.attemptsMade + 1,
        "attemptEndingTimestamp": at_ms,
    }
    return msgspec.json.encode({**members, **again})


class _Change(msgspec.Struct):
    Keys: dict[str, dict[str, Any]]


class _ChangeRecord(msgspec.Struct):
    dynamodb: _Change


_decode = msgspec.json.Decoder(FailedRecord, strict=False).decode


def _as_written(value: Mapping[str, Any]) -> dict[str, Any]:
    # Change records hold binary values in Base64.
    return {kind: base64.b64encode(each).decode() if kind == "B" else each for kind, each in value.items()}
