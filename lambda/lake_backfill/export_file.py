"""Files of an export: lines of gzip whose bytes and number are those that the manifest tells of.

AWS documentation: Amazon DynamoDB Developer Guide, "DynamoDB table export output format".
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import zlib
from typing import TYPE_CHECKING, Any

from lake_backfill.errors import BackfillError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lake_backfill.plan import ExportedFile


def lines(body: Any, file: ExportedFile) -> Iterator[bytes]:  # noqa: ANN401 - a streaming body
    """Yields the lines of a file, in constant memory, and checks its bytes and their number on the way.

    Args:
        body: what holds the bytes, read from its start.
        file: what the manifest tells of it.

    Raises:
        BackfillError: it is not the file that DynamoDB wrote: lines that were yielded before are not to be used.
    """
    checked = _Checked(body)
    count = 0
    try:
        # It reads to the end, to see whether another member follows.
        with gzip.GzipFile(fileobj=checked) as unpacked:  # type: ignore[call-overload]  # it reads, and no more
            for line in unpacked:
                yield line
                count += 1
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise BackfillError(f"{file.key} is damaged; export again") from None
    if (checked.md5(), count) != (file.md5, file.items):
        raise BackfillError(
            f"{file.key} is not the file of {file.items} items that its manifest tells of; export again"
        )


class _Checked:
    """What a body holds, with the MD5 of what was read."""

    def __init__(self, body: Any) -> None:  # noqa: ANN401 - a streaming body
        self._body = body
        self._digest = hashlib.md5(usedforsecurity=False)

    def read(self, size: int = -1) -> bytes:
        """Reads so many bytes at most."""
        data: bytes = self._body.read(None if size < 0 else size)
        self._digest.update(data)
        return data

    def md5(self) -> str:
        """Returns the MD5 of what was read, in Base64."""
        return base64.b64encode(self._digest.digest()).decode()
