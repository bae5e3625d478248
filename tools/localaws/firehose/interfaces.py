"""What delivery needs of the world: the shape of its input and output, so that it can be tested without either."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.localaws.firehose.records import Record


class HeldError(Exception):
    """Delivery cannot go on for now: something is denied, missing or out of reach. Nothing is given up for it.

    `code` is as Firehose writes it to its log group (Developer Guide, "Data delivery errors"), the message says which
    action failed on what and why.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Shard:
    """A shard of the source stream and the shards that it came from."""

    shard_id: str
    parents: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """Records read from a shard, where to read on (None: the shard is closed and read), and how far behind that is."""

    records: Sequence[Record]
    iterator: str | None
    behind_ms: int


class Source(Protocol):
    """The source stream. Every method raises HeldError."""

    def shards(self) -> Sequence[Shard]:
        """Returns the shards that the stream has, open and closed."""

    def open(self, shard_id: str, after: str | None) -> str:
        """Returns an iterator from the record after `after`, or from where the delivery stream starts."""

    def read(self, shard_id: str, iterator: str) -> Page:
        """Returns the records at `iterator`."""


class Function(Protocol):
    """The transforming function."""

    def invoke(self, payload: bytes) -> tuple[bytes, str | None]:
        """Returns the function's answer, and its kind of error if it failed.

        Raises:
            HeldError: the function could not be called.
            FailedInvocationError: it was called in vain: throttled, timed out.
        """


class Store(Protocol):
    """The destination bucket."""

    def put(self, key: str, body: bytes) -> None:
        """Stores an object; when this returns, it is there. Raises HeldError."""


@dataclass
class Progress:
    """How far a delivery stream has come: shard id -> sequence number settled, and what was counted."""

    positions: dict[str, str] = field(default_factory=dict)
    delivered_records: int = 0
    delivered_objects: int = 0
    failed_records: int = 0
    dropped_records: int = 0
    last_delivery: float | None = None


class Checkpoints(Protocol):
    """Where progress is kept."""

    def load(self) -> Progress:
        """Returns the progress of this delivery stream; none for one that is new."""

    def save(self, progress: Progress) -> None:
        """Keeps the progress; when this returns, it survives anything."""


class Reporter(Protocol):
    """Who is told of trouble."""

    def trouble(self, code: str, message: str, lambda_arn: str | None = None) -> None:
        """Tells that delivery is held, or that a batch failed."""
