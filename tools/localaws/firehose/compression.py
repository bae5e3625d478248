"""The compression formats of a destination."""

from __future__ import annotations

import gzip
import io
import zipfile


def compress(compression: str, key: str, body: bytes) -> bytes:
    """Returns `body` in the destination's format: UNCOMPRESSED, GZIP or ZIP; `key` names the file inside a ZIP."""
    if compression == "GZIP":
        return gzip.compress(body, compresslevel=6)
    if compression == "ZIP":
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(key.rpartition("/")[2].removesuffix(".zip"), body)
        return buffer.getvalue()
    return body
