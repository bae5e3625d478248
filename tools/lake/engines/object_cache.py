"""Keeps copies of lake objects on this machine, up to a size; what was used longest ago goes first."""

from __future__ import annotations

import hashlib
import os
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from tools import files

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

FOLDER_MODE: Final = 0o700
"""What the lake keeps encrypted lies here in the open: for its owner alone."""

_GZIP_WINDOW: Final = 31


class ObjectCache:
    """Files in `folder`, each made from one object; `largest` is what they may have together, in bytes."""

    def __init__(self, folder: Path, largest: int) -> None:
        self._folder = folder
        self._largest = largest
        folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)

    @property
    def folder(self) -> Path:
        """Where the files lie."""
        return self._folder

    def path(self, bucket: str, key: str, etag: str) -> Path:
        """Returns where the file of an object is or would be; other content has another ETag, and another file."""
        digest = hashlib.sha256("\0".join((bucket, key, etag)).encode()).hexdigest()
        return self._folder / digest[:2] / f"{digest}.json.gz"

    def find(self, bucket: str, key: str, etag: str) -> Path | None:
        """Returns the file of an object, and remembers that it was used; None where there is none."""
        path = self.path(bucket, key, etag)
        try:
            os.utime(path)
        except FileNotFoundError:
            return None
        return path

    def put(self, path: Path, chunks: Iterable[bytes]) -> None:
        """Writes a file as a whole: where this is interrupted, there is none."""
        path.parent.mkdir(exist_ok=True, mode=FOLDER_MODE)
        with files.replacing(path) as partial, partial.open("wb") as written:
            written.writelines(chunks)

    def trim(self, in_use: Collection[Path]) -> None:
        """Removes what was used longest ago until the rest is small enough; never what is in use."""
        found = [(path.stat(), path) for path in self._folder.glob("??/*.gz")]
        size = sum(stat.st_size for stat, _ in found)
        kept = set(in_use)
        for stat, path in sorted(found, key=lambda each: each[0].st_mtime_ns):
            if size <= self._largest:
                return
            if path not in kept:
                with suppress(FileNotFoundError):
                    path.unlink()
                size -= stat.st_size


def packed(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yields lines packed with gzip: fast rather than small, for what lies here is read again soon."""
    packer = zlib.compressobj(1, wbits=_GZIP_WINDOW)
    for line in lines:
        yield packer.compress(line)
    yield packer.flush()
