"""Types of the catalog's columns, as Hive spells them, and their counterparts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tools.localaws.emulator.athena.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator

_DUCKDB: Final = {
    "string": "VARCHAR",
    "varchar": "VARCHAR",
    "boolean": "BOOLEAN",
    "tinyint": "TINYINT",
    "smallint": "SMALLINT",
    "int": "INTEGER",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "float": "FLOAT",
    "double": "DOUBLE",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}
_FROM_DUCKDB: Final = {
    "VARCHAR": "string",
    "FLOAT": "float",
    "INTEGER": "int",
    "TIMESTAMP WITH TIME ZONE": "timestamp",
    "JSON": "string",
}
INTEGER_BITS: Final = {"tinyint": 8, "smallint": 16, "int": 32, "integer": 32, "bigint": 64}
"""Name of a type -> how many bits its numbers have."""


@dataclass(frozen=True)
class HiveType:
    """A type: its name, numbers of a decimal, and the types inside of an array, a map or a struct (with names)."""

    name: str
    numbers: tuple[int, ...] = ()
    inner: tuple[HiveType, ...] = ()
    fields: tuple[str, ...] = ()

    def duckdb(self) -> str:
        """Returns the type in which DuckDB holds its values.

        Raises:
            QueryError: local AWS does not know the type.
        """
        types = [each.duckdb() for each in self.inner]
        match self.name:
            case "decimal":
                precision, scale = (*self.numbers, *(10, 0)[len(self.numbers) :])
                return f"DECIMAL({precision},{scale})"
            case "array":
                return f"{types[0]}[]"
            case "map":
                return f"MAP({types[0]}, {types[1]})"
            case "struct":
                named = zip(self.fields, types, strict=True)
                return f"STRUCT({', '.join(f'{identifier(name)} {each}' for name, each in named)})"
        if self.name not in _DUCKDB or self.numbers:
            raise QueryError(f"NOT_SUPPORTED: Unsupported Hive type: {self.name} (in local AWS)")
        return _DUCKDB[self.name]


def parse_type(text: str) -> HiveType:
    """Reads a type, like `array<struct<price:decimal(38,2)>>`.

    Raises:
        QueryError: it is no type.
    """
    words = iter(re.findall(r"[^\s<>(),:]+|[<>(),:]", text.lower()))
    found, rest = _parse(words, next(words, ""), text)
    if rest:
        raise QueryError(f"HIVE_INVALID_METADATA: Invalid column type: {text}")
    return found


def _parse(words: Iterator[str], name: str, text: str) -> tuple[HiveType, str]:
    """Returns a type and the word after it, "" at the end."""
    numbers: list[int] = []
    inner: list[HiveType] = []
    fields: list[str] = []
    word = next(words, "")
    try:
        while word == "(" or (numbers and word == ","):
            numbers.append(int(next(words)))
            word = next(words)
        word = next(words, "") if numbers else word
        while word == "<" or (inner and word == ","):
            if name == "struct":
                fields.append(next(words))
                next(words)
            of, word = _parse(words, next(words), text)
            inner.append(of)
        word = next(words, "") if inner else word
    except (ValueError, StopIteration):
        raise QueryError(f"HIVE_INVALID_METADATA: Invalid column type: {text}") from None
    return HiveType(name, tuple(numbers), tuple(inner), tuple(fields)), word


def from_duckdb(name: str) -> str:
    """Returns the catalog's spelling of a type of DuckDB."""
    if name.endswith("[]"):
        return f"array<{from_duckdb(name[:-2])}>"
    return _FROM_DUCKDB.get(name, name.lower())


def identifier(name: str) -> str:
    """Returns a name as SQL quotes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Returns a text as SQL quotes it."""
    return "'" + text.replace("'", "''") + "'"
