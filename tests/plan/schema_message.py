"""The message in which a provider says what it has, with some types alone.

Source: tfplugin5.proto, message GetProviderSchema.Response: its fields 2 and 3 are maps of names to the schemas of
resources and of data sources. Protocol Buffers documentation, "Encoding": a map is a repeated message whose field 1 is
the key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_SCHEMAS: Final = (2, 3)
_NAME: Final = 1
_VARINT: Final = 0
_BYTES: Final = 2


def only(message: bytes, types: Collection[str]) -> bytes:
    """Returns the message with the schemas of these types alone, and with all else as it is."""
    kept = (
        whole
        for number, whole, content in _fields(message)
        if number not in _SCHEMAS or _name(content).decode() in types
    )
    return b"".join(kept)


def _name(entry: bytes) -> bytes:
    return next(content for number, _, content in _fields(entry) if number == _NAME)


def _fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yields the number of each field, the whole of it, and its content; b"" for a number."""
    at = 0
    while at < len(message):
        start = at
        tag, at = _varint(message, at)
        if tag & 7 == _VARINT:
            _, at = _varint(message, at)
            yield tag >> 3, message[start:at], b""
            continue
        assert tag & 7 == _BYTES, f"a field of wire type {tag & 7}"
        size, at = _varint(message, at)
        yield tag >> 3, message[start : at + size], message[at : at + size]
        at += size


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """Returns the number that begins at a place, and where it ends."""
    number = shift = 0
    while message[at] >= 128:
        number |= (message[at] & 127) << shift
        at, shift = at + 1, shift + 7
    return number | message[at] << shift, at + 1
