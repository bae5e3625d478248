"""What orders and expires change records, whatever the machine's clock is set to: sequence numbers, times, uptime."""

from __future__ import annotations

import base64
import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from tools.localaws.emulator.corrections import replace
from tools.localaws.emulator.database import checksum

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.localaws.emulator.database import Database

_SEQUENCE_NUMBERS_PER_MILLISECOND: Final = 10**10
_MILLISECONDS_FROM: Final = 10**11
"""Times of changes from here on are no seconds: the emulator's own are, those that real DynamoDB writes are not."""

_RESERVED: Final = 10_000 * _SEQUENCE_NUMBERS_PER_MILLISECOND
"""How many sequence numbers are taken from the database at a time: those of ten seconds."""


class Clock:
    """Sequence numbers, which only rise, and the seconds that local AWS has run: both go on after a restart."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._last, self._before = 0, 0.0
        for row in database.execute("SELECT * FROM clock"):
            database.check(row, "the clock")
            self._last, self._before = int(row[1]), row[2]
        self._reserved = self._last
        """No number above this one was given: stored, and what a restart goes on from."""

        self._created = 0
        self._started = time.monotonic()

    def give_changes_their_time(self) -> None:
        """Makes DynamoDB's change records carry the time of this clock: the lake orders the changes of a key by it."""
        original: Callable[..., dict[str, Any]]

        def build_change_record(*change: Any) -> dict[str, Any]:  # noqa: ANN401  # the emulator is untyped
            record = original(*change)
            record["dynamodb"]["ApproximateCreationDateTime"] = self.creation_time()
            return record

        original = replace("services.dynamodb", "_build_change_record", build_change_record)

    def go_on_after(self, record: dict[str, Any]) -> None:
        """Gives no change an earlier time than that of this Kinesis record, if it is a change of the emulator's."""
        with suppress(ValueError, KeyError, TypeError):
            change = json.loads(base64.b64decode(record["Data"]))["dynamodb"]
            created = int(change["ApproximateCreationDateTime"])
            if created < _MILLISECONDS_FROM:
                self._created = max(self._created, created)

    def creation_time(self) -> int:
        """Returns the time of a change, in seconds since the epoch: never less than that of the one before."""
        with self._database.lock:
            self._created = max(self._created, int(time.time()))
            return self._created

    def uptime(self) -> float:
        """Returns the seconds that local AWS has run, in all."""
        return self._before + time.monotonic() - self._started

    def next_sequence_number(self) -> str:
        """Returns a number larger than every other, whatever the machine's clock says: 30 digits."""
        with self._database.lock:
            self._last = max(self._last + 1, int(time.time() * 1000) * _SEQUENCE_NUMBERS_PER_MILLISECOND)
            if self._last > self._reserved:
                self._reserve()
            return f"{self._last:030d}"

    def save(self) -> None:
        """Stores the uptime, and that the numbers up to the reserved one may have been given."""
        self._store(self._reserved)

    def _reserve(self) -> None:
        def forget(before: int = self._reserved) -> None:
            self._reserved = before

        reserved = self._last + _RESERVED
        self._store(reserved)
        # What is stored in a transaction that fails later is not.
        self._database.undo["clock"] = forget
        self._reserved = reserved

    def _store(self, reserved: int) -> None:
        values = (1, str(reserved), self.uptime())
        self._database.execute("INSERT OR REPLACE INTO clock VALUES (?, ?, ?, ?)", *values, checksum(*values))
