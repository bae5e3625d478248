"""Finds values in texts of any form: tables of results, notes; also where Base64 hides them."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Final

from tools.lake.erasure.subject import SHORTEST, SHORTEST_NUMBER

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

_BLOCK: Final = 256 * 1024
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/]{16,}={0,2}")
_ASCII_PIECE: Final = re.compile(r"[^\x20-\x7e]|[\"\\]")
_PIECE: Final = re.compile(r"[\x00-\x1f\"\\]")


class TextSearch:
    """Looks for any of some values in text."""

    def __init__(self, values: Collection[str]) -> None:
        self._pieces = sorted({piece(value) for value in values} - {b""}, key=len)

    def is_in(self, lines: Iterable[bytes]) -> bool:
        """Tells whether one of the values is in lines, as it is or in Base64."""
        return any(self._is_in_block(block) for block in _blocks(lines)) if self._pieces else False

    def _is_in_block(self, block: bytes) -> bool:
        if any(each in block for each in self._pieces):
            return True
        hidden = b"\n".join(map(_decoded, _BASE64.findall(block)))
        return bool(hidden) and any(each in hidden for each in self._pieces)


def piece(value: str) -> bytes:
    r"""Returns the part of a value that has the same bytes in CSV and JSON, however these escape the rest.

    >>> piece('say "hello there" Zoë'), piece("渡辺渡辺"), piece("ab")
    (b'hello there', b'\xe6\xb8\xa1\xe8\xbe\xba\xe6\xb8\xa1\xe8\xbe\xba', b'')
    """
    ascii_piece = max(_ASCII_PIECE.split(value), key=len)
    if len(ascii_piece) >= SHORTEST_NUMBER or ascii_piece == value:
        return ascii_piece.encode() if len(ascii_piece) >= SHORTEST else b""
    found = max(_PIECE.split(value), key=len).encode(errors="replace")
    return found if len(found) >= SHORTEST else b""


def _blocks(lines: Iterable[bytes]) -> Iterator[bytes]:
    block, size = [], 0
    for line in lines:
        block.append(line)
        size += len(line)
        if size > _BLOCK:
            yield b"\n".join(block)
            block, size = [], 0
    if block:
        yield b"\n".join(block)


def _decoded(text: bytes) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
