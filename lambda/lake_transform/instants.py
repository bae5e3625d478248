"""The time of a change: reads DynamoDB's creation time, writes the text that Athena reads as a timestamp."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from lake_transform.errors import RecordError

_SECOND: Final = 1_000_000
_YEAR_10000: Final = 253_402_300_800 * _SECOND  # neither Python nor Athena can write it

# Kinesis Data Streams for DynamoDB: Amazon DynamoDB Developer Guide, "Using Kinesis Data Streams to capture changes".
_MICROSECONDS_PER_UNIT: Final = {"MILLISECOND": 1_000, "MICROSECOND": 1}

# Without a stated precision the magnitude decides the unit. A time in any unit is then read right from 1973 to 5138.
_LEAST_MILLISECONDS: Final = 100_000_000_000
_LEAST_MICROSECONDS: Final = 100_000_000_000_000


def microseconds(creation_time: float, precision: str | None) -> int:
    """Returns a creation time as microseconds since the epoch.

    Args:
        creation_time: `ApproximateCreationDateTime`, whole or fractional.
        precision: `ApproximateCreationDateTimePrecision`, MILLISECOND or MICROSECOND; None lets the magnitude decide
            between seconds, milliseconds and microseconds.

    Raises:
        RecordError: the time is before 1970 or after 9999, or the precision is unknown.
    """
    if precision == "MICROSECOND" and 0 <= creation_time < _YEAR_10000 and isinstance(creation_time, int):
        return creation_time  # the stream's default
    if precision is None:
        unit = _unit_of(creation_time)
    elif precision in _MICROSECONDS_PER_UNIT:
        unit = _MICROSECONDS_PER_UNIT[precision]
    else:
        raise RecordError("the precision of the creation time is unknown")
    if isinstance(creation_time, float) and not math.isfinite(creation_time):
        raise RecordError("the creation time is not between 1970 and 9999")
    instant = round(creation_time * unit)
    if not 0 <= instant < _YEAR_10000:
        raise RecordError("the creation time is not between 1970 and 9999")
    return instant


def text(instant: int) -> str:
    """Returns microseconds since the epoch as `yyyy-MM-dd HH:mm:ss.SSSSSS`, UTC.

    >>> text(1_700_000_000_123_456)
    '2023-11-14 22:13:20.123456'
    """
    seconds = instant // _SECOND
    # 1,000,000 is added and its 1 cut off, which keeps the zeros and is faster than a format.
    return _second_text(seconds) + str(instant - (seconds - 1) * _SECOND)[1:]


@lru_cache(maxsize=1024)
def _second_text(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S.")


def _unit_of(creation_time: float) -> int:
    if creation_time < _LEAST_MILLISECONDS:
        return _SECOND
    return 1_000 if creation_time < _LEAST_MICROSECONDS else 1
