"""Interfaces between the delivery engine and AWS, so that tests can replace each service."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

    from tools.localaws.firehose.records import Record

T = TypeVar("T")


class BlockedError(Exception):
    """Delivery cannot continue for now: something is denied, missing or out of reach. It is tried again.

    `code` is as Firehose writes it to its log group (Developer Guide, "Data delivery errors"), the message says which
    action failed on what and why. `action` is the call that failed, where it was one.
    """

    def __init__(self, code: str, message: str, action: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.action = action


@dataclass(frozen=True)
class Shard:
    """A shard of the source stream, the two shards at most that it names as its parents, and its hash keys."""

    shard_id: str
    parents: tuple[str, ...] = ()
    first_hash: int = 0
    last_hash: int = -1
    is_closed: bool = False

    def follows(self, other: Shard) -> bool:
        """Returns whether records of `other` may be older records of a key that is now in this shard."""
        return other.shard_id in self.parents or (
            other.is_closed
            and other.shard_id < self.shard_id
            and max(self.first_hash, other.first_hash) <= min(self.last_hash, other.last_hash)
        )


BEGINNING: Final = ""
"""The position before a shard's first record."""


@dataclass(frozen=True)
class Page:
    """Records read from a shard, the iterator to continue with (None: the shard is closed and read), and the delay."""

    records: Sequence[Record]
    iterator: str | None
    behind_ms: int


class Source(Protocol):
    """The source stream. Every method raises BlockedError."""

    def shards(self) -> Sequence[Shard]:
        """Returns the shards that the stream has, open and closed."""

    def is_new(self, shard_id: str) -> bool:
        """Returns whether the shard has no record from before the delivery stream."""

    def open(self, shard_id: str, after: str | None) -> str:
        """Returns an iterator from the record after `after`, or (None) from where the delivery stream starts."""

    def read(self, shard_id: str, iterator: str, limit: int) -> Page:
        """Returns the records at `iterator`, at most `limit` of them and 10 MB."""


class Function(Protocol):
    """The transforming function."""

    def invoke(self, payload: bytes) -> tuple[bytes, str | None]:
        """Returns the function's answer, and its kind of error if it failed.

        Raises:
            BlockedError: the function could not be called at all.
            FailedInvocationError: the call failed: it was throttled, or timed out.
        """


class Store(Protocol):
    """The destination bucket."""

    def put(self, key: str, body: bytes) -> None:
        """Stores an object before it returns. Raises BlockedError."""


@dataclass
class Progress:
    """How far delivery has come: shard id -> sequence number up to which all is done, and the counts so far.

    The sequence number is BEGINNING while no record of a shard is done that is to be read from its first on.
    """

    positions: dict[str, str] = field(default_factory=dict)
    delivered_records: int = 0
    delivered_objects: int = 0
    failed_records: int = 0
    dropped_records: int = 0
    last_delivery: float | None = None


class Checkpoints(Protocol):
    """Where progress is saved."""

    def load(self) -> Progress:
        """Returns the saved progress; an empty one for a new delivery stream."""

    def save(self, progress: Progress) -> None:
        """Saves the progress to disk before it returns. Raises BlockedError."""


class Caller(Protocol):
    """Makes calls that go on while the delivery stream does other things."""

    def may_start(self) -> bool:
        """Returns whether another call may begin now; other delivery streams have theirs."""

    def start(self, call: Callable[[], T]) -> Future[T]:
        """Begins a call and returns its result to come."""


class Reporter(Protocol):
    """Where errors are reported."""

    def report_error(self, code: str, message: str, lambda_arn: str | None = None) -> None:
        """Reports that delivery is blocked, or that a batch failed."""
