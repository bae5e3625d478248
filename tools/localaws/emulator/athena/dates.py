"""Functions of dates and times whose result depends on the type, on a unit, or on a pattern."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from tools.localaws.emulator.athena.errors import QueryError, unsupported
from tools.localaws.emulator.athena.kinds import kind_of, spell
from tools.localaws.emulator.athena.syntax import Raw, raw

if TYPE_CHECKING:
    from collections.abc import Callable

    Probe = Callable[..., exp.Expression]

_UNITS: Final = ("millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year")
_TIMES: Final = ("date", "timestamp", "timestamp with time zone")
_MYSQL: Final = {
    "%Y": "%Y", "%y": "%y", "%m": "%m", "%c": "%-m", "%d": "%d", "%e": "%-d", "%H": "%H", "%k": "%-H", "%h": "%I",
    "%I": "%I", "%i": "%M", "%s": "%S", "%S": "%S", "%T": "%H:%M:%S", "%p": "%p", "%j": "%j", "%a": "%a", "%W": "%A",
    "%b": "%b", "%M": "%B", "%%": "%%",
}  # fmt: skip
"""What date_format and date_parse know, of MySQL, and what DuckDB calls it."""

_JODA: Final = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S", "SSS": "%g", "EEEE": "%A"}
"""What format_datetime knows, of Joda, and what DuckDB calls it."""


def zoned(part: exp.Expression, zone: exp.Expression) -> Raw:
    """Returns a time in a zone: in UTC itself; elsewhere what only a cast to a local time may stand around."""
    if isinstance(zone, exp.Literal) and zone.name.upper() in ("UTC", "Z", "+00:00"):
        return raw("CAST({0} AS TIMESTAMPTZ)", part)
    found = raw("bit_position('a time in a zone other than UTC', {0}, {1})", part, zone)
    found.args["zone"] = True
    return found


def local_time(part: exp.Expression) -> Raw | None:
    """Returns the clock of a zone as a timestamp, where `part` is a time in a zone."""
    if isinstance(part, exp.Paren):
        part = part.this
    if not isinstance(part, Raw) or not part.args.get("zone"):
        return None
    return raw("timezone({1}, CAST({0} AS TIMESTAMPTZ))", *part.expressions)


def _unit(part: exp.Expression) -> str:
    unit = part.name.lower() if isinstance(part, exp.Literal) and part.is_string else ""
    if unit not in _UNITS:
        raise QueryError(f"INVALID_FUNCTION_ARGUMENT: '{part.name}' is not a valid unit (in local AWS: a literal)")
    return unit


def _check(name: str, types: list[str], allowed: tuple[str, ...] = _TIMES) -> None:
    for each in types:
        if kind_of(each) not in (*allowed, "null"):
            raise QueryError(f"FUNCTION_NOT_FOUND: Unexpected parameters ({spell(each)}) for function {name}")


def _same(name: str, type_: str, template: str) -> str:
    """Returns a template whose result is of its argument's type."""
    _check(name, [type_])
    return f"CAST({template} AS DATE)" if type_ == "DATE" else template


def _local(part: exp.Expression) -> exp.Expression:
    return local_time(part) or part


def _truncate(probe: Probe, parts: list[exp.Expression]) -> exp.Expression:
    unit = _unit(parts[0])
    template = f"date_trunc('{unit}', {{0}})"
    return probe(lambda types, part: raw(_same("date_trunc", types[0], template), part), _local(parts[1]))


def _add(probe: Probe, parts: list[exp.Expression]) -> exp.Expression:
    unit = _unit(parts[0])
    of, size = {"week": ("day", 7), "quarter": ("month", 3)}.get(unit, (unit, 1))

    def resolve(types: list[str], part: exp.Expression, count: exp.Expression) -> exp.Expression:
        if types[0] == "DATE" and unit in ("millisecond", "second", "minute", "hour"):
            raise QueryError(f"INVALID_FUNCTION_ARGUMENT: '{unit}' is not a valid DATE field")
        _check("date_add", types[1:], ("integer",))
        interval = f"CAST({{1}} AS BIGINT) * {size} * INTERVAL 1 {of.upper()}"
        return raw(_same("date_add", types[0], f"({{0}} + {interval})"), part, count)

    return probe(resolve, parts[2], parts[1])


def _difference(probe: Probe, parts: list[exp.Expression]) -> exp.Expression:
    unit = _unit(parts[0])

    def resolve(types: list[str], *found: exp.Expression) -> exp.Expression:
        _check("date_diff", types)
        return raw(f"date_sub('{unit}', CAST({{0}} AS TIMESTAMP), CAST({{1}} AS TIMESTAMP))", *found)

    return probe(resolve, parts[1], parts[2])


def _date(probe: Probe, parts: list[exp.Expression]) -> exp.Expression:
    ways = {"varchar": "athena_date({0})", "timestamp with time zone": "CAST(timezone('UTC', {0}) AS DATE)"}

    def resolve(types: list[str], part: exp.Expression) -> exp.Expression:
        _check("date", types, (*_TIMES, "varchar"))
        return raw(ways.get(kind_of(types[0]), "CAST({0} AS DATE)"), part)

    return probe(resolve, _local(parts[0]))


def _pattern(name: str, part: exp.Expression, known: dict[str, str], token: str) -> exp.Literal:
    if not isinstance(part, exp.Literal):
        raise unsupported(f"{name} with a pattern that is no literal")

    def replace(found: re.Match[str]) -> str:
        text = found[0]
        if text in known:
            return known[text]
        if text.startswith("'"):
            return text[1:-1].replace("%", "%%") or "'"
        raise unsupported(f"{name} with {text} in its pattern")

    return exp.Literal.string(re.sub(token, replace, part.name, flags=re.DOTALL))


def _format(name: str, known: dict[str, str], token: str) -> Callable[[Probe, list[exp.Expression]], exp.Expression]:
    def write(probe: Probe, parts: list[exp.Expression]) -> exp.Expression:
        pattern = _pattern(name, parts[1], known, token)

        def resolve(types: list[str], part: exp.Expression) -> exp.Expression:
            _check(name, types)
            return raw("strftime(CAST({0} AS TIMESTAMP), {1})", part, pattern)

        return probe(resolve, _local(parts[0]))

    return write


def _parse(_probe: Probe, parts: list[exp.Expression]) -> exp.Expression:
    return raw("strptime({0}, {1})", parts[0], _pattern("date_parse", parts[1], _MYSQL, "%.|%$"))


CALLS: Final[dict[str, Callable[[Probe, list[exp.Expression]], exp.Expression]]] = {
    "date_trunc": _truncate,
    "date_add": _add,
    "date_diff": _difference,
    "date": _date,
    "at_timezone": lambda _probe, parts: zoned(parts[0], parts[1]),
    "date_format": _format("date_format", _MYSQL, "%.|%$"),
    "date_parse": _parse,
    "format_datetime": _format("format_datetime", _JODA, r"'[^']*'|([A-Za-z])\1*|%"),
}
"""Function -> what writes it, given what asks for types and the arguments."""
