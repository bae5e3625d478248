"""Records that Firehose could not deliver: the lines that it writes under a table's error prefix."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


class FailedRecord(msgspec.Struct, frozen=True):
    """One line (AWS documentation: "Handle data transformation failure"): why, when it arrived, and the record.

    `arrivalTimestamp` is in milliseconds since the epoch, `rawData` the record in Base64.
    """

    errorCode: str = ""  # noqa: N815  # AWS's names
    errorMessage: str = ""  # noqa: N815
    arrivalTimestamp: int = 0  # noqa: N815
    rawData: str = ""  # noqa: N815

    @property
    def reason(self) -> str:
        """Code and message of the error, in one line."""
        return " ".join(f"{self.errorCode}: {self.errorMessage}".split())

    def changes(self, key: Mapping[str, Mapping[str, Any]]) -> bool:
        """Tells whether the record is a change of the item with this key, as boto3 takes it.

        A record that is no change of DynamoDB's is none of this item.
        """
        try:
            record = msgspec.json.decode(base64.b64decode(self.rawData, validate=True), type=_ChangeRecord)
        except (binascii.Error, UnicodeDecodeError, msgspec.DecodeError, msgspec.ValidationError):
            return False
        return record.dynamodb.Keys == {name: _as_written(value) for name, value in key.items()}


def parse(lines: Iterable[str]) -> Iterator[FailedRecord]:
    """Yields the failed records in the lines of an object; a line that is none is passed over."""
    for line in lines:
        try:
            yield msgspec.json.decode(line, type=FailedRecord, strict=False)
        except (msgspec.DecodeError, msgspec.ValidationError):
            continue


class _Change(msgspec.Struct):
    Keys: dict[str, dict[str, Any]]


class _ChangeRecord(msgspec.Struct):
    dynamodb: _Change


def _as_written(value: Mapping[str, Any]) -> dict[str, Any]:
    # Change records hold binary values in Base64.
    return {kind: base64.b64encode(each).decode() if kind == "B" else each for kind, each in value.items()}
