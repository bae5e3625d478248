"""Copies of lake objects on this machine: those of `query`, and what `schema` and `reconcile` keep of objects."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from tools.lake import summary_cache
from tools.lake.engines.object_cache import ObjectCache

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path


def forget(folders: Sequence[Path], summaries: Path, touched: Collection[tuple[str, str, str]]) -> int:
    """Removes the copies of objects, and returns how many there were.

    Args:
        folders: where copies lie, as `ObjectCache` keeps them.
        summaries: the folder of summaries, which go as a whole: they can be made again.
        touched: bucket, key and ETag of each version that had something of the subject.
    """
    removed = 0
    for folder in (each for each in folders if each.is_dir()):
        cache = ObjectCache(folder, 0)
        for bucket, key, etag in touched:
            with suppress(FileNotFoundError):
                cache.path(bucket, key, etag).unlink()
                removed += 1
    for file in summary_cache.files(summaries) if touched else ():
        with suppress(FileNotFoundError):
            file.unlink()
            removed += 1
    return removed
