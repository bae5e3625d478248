"""A list of keys on the disk, in the order in which they came."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tools.lake.reconcile.comparison import Open

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DECODER = msgspec.json.Decoder(Open)


class Spool:
    """Keys that are open, in a file; `len` counts them."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("w+b")
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Open]:
        self._file.seek(0)
        return map(_DECODER.decode, self._file)

    def add(self, found: Open) -> None:
        """Adds a key. It is not to be called while another iterates."""
        self._file.seek(0, 2)
        self._file.write(msgspec.json.encode(found) + b"\n")
        self._count += 1

    def close(self) -> None:
        """Closes the file."""
        self._file.close()
