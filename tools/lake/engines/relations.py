"""A table of the catalog in DuckDB's words: rewritten lines, read with the catalog's types and not with guessed ones.

Values are read as Hive's JsonSerDe reads them, as far as DuckDB has a way: a number of too many digits, or text in the
place of a number, is null.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tools.lake.engines import text_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tools.lake.glue_catalog import CatalogTable

PATH: Final = "$path"
SIZE: Final = "$file_size"
HIDDEN: Final = {PATH: "string", SIZE: "bigint"}
"""Columns that every table of Athena has and `*` does not show (Amazon Athena User Guide, "Get file metadata")."""

LARGEST_LINE: Final = 64 * 1024 * 1024
"""Bytes of a rewritten line; one of ours has 6,000,000 at most before that."""

_ARRAY: Final = re.compile(r"array<(.+)>")
_DECIMAL: Final = re.compile(r"decimal\((\d+),\s*(\d+)\)")
_INTEGERS: Final = {"tinyint": "TINYINT", "smallint": "SMALLINT", "int": "INTEGER", "bigint": "BIGINT"}
_OTHERS: Final = {"double": "DOUBLE", "float": "REAL", "date": "DATE", "timestamp": "TIMESTAMP"}


def select(table: CatalogTable, files: Sequence[Path], hidden: Iterable[str]) -> str:
    """Returns the SELECT that gives the rows of a table; `hidden` are those of its hidden columns that are wanted."""
    columns = {**table.columns, **table.partitions, **{name: HIDDEN[name] for name in hidden}}
    picked = ", ".join(f"{expression(name, type_)} AS {quoted(name)}" for name, type_ in columns.items())
    stored = ", ".join(f"{text(name)}: {text(kind)}" for name, kind in map(_stored, columns, columns.values()))
    if not files:
        empty = ", ".join(
            f"CAST(NULL AS {kind}) AS {quoted(name)}" for name, kind in map(_stored, columns, columns.values())
        )
        return f"SELECT {picked} FROM (SELECT {empty}) WHERE false"  # noqa: S608  # names are quoted
    listed = ", ".join(text(str(file)) for file in files)
    options = f"format = 'newline_delimited', compression = 'gzip', maximum_object_size = {LARGEST_LINE}"
    return f"SELECT {picked} FROM read_json([{listed}], columns = {{{stored}}}, {options})"  # noqa: S608  # as above


def expression(name: str, type_: str) -> str:
    """Returns what makes a value of the catalog's type of the text in a rewritten line.

    >>> expression("price", "decimal(10,2)")
    'TRY_CAST("price" AS DECIMAL(10,2))'
    """
    array = _ARRAY.fullmatch(type_.strip().lower())
    return _elements(quoted(name + text_lines.ARRAY), array[1]) if array else _scalar(quoted(name), type_)


def quoted(name: str) -> str:
    """Returns a name as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """Returns text as SQL takes it."""
    return "'" + value.replace("'", "''") + "'"


def _elements(value: str, type_: str, depth: int = 0) -> str:
    element = f"x{depth}"
    array = _ARRAY.fullmatch(type_)
    inner = _elements(element, array[1], depth + 1) if array else _scalar(element, type_)
    return f"list_transform({value}, lambda {element}: {inner})"


def _scalar(value: str, type_: str) -> str:
    kind = type_.strip().lower()
    if kind == "boolean":
        # Whatever is not spelled "true" is false.
        return f"CASE WHEN {value} IS NOT NULL THEN lower({value}) = 'true' END"
    if kind in _INTEGERS:
        # What has a point or an exponent loses what is behind the point, where DuckDB would round.
        return (
            f"CASE WHEN regexp_full_match({value}, '-?[0-9]+') THEN TRY_CAST({value} AS {_INTEGERS[kind]}) "
            f"ELSE TRY_CAST(trunc(TRY_CAST({value} AS DOUBLE)) AS {_INTEGERS[kind]}) END"
        )
    if found := _DECIMAL.fullmatch(kind):
        return f"TRY_CAST({value} AS DECIMAL({found[1]},{found[2]}))"
    return f"TRY_CAST({value} AS {_OTHERS[kind]})" if kind in _OTHERS else value


def _stored(name: str, type_: str) -> tuple[str, str]:
    """Returns the name and the type under which the value lies in a rewritten line."""
    depth = type_.lower().count("array<") if _ARRAY.fullmatch(type_.strip().lower()) else 0
    return (name + text_lines.ARRAY, "VARCHAR" + "[]" * depth) if depth else (name, "VARCHAR")
