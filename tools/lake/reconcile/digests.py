"""Lines of the lake as digests: small enough that all of them can be compared, and exact to the byte.

Values are never parsed: a digest is of the JSON text of each column as the line has it, so that each of the 38 digits
of a number counts, a number differs from the same digits as text, and null from an absent column.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import msgspec

from tools.lake import lines
from tools.lake.reconcile.items import DIGEST_BYTES, key_digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client

    from tools.lake.lines import BadLine, Row

BY_NATURE: Final = frozenset(
    (
        "cdc_event",
        "cdc_event_id",
        "cdc_changed_at",
        "cdc_changed_at_us",
        "cdc_sequence_number",
        "cdc_ttl",
        "cdc_before",
    )
)
"""Columns that say how an item came to be what it is. Nothing of them is in the table, so they are not compared."""

LINE_COLUMNS: Final = {
    "line": "UINTEGER",
    "k": "UUID",
    "us": "BIGINT",
    "seq": "VARCHAR",
    "eid": "VARCHAR",
    "ev": "VARCHAR",
    "dig": "UUID",
    "counter": "BIGINT",
    "cdc_key": "VARCHAR",
}
"""Columns of what `lake_lines` yields, in DuckDB's types. `seq`, `eid` and `cdc_key` are UTF-8 in hexadecimal digits,
which sort as the text does; `ev` is the first letter of the event, or `B` for a line that is no lake record."""

BAD: Final = "B"
REMOVED: Final = "R"

_TEXT: Final = msgspec.json.Decoder(str)
_OPTIONAL_TEXT: Final = msgspec.json.Decoder(str | None)
_NUMBER: Final = msgspec.json.Decoder(int)
_MOST: Final = 2**63 - 1


def compared(row: Row) -> dict[str, bytes]:
    """Returns the columns of a row that say what the item is: name -> JSON text."""
    return {name: bytes(value) for name, value in row.items() if name not in BY_NATURE}


def digest(row: Row) -> bytes:
    """Returns the digest of the columns that are compared.

    The text of JSON has no control characters, so columns cannot run into each other.
    """
    names = sorted(name for name in row if name not in BY_NATURE)
    parts = [part for name in names for part in (name.encode(), b"\1", row[name], b"\0")]
    return hashlib.blake2b(b"".join(parts), digest_size=DIGEST_BYTES).digest()


def row_key(row: Row) -> bytes:
    """Returns the digest of a row's `cdc_key`."""
    return key_digest(_TEXT.decode(row["cdc_key"]).encode())


def lake_lines(s3: S3Client, bucket: str, key: str, counter: str | None) -> Iterator[bytes]:
    """Yields a line of CSV, with the columns of `LINE_COLUMNS`, for each line of an object.

    Args:
        s3: a client.
        bucket: the lake.
        key: the object.
        counter: a column in which items count their versions.

    Raises:
        botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError: S3 does not hand the object over.
    """
    bad: list[BadLine] = []
    for number, row in lines.read_rows(s3, bucket, key, bad.append):
        yield lake_line(number, row, counter) or _bad(number)
    for each in bad:
        yield _bad(each.line)


def lake_line(number: int, row: Row, counter: str | None) -> bytes | None:
    """Returns the CSV line of a row; None where a column of ours has a value that it cannot have."""
    try:
        key = _TEXT.decode(row["cdc_key"]).encode()
        sequence = _OPTIONAL_TEXT.decode(row["cdc_sequence_number"]) if "cdc_sequence_number" in row else None
        fields = (
            str(number),
            key_digest(key).hex(),
            str(_NUMBER.decode(row["cdc_changed_at_us"])),
            (sequence or "").encode().hex(),
            _TEXT.decode(row["cdc_event_id"]).encode().hex(),
            _TEXT.decode(row["cdc_event"])[:1],
            digest(row).hex(),
            _counted(row, counter),
            key.hex(),
        )
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
        return None
    return (",".join(fields) + "\n").encode()


def _counted(row: Row, counter: str | None) -> str:
    if counter is None or counter not in row:
        return ""
    try:
        value = _NUMBER.decode(row[counter])
    except (msgspec.DecodeError, msgspec.ValidationError):
        return ""
    return str(value) if -_MOST <= value <= _MOST else ""


def _bad(number: int) -> bytes:
    return f"{number},,0,,,{BAD},,,\n".encode()
