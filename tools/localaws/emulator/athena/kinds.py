"""Kinds of DuckDB's types, as Athena tells them apart: it never turns one into another unasked, as DuckDB does."""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from tools.localaws.emulator.athena.errors import QueryError, unsupported

INTEGERS: Final = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")

_KINDS: Final = {
    **dict.fromkeys((*INTEGERS, "INTEGER_LITERAL"), "integer"),
    **dict.fromkeys(("FLOAT", "DOUBLE"), "double"),
    **dict.fromkeys(("VARCHAR", "STRING_LITERAL"), "varchar"),
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
    "INTERVAL": "interval",
    "JSON": "json",
    "BLOB": "varbinary",
    "NULL": "null",
    '"NULL"': "null",
}
_COMPARABLE: Final = {
    **dict.fromkeys(("integer", "decimal", "double"), "number"),
    **dict.fromkeys(("date", "timestamp", "timestamp with time zone"), "time"),
}
_TARGETS: Final = {
    "TINYINT": "TINYINT",
    "SMALLINT": "SMALLINT",
    "INT": "INTEGER",
    "BIGINT": "BIGINT",
    "FLOAT": "FLOAT",
    "DOUBLE": "DOUBLE",
    "BOOLEAN": "BOOLEAN",
    "DATE": "DATE",
    "VARCHAR": "VARCHAR",
    "JSON": "JSON",
    "VARBINARY": "BLOB",
    "TIMESTAMP": "TIMESTAMP",
    "TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE",
}


def kind_of(name: str) -> str:
    """Returns the kind of a type, like `integer` of `BIGINT`.

    Raises:
        QueryError: Athena has no such type.
    """
    if name.endswith("[]"):
        return "array"
    for start, kind in (("DECIMAL", "decimal"), ("MAP(", "map"), ("STRUCT(", "row")):
        if name.startswith(start):
            return kind
    if name not in _KINDS:
        raise unsupported(f"the type {name}")
    return _KINDS[name]


def are_alike(names: list[str]) -> bool:
    """Returns whether Athena compares values of these types, and lets them stand in one column."""
    kinds = {_COMPARABLE.get(kind, kind) for kind in map(kind_of, names)} - {"null"}
    return len(kinds) <= 1


def numbers_of(name: str) -> tuple[int, int]:
    """Returns precision and scale of a decimal, or of the decimal that an integer becomes beside one."""
    found = re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", name)
    if found:
        return int(found[1]), int(found[2])
    return {"TINYINT": 3, "SMALLINT": 5, "BIGINT": 19}.get(name, 10), 0


def spell(name: str) -> str:
    """Returns Trino's name of a type."""
    kind = kind_of(name)
    if kind == "integer":
        return "integer" if name == "INTEGER_LITERAL" else name.lower()
    return name.lower().replace(" ", "") if kind == "decimal" else kind


def mismatch(operator: str, names: list[str]) -> QueryError:
    """Returns the failure of an operator between kinds that Athena does not mix."""
    left, right = spell(names[0]), spell(next((each for each in names if not are_alike([names[0], each])), names[-1]))
    if operator == "CASE":
        return QueryError(f"TYPE_MISMATCH: All CASE results must be the same type; found {left} and {right}")
    return QueryError(f"TYPE_MISMATCH: Cannot apply operator: {left} {operator} {right}")


def target(kind: exp.DataType) -> tuple[str, int | None]:
    """Returns the type that a cast asks for, and the digits of a timestamp's seconds.

    Raises:
        QueryError: local AWS cannot cast to it.
    """
    name = kind.this.name
    numbers = [int(each.name) for each in kind.expressions if isinstance(each, exp.DataTypeParam)]
    if name == "DECIMAL":
        if not numbers:
            raise unsupported("DECIMAL without digits; write decimal(precision, scale)")
        return f"DECIMAL({numbers[0]},{numbers[1] if len(numbers) > 1 else 0})", None
    if name in ("ARRAY", "LIST"):
        return f"{target(kind.expressions[0])[0]}[]", None
    if name == "MAP":
        return f"MAP({target(kind.expressions[0])[0]}, {target(kind.expressions[1])[0]})", None
    if name not in _TARGETS or (numbers and not name.startswith("TIMESTAMP")):
        raise unsupported(f"a cast to {kind.sql('trino')}")
    digits = (numbers or [3])[0]
    if digits > 6:
        raise unsupported("timestamps with more than six digits of a second")
    return _TARGETS[name], digits
