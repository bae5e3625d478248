"""Times as people write them, in microseconds since the epoch, which is what the lake orders changes by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tools.errors import UsageError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse(text: str, option: str) -> datetime:
    """Reads a time in ISO 8601: with its zone, or in UTC; a date alone is its first moment.

    Raises:
        UsageError: it is none; the message names `option`.

    >>> parse("2026-01-31", "--as-of").isoformat(), parse("2026-01-31T12:00+01:00", "--as-of").isoformat()
    ('2026-01-31T00:00:00+00:00', '2026-01-31T11:00:00+00:00')
    """
    try:
        read = datetime.fromisoformat(text.strip())
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(
            f"{option} {text!r} is no time; write it like 2026-01-31, 2026-01-31T12:30:00Z or 2026-01-31T12:30:00+01:00"
        ) from None


def microseconds(instant: datetime) -> int:
    """Returns a time as microseconds since the epoch.

    >>> microseconds(parse("2023-11-14 22:13:20.123456", "--as-of"))
    1700000000123456
    """
    return (instant - _EPOCH) // timedelta(microseconds=1)
