"""Reads the lines of lake objects in one pass, in constant memory, with every digit of every number.

What is no line of ours is counted and named, and stops nobody: whoever reads decides what a bad line means.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mypy_boto3_s3 import S3Client

Row = dict[str, msgspec.Raw]
"""One lake record: column -> its value as the JSON text that the line has, which no reader has rounded."""

ALWAYS: Final = frozenset(
    ("cdc_event", "cdc_event_id", "cdc_table", "cdc_changed_at", "cdc_changed_at_us", "cdc_key", "cdc_ttl")
)
"""Columns that every line of ours has; `lake_transform.metadata` says so."""

LONGEST: Final = 16 * 1024 * 1024
"""Bytes of the longest line that is read. Ours are shorter, because a response of the function holds 6,000,000."""

_CHUNK: Final = 256 * 1024
_GZIP: Final = b"\x1f\x8b"
_GZIP_WINDOW: Final = 31
_ROW: Final = msgspec.json.Decoder(Row)


class BadLine(msgspec.Struct, frozen=True, order=True):
    """A line that is no lake record: its object's key, its number from 1, and what is wrong with it."""

    key: str
    line: int
    reason: str


class DamagedError(Exception):
    """The bytes of an object end early, or are no gzip from some place on."""


def read_rows(s3: S3Client, bucket: str, key: str, bad: Callable[[BadLine], None]) -> Iterator[tuple[int, Row]]:
    """Yields the rows of an object, each with the number of its line, from 1; calls `bad` for each line that is none.

    Raises:
        botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError: S3 does not hand the object over.
    """
    body: Any = s3.get_object(Bucket=bucket, Key=key)["Body"]
    try:
        yield from rows(split(iter(lambda: body.read(_CHUNK), b"")), key, bad)
    finally:
        body.close()


def rows(lines: Iterable[bytes | None], key: str, bad: Callable[[BadLine], None]) -> Iterator[tuple[int, Row]]:
    """Yields the rows of lines as `split` yields them; `key` names their object to `bad`."""
    decode = _ROW.decode
    number = 0
    try:
        for number, line in enumerate(lines, start=1):
            if line is None:
                bad(BadLine(key, number, f"longer than {LONGEST} bytes"))
                continue
            try:
                row = decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError):
                if line.strip():
                    bad(BadLine(key, number, "no JSON object"))
                continue
            if row.keys() >= ALWAYS:
                yield number, row
            else:
                bad(BadLine(key, number, f"no lake record: {', '.join(sorted(ALWAYS - row.keys()))} missing"))
    except DamagedError as error:
        bad(BadLine(key, number + 1, str(error)))


def split(chunks: Iterable[bytes]) -> Iterator[bytes | None]:
    r"""Yields the lines in the bytes of an object, packed with gzip or not; None for one that is too long.

    Only a newline ends a line: values may hold other characters that Python takes for line ends.

    Raises:
        DamagedError: gzip data ends early, or is none.

    >>> list(split([b'{"a":1}\n{"b"', b':"\r\xe2\x80\xa8"}\n']))
    [b'{"a":1}', b'{"b":"\r\xe2\x80\xa8"}']
    """
    rest = b""
    is_too_long = False
    for chunk in unpacked(chunks):
        *whole, last = (rest + chunk).split(b"\n")
        for line in whole:
            yield None if is_too_long or len(line) > LONGEST else line
            is_too_long = False
        rest = last
        if len(rest) > LONGEST:
            rest, is_too_long = b"", True
    if rest or is_too_long:
        yield None if is_too_long else rest


def unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yields the bytes of an object in pieces, unpacked where they are gzip.

    Raises:
        DamagedError: gzip data ends early, or is none.
    """
    # Told by the bytes, because clients may unpack on the way when an object declares its encoding.
    remaining = iter(chunks)
    first = b""
    while len(first) < len(_GZIP) and (more := next(remaining, None)) is not None:
        first += more
    if not first.startswith(_GZIP):
        yield first
        yield from remaining
        return
    yield from _gunzipped(first, remaining)


def _gunzipped(first: bytes, remaining: Iterator[bytes]) -> Iterator[bytes]:
    """Yields what gzip members one after the other hold, in pieces, however far they are packed."""
    unpacker = zlib.decompressobj(_GZIP_WINDOW)
    data: bytes | None = first
    while data is not None:
        if not data:
            data = next(remaining, None)
            continue
        if unpacker.eof:
            unpacker = zlib.decompressobj(_GZIP_WINDOW)
        try:
            yield unpacker.decompress(data, _CHUNK)
        except zlib.error:
            raise DamagedError("gzip data is damaged") from None
        data = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
    if not unpacker.eof:
        yield unpacker.flush()
        raise DamagedError("gzip data ends early")
