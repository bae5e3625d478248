"""Results as Athena writes and returns them.

Source: "Work with query results and recent queries" of the Athena User Guide, and GetQueryResults of its API Reference.
"""

from __future__ import annotations

import datetime
import decimal
import json
import re
import struct
from typing import TYPE_CHECKING, Any, Final

from tools.localaws.emulator.athena.errors import unsupported
from tools.localaws.emulator.athena.kinds import numbers_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_NAMES: Final = {
    "FLOAT": "float",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
    "BLOB": "varbinary",
    '"NULL"': "unknown",
}
_PRECISIONS: Final = {
    "varchar": 2147483647, "tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19, "float": 17, "double": 17,
    "timestamp": 3, "timestamp with time zone": 3,
}  # fmt: skip
_FIELD: Final = re.compile(r'("((?:[^"]|"")*)")?(,|\n)')


def column(name: str, kind: str) -> dict[str, Any]:
    """Returns what GetQueryResults says of a column; `kind` is DuckDB's type.

    Raises:
        QueryError: Athena has no such type.
    """
    if kind in ("INTERVAL", "HUGEINT", "UBIGINT", "TIME"):
        raise unsupported(f"a result of the type {kind}")
    shape = "array" if kind.endswith("]") else kind.split("(", maxsplit=1)[0]
    type_name = {"MAP": "map", "STRUCT": "row"}.get(shape) or _NAMES.get(shape, shape.lower())
    precision, scale = numbers_of(kind) if type_name == "decimal" else (_PRECISIONS.get(type_name, 0), 0)
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": name,
        "Label": name,
        "Type": type_name,
        "Precision": precision,
        "Scale": scale,
        "Nullable": "UNKNOWN",
        "CaseSensitive": type_name == "varchar",
    }


def as_text(value: Any, kind: str, *, sorted_json: bool = False) -> str | None:  # noqa: ANN401  # what DuckDB returns
    """Returns a value as Athena spells it, None for null."""
    if value is None:
        return None
    if kind == "JSON" and sorted_json:
        return json.dumps(json.loads(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if kind == "FLOAT":
        return java_double(_shortest(value))
    return _spell(value)


def java_double(text: str) -> str:
    """Returns a double, given as Python or DuckDB spells it, as Java does: `1.0E7`."""
    number = float(text)
    if number != number or number in (float("inf"), float("-inf")):  # noqa: PLR0124
        return "NaN" if number != number else "Infinity" if number > 0 else "-Infinity"  # noqa: PLR0124
    if number == 0 or 1e-3 <= abs(number) < 1e7:
        spelled = f"{decimal.Decimal(text):f}"
        return spelled if "." in spelled else f"{spelled}.0"
    sign, digits, exponent = decimal.Decimal(text).as_tuple()
    spelled = "".join(map(str, digits)).rstrip("0")
    power = len(digits) + int(exponent) - 1
    return f"{'-' if sign else ''}{spelled[0]}.{spelled[1:] or '0'}E{power}"


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[str | None]]) -> Iterator[str]:
    """Returns the lines of a result's file: all is quoted, null is nothing."""
    yield _line(columns)
    for row in rows:
        yield _line(row)


def read_csv(text: str) -> list[list[str | None]]:
    """Returns the rows of a result's file, its header first."""
    rows: list[list[str | None]] = [[]]
    for found in _FIELD.finditer(text):
        rows[-1].append(found[2].replace('""', '"') if found[1] is not None else None)
        if found[3] == "\n":
            rows.append([])
    return rows[:-1]


def page(rows: Sequence[Sequence[str | None]], columns: list[dict[str, Any]], start: int, count: int) -> dict[str, Any]:
    """Returns the answer of GetQueryResults."""
    shown = [{"Data": [{} if v is None else {"VarCharValue": v} for v in row]} for row in rows[start : start + count]]
    answer: dict[str, Any] = {
        "ResultSet": {"Rows": shown, "ResultSetMetadata": {"ColumnInfo": columns}},
        "UpdateCount": 0,
    }
    if start + count < len(rows):
        answer["NextToken"] = str(start + count)
    return answer


def _line(row: Sequence[str | None]) -> str:
    return ",".join("" if value is None else '"' + value.replace('"', '""') + '"' for value in row) + "\n"


def _spell(value: Any) -> str:  # noqa: ANN401, PLR0911
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case float():
            return java_double(repr(value))
        case decimal.Decimal():
            return f"{value:f}"
        case datetime.datetime():
            digits = "milliseconds" if value.microsecond % 1000 == 0 else "microseconds"
            return value.replace(tzinfo=None).isoformat(" ", digits) + (" UTC" if value.tzinfo else "")
        case list():
            return "[" + ", ".join(map(_spell, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{_spell(name)}={_spell(of)}" for name, of in value.items()) + "}"
        case bytes():
            return value.hex(" ")
    return str(value)


def _shortest(value: float) -> str:
    """Returns the shortest text that is this number in 32 bits."""
    exact = struct.pack("f", value)
    return next(text for digits in range(1, 18) if struct.pack("f", float(text := f"{value:.{digits}g}")) == exact)
