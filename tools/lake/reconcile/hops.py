"""Where a change was lost: what the failed records, the stream and the lake's own rows say of a key. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from tools.lake.reconcile.rows import LakeRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.lake.reconcile.verdicts import Verdict


class FailedChange(msgspec.Struct, frozen=True):
    """A change of a key that was not delivered: why, and the object that keeps it."""

    reason: str
    object: str


class StreamedChange(msgspec.Struct, frozen=True):
    """A change of a key that the stream has: event, identity, arrival in microseconds, shard and sequence number."""

    event: str
    event_id: str
    us: int
    shard: str
    sequence_number: str


class Evidence(msgspec.Struct, frozen=True):
    """What is known of a key.

    Attributes:
        failed: the newest change that failed.
        streamed: the newest change in the stream, up to when the item was read.
        streamed_since: the time, for people, from which the whole stream was searched; None where it was not.
        rows: the lake's rows of the key.
    """

    failed: FailedChange | None = None
    streamed: StreamedChange | None = None
    streamed_since: str | None = None
    rows: tuple[LakeRow, ...] = ()


_NO_CHANGE: Final = "has no change of it"


def was_never_streamed(hop: str) -> bool:
    """Tells whether a hop that `name` returns says that the stream never had the change."""
    return _NO_CHANGE in hop


def name(verdict: Verdict, row: LakeRow | None, known: Evidence, *, fails: bool = False) -> str:
    """Returns which hop lost, or made, what is wrong with a key, in one line for people.

    Args:
        verdict: missing, extra or different.
        row: the lake's latest row.
        known: what else is known.
        fails: whether the function fails the item as it is now.
    """
    failed, streamed = known.failed, known.streamed
    if streamed and any(each.event_id == streamed.event_id for each in known.rows):
        if row is not None and row.event_id == streamed.event_id:
            return "the lake: the newest change is there, and its line is not what the function made of it"
        return "the lake: the newest change is there, and so is a later row that no change of the stream has made"
    if failed:
        return f"the function: {failed.reason}; the record is in {failed.object}, replay it"
    if fails:
        return "the function: it fails the item as it is; its log says why"
    if streamed:
        place = f"{streamed.shard}, sequence number {streamed.sequence_number}"
        return f"delivery: the {streamed.event} is in the stream ({place}), and not in the lake"
    return _without_change(verdict, known)


def _without_change(verdict: Verdict, known: Evidence) -> str:
    if known.streamed_since is None:
        return "not known: the stream was not searched to its end"
    since = known.streamed_since
    if verdict == "extra":
        return f"before the stream, or the lake: since {since} the stream {_NO_CHANGE}"
    return f"the table's stream: since {since} it {_NO_CHANGE}; it was made before, or never came to the stream"


def latest(changes: Sequence[StreamedChange]) -> StreamedChange | None:
    """Returns the newest of changes in the order of the lake."""
    return max(changes, key=lambda each: (each.us, len(each.sequence_number), each.sequence_number), default=None)
