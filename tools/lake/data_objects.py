"""The data objects of a table: those that lie under a folder of a date and an hour, as readers of the lake see them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from tools.lake import objects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client

    from tools.lake.objects import LakeObject

SHOWN: Final = "(?:.+/)?[^/_.][^/]*"
"""Pattern of the keys, below a folder, that readers see: what starts with `_` or `.` is hidden from them.

Amazon Athena User Guide, "Considerations and limitations"."""

_FOLDER: Final = re.compile(rf"cdc_date=(\d{{4}}-\d\d-\d\d)/cdc_hour=(\d\d)/{SHOWN}")


@dataclass(frozen=True)
class Period:
    """Hours of the lake, in UTC: from that of `first` to that of `last`, both included; None: no limit.

    They are the hours in which changes reached the delivery stream, not those of the changes.
    """

    first: datetime | None = None
    last: datetime | None = None

    def __contains__(self, hour: datetime) -> bool:
        return (self.first is None or _hour(self.first) <= hour) and (self.last is None or hour <= self.last)


def hour_of(key: str, prefix: str) -> datetime | None:
    """Returns the hour, in UTC, whose folder under `prefix` an object lies in; None where readers do not see it.

    >>> hour_of("data/t/cdc_date=2026-01-31/cdc_hour=05/a.gz", "data/t/").isoformat()
    '2026-01-31T05:00:00+00:00'
    """
    found = _FOLDER.fullmatch(key, len(prefix)) if key.startswith(prefix) else None
    if found is None:
        return None
    try:
        return datetime.strptime(f"{found[1]}T{found[2]}", "%Y-%m-%dT%H").replace(tzinfo=UTC)
    except ValueError:
        return None


def list_data(s3: S3Client, bucket: str, prefix: str, period: Period = Period()) -> Iterator[LakeObject]:
    """Yields the data objects of a table in the hours of `period`, oldest folder first; lists no other days.

    Args:
        s3: a client.
        bucket: the lake.
        prefix: the table's data prefix, which ends with a slash.
        period: the hours.
    """
    after = f"{prefix}cdc_date={period.first:%Y-%m-%d}/" if period.first else prefix
    end = f"{prefix}cdc_date={period.last:%Y-%m-%d}0" if period.last else None
    for found in objects.list_objects(s3, bucket, prefix, after):
        # "0" comes right after "/": whatever is behind it is of a later day.
        if end is not None and found.key >= end:
            return
        hour = hour_of(found.key, prefix)
        if hour is not None and found.size and hour in period:
            yield found


def _hour(instant: datetime) -> datetime:
    return instant.replace(minute=0, second=0, microsecond=0)
