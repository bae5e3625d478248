"""What DuckDB says of a query that it cannot bind or run."""

from __future__ import annotations

import json
import re
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, Final

import duckdb

from tools.localaws.emulator.athena.errors import QueryError
from tools.localaws.emulator.athena.functions import MACROS

PROBE: Final = "bit_position('site:{}', 0, 0{})"
"""A call that DuckDB refuses, naming the types of its arguments: it is given its number and them."""

_SITE: Final = re.compile(r"bit_position\('site:(\d+)'", re.IGNORECASE)
_TYPES: Final = re.compile(r"argument types 'bit_position\((.*)\)'\. You", re.DOTALL | re.IGNORECASE)
_CODES: Final = {"Out of Range Error": "NUMERIC_VALUE_OUT_OF_RANGE", "Conversion Error": "INVALID_CAST_ARGUMENT"}


def open_database(path: Path) -> duckdb.DuckDBPyConnection:
    """Makes a database for one query, with MACROS and with what Athena has by default."""
    path.write_bytes(_empty_database())
    settings: dict[str, Any] = {"default_null_order": "nulls_last", "memory_limit": "512MB", "threads": 2}
    connection = duckdb.connect(str(path), config=settings)
    for setting in ("errors_as_json = true", "TimeZone = 'UTC'", "ieee_floating_point_ops = true"):
        connection.execute(f"SET {setting}")
    return connection


@cache
def _empty_database() -> bytes:
    """Returns a database with nothing but MACROS, which take longer to make than most queries."""
    with tempfile.TemporaryDirectory(prefix="athena-") as folder:
        path = Path(folder) / "empty.db"
        with duckdb.connect(str(path)) as connection:
            connection.execute(MACROS)
        return path.read_bytes()


def failure(error: duckdb.Error) -> QueryError:
    """Returns a failure of DuckDB in Athena's words, where those are known."""
    told = _told(error)
    text = str(told.get("exception_message", error))
    found = re.search(r"Could not convert string 'athena:(.*)' to INT32", text, re.DOTALL)
    if found:
        return QueryError(found[1])
    if "ivision by zero" in text:
        return QueryError("DIVISION_BY_ZERO: Division by zero")
    first = text.splitlines()[0]
    if "a time in a zone other than UTC" in text or "bit_position" in text:
        return QueryError(
            "NOT_SUPPORTED: local AWS cannot answer this as Athena does: a time in a zone other than UTC without "
            "CAST(… AS timestamp) around it"
        )
    column = re.search(r'^Referenced (?:column|table) "([^"]+)"', first)
    if column:
        return QueryError(f"COLUMN_NOT_FOUND: Column '{column[1]}' cannot be resolved")
    if isinstance(error, duckdb.OutOfMemoryException):
        return QueryError("Query exhausted resources at this scale factor (in local AWS: 512 MB)")
    kind = str(error).partition(": ")[0]
    return QueryError(f"{_CODES.get(kind, 'SYNTAX_ERROR' if 'Binder' in kind else 'GENERIC_USER_ERROR')}: {first}")


def asked(error: duckdb.Error, sql: str) -> tuple[int | None, list[str]]:
    """Returns the number of the probe that was refused and its arguments' types; None for another error."""
    told = _told(error)
    types, place = _TYPES.search(told.get("exception_message", "")), int(told.get("position", -1))
    site = _SITE.match(sql.encode()[place:].decode("utf-8", "replace")) if types and place >= 0 else None
    if not types or not site:
        return None, []
    return int(site[1]), _split(types[1])[3:]


def _told(error: duckdb.Error) -> dict[str, Any]:
    text = str(error)
    try:
        told = json.loads(text[text.index("{") :])
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _split(text: str) -> list[str]:
    """Splits at the commas that are in no brackets and no quotes."""
    parts, depth, quoted, start = [], 0, False, 0
    for place, character in enumerate(text):
        quoted ^= character == '"'
        depth += 0 if quoted else (character in "([") - (character in ")]")
        if character == "," and not depth and not quoted:
            parts.append(text[start:place].strip())
            start = place + 1
    return [*parts, text[start:].strip()]
