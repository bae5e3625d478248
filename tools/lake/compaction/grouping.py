"""Which objects of a folder become one, and what that one is called. Pure: no call of S3."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tools.lake.objects import LakeObject

PREFIX: Final = "compacted-"
"""Names of what compaction writes start with this, and with nothing that readers do not see."""

_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d")
"""In names that Firehose gives (Amazon Data Firehose Developer Guide, "Configure Amazon S3 object name format")."""

_OTHER_FORMAT: Final = re.compile(r"\.(avro|bz2|csv|lz4|lzo|orc|parquet|snappy|zip|zst)$")


class Source(msgspec.Struct, frozen=True):
    """An object that is read: its key, the ETag of what was listed, and its bytes."""

    key: str
    etag: str
    size: int


class Target(msgspec.Struct, frozen=True):
    """What was written: its ETag, bytes, SHA-256 in Base64 as S3 keeps it, and lines."""

    etag: str
    size: int
    sha256: str
    lines: int


class Group(msgspec.Struct, frozen=True):
    """Objects that become the one at `key`, in the order of their lines; `target` is None before it is written."""

    key: str
    sources: tuple[Source, ...]
    target: Target | None = None

    @property
    def size(self) -> int:
        """Bytes that are read."""
        return sum(source.size for source in self.sources)

    def without(self, key: str) -> Group | None:
        """Returns the group without one of its objects; None where one or none would be left."""
        left = [source for source in self.sources if source.key != key]
        return _group(left) if len(left) > 1 else None


def plan(found: Iterable[LakeObject], target_bytes: int) -> list[Group]:
    """Returns which objects of one folder become one.

    An object of half of `target_bytes` or more stays. The others go together in the order of their arrival, up to
    `target_bytes` as they are stored. What is alone stays too, so that a second plan changes nothing.

    Args:
        found: the data objects right below the folder, in any order.
        target_bytes: how large an object is to be.
    """
    small = [each for each in found if 0 < each.size < target_bytes / 2 and not is_other_format(each.key)]
    groups: list[list[Source]] = []
    size = target_bytes
    for each in sorted(small, key=_order):
        if size + each.size > target_bytes:
            groups.append([])
            size = 0
        groups[-1].append(Source(each.key, each.etag, each.size))
        size += each.size
    return [_group(sources) for sources in groups if len(sources) > 1]


def is_compacted(key: str) -> bool:
    """Tells whether compaction has written an object.

    >>> is_compacted("data/t/cdc_date=2026-01-31/cdc_hour=05/compacted-2026-01-31-05-00-09-1f2e3d4c5b6a7988.gz")
    True
    """
    return key.rpartition("/")[2].startswith(PREFIX)


def is_other_format(key: str) -> bool:
    """Tells whether the name of an object says that it has no lines of text.

    >>> is_other_format("data/t/cdc_date=2026-01-31/cdc_hour=05/a.parquet")
    True
    """
    return _OTHER_FORMAT.search(key) is not None


def _order(found: LakeObject) -> tuple[str, str]:
    return _arrival(found.key) or f"{found.written_at:%Y-%m-%d-%H-%M-%S}", found.key


def _arrival(key: str) -> str:
    times = _TIME.findall(key.rpartition("/")[2])
    return times[-1] if times else ""


def _group(sources: list[Source]) -> Group:
    # The name says which contents are in it: the same are written to the same place, however often.
    first = sources[0].key
    text = "\n".join(f"{source.key} {source.etag}" for source in sources)
    parts = [_arrival(first), hashlib.sha256(text.encode()).hexdigest()[:16]]
    return Group(f"{first.rpartition('/')[0]}/{PREFIX}{'-'.join(filter(None, parts))}.gz", tuple(sources))
