"""A row of the lake, as the comparison knows it."""

from __future__ import annotations

import msgspec

from tools.lake.reconcile import digests


class LakeRow(msgspec.Struct, frozen=True):
    """A row of the lake.

    Attributes:
        object: the number of its object.
        line: the number of its line there, from 1.
        us: when it changed, in microseconds since the epoch.
        event: the first letter of its event.
        digest: of the columns that are compared.
        event_id: the change's identity.
        sequence_number: the change's sequence number, if it has one.
    """

    object: int
    line: int
    us: int
    event: str
    digest: bytes
    event_id: str = ""
    sequence_number: str | None = None

    @property
    def is_removal(self) -> bool:
        """Whether the item was removed."""
        return self.event == digests.REMOVED
