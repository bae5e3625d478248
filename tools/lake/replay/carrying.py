"""Carries failed records over, line by line: into rows, or into lines of records that failed again."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Final, Literal, Protocol

import msgspec

from tools.lake import failed_records, lines
from tools.lake.deployed_transform import (
    BATCH_BYTES,
    BATCH_RECORDS,
    DOCUMENT_BYTES,
    FunctionFailedError,
    Record,
    Result,
)
from tools.lake.replay.failed_objects import TRANSFORM_FAILED
from tools.lake.row_ledger import Counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tools.lake.failed_records import FailedRecord
    from tools.lake.packed_file import PackedFile
    from tools.lake.replay.selection import Selection

NO_RECORD: Final = "rawData is no record in Base64"
TOO_LONG: Final = f"the record has more than {DOCUMENT_BYTES} bytes, which no call of the function holds"


class Transform(Protocol):
    """The function, as `DeployedTransform` calls it."""

    def transform(self, records: Sequence[Record]) -> list[Result]:
        """Returns the answer for each record."""

    def explain(self, records: Sequence[Record]) -> list[str]:
        """Returns why each record fails; "" where that is not known."""

    def check(self) -> None:
        """Raises LakeError where the function fails whatever it is called with."""


class _Answer(msgspec.Struct, frozen=True):
    outcome: Literal["Ok", "Dropped", "ProcessingFailed"]
    line: bytes = b""
    reason: str = ""


class Carrier:
    """Carries the lines of objects of one error type over.

    What the function makes rows of goes into `rows`, each ended by a newline; all that stays a failed record goes into
    `rest`: lines that are not chosen as they were, those that fail again with the reason.

    Attributes:
        dropped: records that the function drops.
        reasons: how many records failed again, by reason; "" where it is not known.
    """

    def __init__(
        self, transform: Transform, selection: Selection, error_type: str, rows: PackedFile, rest: PackedFile
    ) -> None:
        self._transform = transform
        self._selection = selection
        self._is_original = error_type == TRANSFORM_FAILED
        self._rows = rows
        self._rest = rest
        self._pending: list[tuple[bytes, FailedRecord, bytes]] = []
        self._size = 0
        self._is_changed = False
        self.dropped = 0
        self.reasons: Counter[str] = Counter()

    @property
    def counts(self) -> Counts:
        """What became of the lines so far."""
        return Counts(self._rows.lines, self.dropped, self._rest.lines)

    @property
    def has_changed(self) -> bool:
        """Whether anything is otherwise than it was: a row, a record dropped, or another reason."""
        return bool(self._rows.lines or self.dropped or self._is_changed)

    def carry(self, texts: Iterable[bytes]) -> None:
        """Carries lines over, without their newlines; `flush` carries the last of them.

        Raises:
            LakeError: the function cannot be called, fails whatever it is called with, or the disk is full.
        """
        for text in texts:
            record = failed_records.replayable(text)
            if record is None or record not in self._selection:
                self._rest.add(text + b"\n")
                continue
            data = record.data()
            row = None if self._is_original else lake_line(data)
            if row:
                self._rows.add(row)
            elif not data or len(data) > DOCUMENT_BYTES:
                self._keep(text, record, TOO_LONG if data else NO_RECORD)
            else:
                self._pending.append((text, record, data))
                self._size += len(data)
                if self._size >= BATCH_BYTES or len(self._pending) == BATCH_RECORDS:
                    self.flush()

    def flush(self) -> None:
        """Carries over what is waited with until a call of the function is worth it.

        Raises:
            LakeError: as `carry`.
        """
        pending, self._pending, self._size = self._pending, [], 0
        records = [Record(data, None, record.arrivalTimestamp) for _, record, data in pending]
        for (text, record, _), answer in zip(pending, answers(self._transform, records), strict=True):
            if answer.outcome == "Ok":
                self._rows.add(answer.line)
            elif answer.outcome == "Dropped":
                self.dropped += 1
            else:
                self._keep(text, record, answer.reason)

    def _keep(self, text: bytes, record: FailedRecord, reason: str) -> None:
        self.reasons[reason] += 1
        if reason and reason != record.message:
            text = failed_records.failed_again(text, reason, time.time_ns() // 1_000_000)
            self._is_changed = True
        self._rest.add(text + b"\n")


def answers(transform: Transform, records: Sequence[Record]) -> list[_Answer]:
    """Returns the function's answer for each record. One that makes the function fail as a whole fails by itself.

    Raises:
        LakeError: the function cannot be called, or fails whatever it is called with.
    """
    if not records:
        return []
    try:
        return _answers(transform, records)
    except FunctionFailedError as error:
        transform.check()
        if len(records) == 1:
            return [_Answer("ProcessingFailed", reason=str(error))]
    middle = len(records) // 2
    return answers(transform, records[:middle]) + answers(transform, records[middle:])


def _answers(transform: Transform, records: Sequence[Record]) -> list[_Answer]:
    results = transform.transform(records)
    failed = [number for number, result in enumerate(results) if result.outcome == "ProcessingFailed"]
    reasons = dict(zip(failed, transform.explain([records[number] for number in failed]), strict=True))
    return [_Answer(each.outcome, each.line, reasons.get(number, "")) for number, each in enumerate(results)]


def lake_line(data: bytes) -> bytes | None:
    """Returns a record that is a row already, ended by a newline; None where it is none."""
    text = data.removesuffix(b"\n")
    if b"\n" in text or not any(lines.rows([text], "", lambda _: None)):
        return None
    return text + b"\n"
