"""Tells which lines are of a subject, in each kind of object of the lake."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tools.errors import UsageError
from tools.lake import failed_records, item_keys
from tools.lake.erasure.column_match import leaves, read
from tools.lake.erasure.subject import SHORTEST, SHORTEST_NUMBER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tools.lake.erasure.places import LineKind
    from tools.lake.erasure.subject import Subject

_NOT_VALUES: Final = frozenset(
    ("cdc_event", "cdc_table", "cdc_changed_at", "cdc_changed_at_us", "cdc_ttl", "cdc_date", "cdc_hour")
)
"""Columns whose values are those of many rows."""

_IMAGES: Final = ("Keys", "NewImage", "OldImage", "Item")
"""Members of change records and exported lines that are the item's; the others are AWS's."""

_NUMBER: Final = re.compile(r"[-+.0-9eE]+")
_UNREADABLE: Final = (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError)


class _Row(msgspec.Struct):
    cdc_key: str


class _Keys(msgspec.Struct):
    Keys: dict[str, dict[str, Any]]


class _Change(msgspec.Struct):
    dynamodb: _Keys


class _Exported(msgspec.Struct):
    """A line of a full export has `Item`; one of an incremental export has `Keys`.

    Amazon DynamoDB Developer Guide, "DynamoDB table export output format".
    """

    Item: dict[str, dict[str, Any]] | None = None
    Keys: dict[str, dict[str, Any]] | None = None


_row: Final = msgspec.json.Decoder(_Row).decode
_change: Final = msgspec.json.Decoder(_Change).decode
_exported: Final = msgspec.json.Decoder(_Exported).decode


class Matcher:
    """Tells which lines of one kind of objects are of a subject. Of no line where nothing is asked for."""

    def __init__(self, kind: LineKind, subject: Subject) -> None:
        self._subject = subject
        self._is_of: Callable[[bytes], bool] = {
            "rows": self._is_row,
            "failed": self._is_failed,
            "items": self._is_item,
        }[kind]

    def __call__(self, line: bytes) -> bool:
        """Tells whether a line is of the subject; one that cannot be read is, where it names it."""
        return bool(line.strip()) and self._is_of(line)

    def _is_row(self, line: bytes) -> bool:
        try:
            return _row(line).cdc_key in self._subject.written
        except _UNREADABLE:
            return self._subject.is_named_in(line)

    def _is_failed(self, line: bytes) -> bool:
        record = failed_records.replayable(line)
        data = record.data() if record else b""
        return self._is_record(data) if data else self._subject.is_named_in(line)

    def _is_record(self, data: bytes) -> bool:
        # What failed after the function has the function's row.
        try:
            return self._is_key(_change(data).dynamodb.Keys)
        except _UNREADABLE:
            return self._is_row(data)

    def _is_item(self, line: bytes) -> bool:
        try:
            exported = _exported(line)
        except _UNREADABLE:
            return self._subject.is_named_in(line)
        if exported.Keys is not None:
            return self._is_key(exported.Keys)
        item = exported.Item or {}
        return self._is_key({name: item[name] for name in self._subject.names if name in item})

    def _is_key(self, key: Mapping[str, Mapping[str, Any]]) -> bool:
        try:
            return item_keys.of_typed(key) in self._subject.plain
        except (UsageError, StopIteration, TypeError, AttributeError):
            return False


def values(line: bytes) -> Iterator[str]:
    """Yields the values in a line of a subject that are long enough to tell it, also those in a failed record."""
    record = failed_records.replayable(line)
    document = read(record.data() if record else line)
    if isinstance(document, dict):
        inner = document.get("dynamodb", document)
        images = [inner[name] for name in _IMAGES if name in inner] if isinstance(inner, dict) else []
        kept = {name: value for name, value in document.items() if name not in _NOT_VALUES}
        yield from (each for each in leaves(images or kept) if tells(each))


def tells(value: str) -> bool:
    """Tells whether a value is long enough to say whose it is; numbers of few digits are everybody's."""
    shortest = SHORTEST_NUMBER if _NUMBER.fullmatch(value) else SHORTEST
    return len(value) >= shortest and value not in ("true", "false", "null")
