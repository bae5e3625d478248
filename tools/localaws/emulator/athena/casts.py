"""Casts: which Athena has, and how DuckDB makes the same of a value, or fails as Athena does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.localaws.emulator.athena.errors import unsupported
from tools.localaws.emulator.athena.kinds import kind_of, spell
from tools.localaws.emulator.athena.syntax import Raw, raw

if TYPE_CHECKING:
    from sqlglot import exp

_NUMBERS: Final = ("integer", "decimal", "double")
_PLAIN: Final = "CAST({0} AS GOAL)"
_JSON_TEXT: Final = "athena_json_scalar({0}, 'GOAL')"
_CASTS: Final[dict[tuple[str, str], str]] = {
    **{(source, goal): _PLAIN for source in _NUMBERS for goal in _NUMBERS},
    ("double", "integer"): "CAST(round({0}) AS GOAL)",
    **{("boolean", goal): _PLAIN for goal in ("boolean", "integer", "double")},
    **{(source, "boolean"): _PLAIN for source in ("integer", "decimal")},
    **{(source, "varchar"): _PLAIN for source in ("integer", "decimal", "boolean", "date", "varchar")},
    ("double", "varchar"): "athena_java({0})",
    ("timestamp", "varchar"): "athena_stamp({0})",
    ("timestamp with time zone", "varchar"): "(athena_stamp({0}) || ' UTC')",
    ("varchar", "integer"): "CAST(athena_long({0}, 'GOAL') AS GOAL)",
    ("varchar", "double"): "CAST(athena_double({0}) AS GOAL)",
    ("varchar", "decimal"): "CAST(athena_number({0}, 'GOAL') AS GOAL)",
    ("varchar", "boolean"): "athena_boolean({0})",
    ("varchar", "date"): "athena_date({0})",
    ("varchar", "timestamp"): "athena_time({0})",
    **{(source, goal): _PLAIN for source in ("date", "timestamp") for goal in ("date", "timestamp")},
    ("timestamp with time zone", "timestamp with time zone"): "{0}",
    ("timestamp with time zone", "timestamp"): "timezone('UTC', {0})",
    ("timestamp with time zone", "date"): "CAST(timezone('UTC', {0}) AS DATE)",
    **{
        (source, "timestamp with time zone"): "timezone('UTC', CAST({0} AS TIMESTAMP))"
        for source in ("date", "timestamp")
    },
    ("json", "json"): "{0}",
    **{("json", goal): f"CAST({_JSON_TEXT} AS GOAL)" for goal in ("varchar", "double", "boolean", "decimal")},
    (
        "json",
        "integer",
    ): f"CASE WHEN contains({_JSON_TEXT}, '.') THEN CAST(round(CAST({_JSON_TEXT} AS DOUBLE)) AS GOAL) "
    f"ELSE CAST({_JSON_TEXT} AS GOAL) END",
    ("json", "array"): "CAST(CAST(athena_doubles({0}) AS JSON) AS GOAL)",
    ("json", "map"): "CAST(CAST(athena_doubles({0}) AS JSON) AS GOAL)",
}
"""Kinds of a value and of what it becomes -> the template, in which GOAL is the type."""


def cast_to(types: list[str], part: exp.Expression, goal: str, digits: int | None) -> Raw:
    """Returns CAST(part AS goal); `digits` of a second are kept in a time.

    Raises:
        QueryError: Athena has no such cast, or local AWS does not know it.
    """
    source, kind = kind_of(types[0]), kind_of(goal)
    template = _CASTS.get((source, kind))
    if source == "null":
        template = _PLAIN
    elif template is None and types[0] == goal:
        template = "{0}"
    elif source == kind == "array" and {kind_of(types[0][:-2]), kind_of(goal[:-2])} <= {"integer", "decimal"}:
        template = _PLAIN
    if template is None:
        raise unsupported(f"a cast of {spell(types[0])} to {spell(goal)}")
    template = template.replace("GOAL", goal)
    step = 10 ** (6 - digits) if digits is not None and kind.startswith("timestamp") else 1
    return raw(f"athena_round({template}, {step})" if step > 1 else template, part)
