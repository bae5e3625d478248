"""Rows of items as they were at an instant: the function's lines, with the identity of a snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from tools.lake.reconcile import claims

if TYPE_CHECKING:
    from tools.lake.lines import Row


def snapshot_line(line: bytes, snapshot: str) -> bytes:
    """Returns the line of an INSERT as that of a SNAPSHOT, whose identity is the snapshot's and the key's."""
    return _line(line, snapshot, "SNAPSHOT")


def removal_line(line: bytes, snapshot: str) -> bytes:
    """Returns the line of a REMOVE with the identity that `snapshot_line` gives."""
    return _line(line, snapshot, "REMOVE")


def _line(line: bytes, snapshot: str, event: Literal["SNAPSHOT", "REMOVE"]) -> bytes:
    read: Row = claims.read_row(line)
    row: dict[str, Any] = dict(read)
    key = msgspec.json.decode(row["cdc_key"])
    row |= {"cdc_event": event, "cdc_event_id": f"{snapshot}:{key}", "cdc_sequence_number": None}
    return msgspec.json.encode(row) + b"\n"
