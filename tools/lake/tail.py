"""Follows the changes of a table as their objects arrive."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from tools.lake import data_objects, lines
from tools.lake.compaction import grouping
from tools.lake.data_objects import Period
from tools.lake.table_view import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from mypy_boto3_s3 import S3Client

    from tools.lake.lines import BadLine, Row
    from tools.lake.objects import LakeObject

LATE: Final = timedelta(hours=2)
"""How far behind the clock an object's hour may be: buffers hold 15 minutes, and clocks differ."""

_HIDDEN: Final = ("cdc_event", "cdc_event_id", "cdc_table", "cdc_changed_at", "cdc_changed_at_us", "cdc_key")


class Tail:
    """The objects of a table that come from now on or, where `since` is given, from that hour on.

    `bad` is called for each line that is no lake record.
    """

    def __init__(
        self,
        s3: S3Client,
        place: tuple[str, str],
        bad: Callable[[BadLine], None],
        now: datetime,
        since: datetime | None,
    ) -> None:
        self._s3 = s3
        self._bucket, self._prefix = place
        self._bad = bad
        self._since = since
        self._seen: set[str] = set()
        if since is None:
            self._seen = {found.key for found in self._listed(now)}

    def arrived(self, now: datetime) -> Iterator[Row]:
        """Yields the changes in the objects that are there by `now` and were not before.

        What compaction writes meanwhile holds changes that have been told.
        """
        listed = [found.key for found in self._listed(now)]
        new = [key for key in listed if key not in self._seen and (self._since or not grouping.is_compacted(key))]
        self._since = None
        for key in new:
            for _, row in lines.read_rows(self._s3, self._bucket, key, self._bad):
                yield row
            self._seen.add(key)
        # What is no longer listed is not asked for again.
        self._seen &= set(listed)

    def _listed(self, now: datetime) -> Iterator[LakeObject]:
        first = now - LATE if self._since is None else min(self._since, now - LATE)
        return data_objects.list_data(self._s3, self._bucket, self._prefix, Period(first))


def line(row: Row) -> str:
    """Returns a change as one line for people: when, what, which item, and its columns as they are in the lake."""
    rest = {
        name: value for name, value in row.items() if name not in _HIDDEN and bytes(value) not in (b"null", b"false")
    }
    rest.pop("cdc_sequence_number", None)
    when, event, key = (msgspec.json.decode(row[name]) for name in ("cdc_changed_at", "cdc_event", "cdc_key"))
    return shown(f"{when}  {event:8}  {key}  {json_line(rest)}")


def json_line(row: Row) -> str:
    """Returns a change as the line of JSON that it is in the lake, digit for digit."""
    return msgspec.json.encode(row).decode()
