"""Partition projection: which partitions a table has, by its properties alone.

Source: "Supported types for partition projection" and "Set up partition projection" of the Athena User Guide. The
objects of a table are listed, and those outside of what is projected are left out; Athena looks at each partition
instead, which comes to the same.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from tools.localaws.emulator.athena.errors import QueryError, unsupported

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tools.localaws.emulator.athena.catalog import Table

_TOKENS: Final = {
    "yyyy": ("Y", r"\d{4}"),
    "MM": ("m", r"\d{2}"),
    "dd": ("d", r"\d{2}"),
    "HH": ("H", r"\d{2}"),
    "mm": ("M", r"\d{2}"),
    "ss": ("S", r"\d{2}"),
}
"""Token of Java's date formats -> what strptime calls it, and how it looks."""

_FORMAT: Final = re.compile(r"yyyy|MM|dd|HH|mm|ss|'(?:[^']|'')*'|[^A-Za-z']")
_NOW: Final = re.compile(r"NOW((?:[+-]\d+(?:YEAR|MONTH|WEEK|DAY|HOUR|MINUTE|SECOND)S?)*)")
_STEP: Final = re.compile(r"([+-]\d+)(YEAR|MONTH|WEEK|DAY|HOUR|MINUTE|SECOND)S?")
_MAX_DIGITS: Final = 19


class Projection:
    """The partitions that a table's properties project.

    Attributes:
        prefix: what the keys of all its objects start with.
        injected: partition columns whose values a query must give.

    Raises:
        QueryError: the properties are incomplete, or more than local AWS knows.
    """

    def __init__(self, table: Table, now: datetime) -> None:
        default = table.location + "".join(f"{name}=${{{name}}}/" for name in table.partitions)
        template = table.parameters.get("storage.location.template", default).rstrip("/") + "/"
        self.bucket, _, path = template.removeprefix("s3://").partition("/")
        self.prefix = path.split("${", 1)[0]
        self._pattern = re.compile(_look(path))
        self._checks = {name: _check(name, table.parameters, now) for name in table.partitions}
        self.injected = [name for name in table.partitions if _kind(name, table.parameters) == "injected"]

    def values(self, key: str) -> tuple[dict[str, str], str] | None:
        """Returns an object's partition values and the rest of its key, None for one that no partition has."""
        found = self._pattern.match(key)
        if not found or found.groupdict().keys() != self._checks.keys():
            return None
        values = found.groupdict()
        if not all(check(values[name]) for name, check in self._checks.items()):
            return None
        return values, key[found.end() :]


def _look(path: str) -> str:
    """Returns how keys look whose template is `path`: a group for each column, which may stand there repeatedly."""
    look, seen = "", set()
    for part in re.split(r"(\$\{\w+\})", path):
        name = part[2:-1] if part.startswith("${") else ""
        look += re.escape(part) if not name else f"(?P={name})" if name in seen else f"(?P<{name}>[^/]+?)"
        seen.add(name)
    return look


def _kind(name: str, parameters: Mapping[str, str]) -> str:
    return parameters.get(f"projection.{name}.type", "").strip().lower()


def _check(name: str, parameters: Mapping[str, str], now: datetime) -> Callable[[str], bool]:
    def of(key: str, default: str | None = None) -> str:
        value = parameters.get(f"projection.{name}.{key}", default)
        if value is None:
            raise QueryError(f"INVALID_TABLE_PROPERTY: projection.{name}.{key} is missing for a projected column")
        return value

    match _kind(name, parameters):
        case "enum":
            return of("values").split(",").__contains__
        case "injected":
            return lambda _value: True
        case "integer":
            return _integers(of("range"), int(of("interval", "1")), int(of("digits", "0")))
        case "date":
            return _dates(name, of, now)
    raise QueryError(f"INVALID_TABLE_PROPERTY: projection.{name}.type is missing or of no known kind")


def _integers(range_: str, interval: int, digits: int) -> Callable[[str], bool]:
    first, last = (int(end) for end in range_.split(","))

    def check(value: str) -> bool:
        if not re.fullmatch(r"-?\d+", value) or len(value) > _MAX_DIGITS + 1:
            return False
        number = int(value)
        spelled = f"{number:0{digits}d}" if digits else str(number)
        return first <= number <= last and (number - first) % interval == 0 and value == spelled

    return check


def _dates(name: str, of: Callable[..., str], now: datetime) -> Callable[[str], bool]:
    format_, range_, interval, unit = of("format"), of("range"), of("interval", "1"), of("interval.unit", "")
    pattern, looks = _strptime(name, format_)
    ends = [end.strip() for end in range_.split(",")]
    unit = unit.strip().upper().removesuffix("S") or ("DAY" if "dd" in format_ else "MONTH" if "MM" in format_ else "")
    if len(ends) != 2 or not unit:
        raise QueryError(f"INVALID_TABLE_PROPERTY: projection.{name}.range needs two ends, and an interval.unit")

    def read(text: str) -> datetime:
        return datetime.strptime(text, pattern).replace(tzinfo=UTC)

    def end(text: str) -> datetime:
        spelled = re.sub(r"\s", "", text).upper()
        found = _NOW.fullmatch(spelled)
        if not found:
            return read(text)
        moment = now
        for step, unit_ in _STEP.findall(found[1]):
            moment = _add(moment, int(step), unit_)
        return read(moment.strftime(pattern))

    try:
        first, last, steps = end(ends[0]), end(ends[1]), int(interval)
    except ValueError:
        raise QueryError(f"INVALID_TABLE_PROPERTY: projection.{name}.range does not fit its format") from None

    def check(value: str) -> bool:
        if not looks.fullmatch(value):
            return False
        try:
            moment = read(value)
        except ValueError:
            return False
        return first <= moment <= last and _is_step(first, moment, steps, unit)

    return check


def _strptime(name: str, format_: str) -> tuple[str, re.Pattern[str]]:
    pattern, looks, at = "", "", 0
    for found in _FORMAT.finditer(format_):
        if found.start() != at:
            break
        at = found.end()
        token = found[0]
        if token in _TOKENS:
            pattern, looks = pattern + "%" + _TOKENS[token][0], looks + _TOKENS[token][1]
        else:
            text = token[1:-1].replace("''", "'") if token.startswith("'") else token
            pattern, looks = pattern + text.replace("%", "%%"), looks + re.escape(text)
    if at != len(format_):
        raise unsupported(
            f"projection.{name}.format {format_}: only yyyy, MM, dd, HH, mm, ss and quoted text are known"
        )
    return pattern, re.compile(looks)


def _add(moment: datetime, count: int, unit: str) -> datetime:
    if unit in ("YEAR", "MONTH"):
        months = moment.year * 12 + moment.month - 1 + count * (12 if unit == "YEAR" else 1)
        year, month = divmod(months, 12)
        day = min(moment.day, calendar.monthrange(year, month + 1)[1])
        return moment.replace(year=year, month=month + 1, day=day)
    return moment + count * timedelta(**{f"{unit.lower()}s": 1})


def _is_step(first: datetime, moment: datetime, interval: int, unit: str) -> bool:
    if unit in ("YEAR", "MONTH"):
        months = (moment.year - first.year) * 12 + moment.month - first.month
        step = interval * (12 if unit == "YEAR" else 1)
        return months % step == 0 and _add(first, months, "MONTH") == moment
    return (moment - first) % (interval * timedelta(**{f"{unit.lower()}s": 1})) == timedelta(0)
