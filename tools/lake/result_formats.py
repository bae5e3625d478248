"""Writes an answer as CSV, JSON lines or Parquet, row by row, with every digit and with null apart from empty text."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb

from tools.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tools.lake.engines.results import Column, Result, Row

FORMATS: Final = ("table", "csv", "jsonl", "parquet")

_INTEGERS: Final = ("bigint", "integer", "smallint", "tinyint")
_JSON_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_PARQUET: Final = {
    **{name: name.upper() for name in (*_INTEGERS, "boolean", "double", "real", "date")},
    "timestamp": "TIMESTAMP",
}
_LARGEST_ROW: Final = 64 * 1024 * 1024


def csv_lines(result: Result) -> Iterator[str]:
    r"""Yields the lines of CSV as Athena writes it: each value in quotes, a null as nothing, the names first."""
    yield _csv(tuple(column.name for column in result.columns))
    for row in result.rows:
        yield _csv(row)


def json_lines(result: Result) -> Iterator[str]:
    """Yields a JSON object for each row.

    Integers, doubles and booleans are themselves; all else is text, decimals too, because most readers of JSON make
    doubles of them.
    """
    names = [json.dumps(name, ensure_ascii=False) for name in unique([column.name for column in result.columns])]
    types = [column.type for column in result.columns]
    for row in result.rows:
        yield (
            "{"
            + ",".join(f"{name}:{_json(type_, value)}" for name, type_, value in zip(names, types, row, strict=True))
            + "}"
        )


def write_parquet(result: Result, file: Path) -> int:
    """Writes Parquet, and returns the number of rows; a type that Parquet has no exact word for is text.

    Raises:
        LakeError: the file cannot be written.
    """
    names = [f"c{at}" for at in range(len(result.columns))]
    count = 0
    with tempfile.TemporaryDirectory(prefix=".query-", dir=file.parent) as folder:
        texts = Path(folder) / "rows.json"
        with texts.open("w", encoding="utf-8") as out:
            for row in result.rows:
                values = {name: value for name, value in zip(names, row, strict=True) if value is not None}
                out.write(json.dumps(values) + "\n")
                count += 1
        try:
            duckdb.connect().execute(_copy(result.columns, names, texts, file))
        except duckdb.Error as error:
            raise LakeError(f"{file} cannot be written: {' '.join(str(error).split())}") from None
    return count


def unique(names: Sequence[str]) -> list[str]:
    """Returns the names, each once: the second of a name gets a number.

    >>> unique(["a", "b", "a"])
    ['a', 'b', 'a_2']
    """
    found: list[str] = []
    for name in names:
        number, candidate = 1, name
        while candidate in found:
            number += 1
            candidate = f"{name}_{number}"
        found.append(candidate)
    return found


def _csv(row: Row) -> str:
    return ",".join("" if value is None else '"' + value.replace('"', '""') + '"' for value in row)


def _json(type_: str, value: str | None) -> str:
    if value is None:
        return "null"
    if type_ == "boolean" and value in ("true", "false"):
        return value
    if type_ in (*_INTEGERS, "double", "real") and _JSON_NUMBER.fullmatch(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _copy(columns: Sequence[Column], names: Sequence[str], texts: Path, file: Path) -> str:
    read = ", ".join(f"{name}: 'VARCHAR'" for name in names)
    picked = ", ".join(
        f'CAST({name} AS {_parquet_type(column.type)}) AS "{own.replace(chr(34), chr(34) * 2)}"'
        for name, column, own in zip(names, columns, unique([column.name for column in columns]), strict=True)
    )
    source = (
        f"read_json({_quoted(texts)}, columns = {{{read}}}, format = 'newline_delimited', "
        f"maximum_object_size = {_LARGEST_ROW})"
    )
    return f"COPY (SELECT {picked} FROM {source}) TO {_quoted(file)} (FORMAT parquet)"  # noqa: S608  # quoted


def _parquet_type(type_: str) -> str:
    return type_.upper() if type_.startswith("decimal(") else _PARQUET.get(type_, "VARCHAR")


def _quoted(file: Path) -> str:
    return "'" + str(file).replace("'", "''") + "'"
