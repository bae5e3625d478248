"""Object names: prefix expressions and the suffix, as Firehose makes them.

Source: Amazon Data Firehose Developer Guide, "Understand custom prefixes for Amazon S3 objects" and "Configure Amazon
S3 object name format".
"""

from __future__ import annotations

import re
import secrets
import string
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Callable

_EXPRESSION: Final = re.compile(r"!\{([^:}]*):([^}]*)\}")
_PATTERN_PART: Final = re.compile(r"''|'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+")
_RANDOM_LENGTH: Final = 11
_DEFAULT_TIME: Final = "!{timestamp:yyyy/MM/dd/HH/}"
_ERROR_TYPE: Final = "!{firehose:error-output-type}"

_FIELDS: Final[dict[str, Callable[[datetime, int], str]]] = {
    "y": lambda time, width: _year(time.year, width),
    "u": lambda time, width: _year(time.year, width),
    "Y": lambda time, width: _year(time.isocalendar().year, width),
    "M": lambda time, width: f"{time.month:0{width}}" if width <= 2 else time.strftime("%b" if width == 3 else "%B"),
    "d": lambda time, width: f"{time.day:0{width}}",
    "D": lambda time, width: f"{time.timetuple().tm_yday:0{width}}",
    "H": lambda time, width: f"{time.hour:0{width}}",
    "h": lambda time, width: f"{(time.hour - 1) % 12 + 1:0{width}}",
    "m": lambda time, width: f"{time.minute:0{width}}",
    "s": lambda time, width: f"{time.second:0{width}}",
    "S": lambda time, width: f"{time.microsecond:06}".ljust(width, "0")[:width],
    "a": lambda time, _width: "AM" if time.hour < 12 else "PM",
    "E": lambda time, width: time.strftime("%a" if width < 4 else "%A"),
}
"""Letters of a Java DateTimeFormatter pattern -> how a time is written with that many of them."""


def check_expressions(prefix: str) -> None:
    """Raises ValueError when `prefix` has an expression that cannot be evaluated here."""
    evaluate(prefix, datetime(2000, 1, 1, tzinfo=UTC), "processing-failed")


def evaluate(prefix: str, time: datetime, error_type: str) -> str:
    """Returns `prefix` with its expressions replaced; `time` is already in the wanted time zone.

    Raises:
        ValueError: an expression is unknown; the message names it.
    """

    def value(match: re.Match[str]) -> str:
        namespace, argument = match.groups()
        if namespace == "timestamp":
            return format_time(argument, time)
        if (namespace, argument) == ("firehose", "error-output-type"):
            return error_type
        if (namespace, argument) == ("firehose", "random-string"):
            return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(_RANDOM_LENGTH))
        raise ValueError(f"the prefix expression {match.group()}")

    return _EXPRESSION.sub(value, prefix)


def format_time(pattern: str, time: datetime) -> str:
    """Returns `time` written by a Java DateTimeFormatter pattern.

    >>> format_time("yyyy-MM-dd'T'HH", datetime(2026, 3, 4, 15, tzinfo=UTC))
    '2026-03-04T15'

    Raises:
        ValueError: the pattern has a letter that is not supported here.
    """
    written = []
    position = 0
    for part in _PATTERN_PART.finditer(pattern):
        if part.start() != position:
            break
        position = part.end()
        text, quoted, letter = part.group(), part.group(1), part.group(2)
        if text == "''":
            written.append("'")
        elif quoted is not None:
            written.append(quoted.replace("''", "'"))
        elif letter is None:
            written.append(text)
        elif letter in _FIELDS:
            written.append(_FIELDS[letter](time, len(text)))
        else:
            raise ValueError(f"the letter {letter} of the time pattern {pattern}")
    if position != len(pattern):
        raise ValueError(f"the time pattern {pattern}")
    return "".join(written)


def data_prefix(prefix: str) -> str:
    """Returns the prefix to evaluate for delivered records: one without a time gets the default one appended.

    >>> data_prefix("data/")
    'data/!{timestamp:yyyy/MM/dd/HH/}'
    """
    return prefix if "!{timestamp:" in prefix else prefix + _DEFAULT_TIME


def error_prefix(prefix: str, prefix_of_data: str) -> str:
    """Returns the prefix to evaluate for records that could not be delivered.

    Without one of its own it is the data's, followed by the kind of failure; a time is appended as for data.
    """
    chosen = prefix or f"{_EXPRESSION.sub('', prefix_of_data)}{_ERROR_TYPE}/"
    if _ERROR_TYPE not in chosen and "!{" not in chosen:
        chosen += f"{_ERROR_TYPE}/"
    return data_prefix(chosen)


def object_name(
    prefix: str, *, name: str, version: str, extension: str, arrival_ms: int, now: float, zone: str, error_type: str
) -> str:
    """Returns the key of a new object.

    The prefix is evaluated on `arrival_ms` (arrival of the oldest record, milliseconds since the epoch), the suffix
    carries `now` (seconds since the epoch), both in time zone `zone`.
    """
    time_zone = ZoneInfo(zone)
    evaluated = evaluate(prefix, datetime.fromtimestamp(arrival_ms / 1000, UTC).astimezone(time_zone), error_type)
    written = datetime.fromtimestamp(now, UTC).astimezone(time_zone).strftime("%Y-%m-%d-%H-%M-%S")
    return f"{evaluated}{name}-{version}-{written}-{uuid.uuid4()}{extension}"


def _year(year: int, width: int) -> str:
    return f"{year % 100:02}" if width == 2 else f"{year:0{width}}"
