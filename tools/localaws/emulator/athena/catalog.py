"""Tables and views of the Glue Data Catalog."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tools.localaws.emulator.athena.errors import QueryError, unsupported
from tools.localaws.emulator.athena.hive_types import HiveType, from_duckdb, parse_type
from tools.localaws.emulator.athena.serde import HIVE, OPENX, SerDe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_VIEW: Final = re.compile(r"/\*\s*Presto View:\s*(\S+)\s*\*/")


@dataclass(frozen=True)
class Table:
    """A table whose rows are lines of JSON.

    Attributes:
        partitions: name -> type of the partition columns, in their order.
        location: `s3://bucket/prefix/`.
        parameters: its TBLPROPERTIES, projection among them.
    """

    database: str
    name: str
    columns: Mapping[str, HiveType]
    partitions: Mapping[str, HiveType]
    location: str
    serde: SerDe
    parameters: Mapping[str, str]

    @property
    def is_projected(self) -> bool:
        """Whether its partitions follow from its properties."""
        return self.parameters.get("projection.enabled", "").strip().lower() == "true"


@dataclass(frozen=True)
class View:
    """A view: its query, the database in which that names tables, and its columns (name, Trino's type)."""

    database: str
    name: str
    sql: str
    schema: str
    columns: tuple[tuple[str, str], ...]


def read(database: str, described: dict[str, Any]) -> Table | View:
    """Returns a table or view from what Glue's GetTable says of it.

    Raises:
        QueryError: it is of a kind that local AWS does not read.
    """
    name, storage = described["Name"], described.get("StorageDescriptor") or {}
    if described.get("TableType") == "VIRTUAL_VIEW":
        return _view(database, name, described.get("ViewOriginalText") or "")
    parameters = described.get("Parameters") or {}
    serde = storage.get("SerdeInfo") or {}
    library = serde.get("SerializationLibrary") or ""
    if library.lower() not in (HIVE, OPENX):
        raise unsupported(f"table {database}.{name} has the SerDe {library or 'none'}, not one of the two for JSON")
    if not storage.get("Location"):
        raise QueryError(f"HIVE_INVALID_METADATA: Table {database}.{name} has no location")
    columns = _columns(storage.get("Columns") or ())
    properties = {key.lower(): value for key, value in (serde.get("Parameters") or {}).items()}
    return Table(
        database,
        name,
        columns,
        _columns(described.get("PartitionKeys") or ()),
        storage["Location"].rstrip("/") + "/",
        SerDe(columns, library.lower() == HIVE, properties),
        parameters,
    )


def view_input(name: str, sql: str, schema: str, columns: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Returns what CREATE VIEW gives to Glue; `columns` have DuckDB's types."""
    described = [{"name": column, "type": trino_type(kind)} for column, kind in columns]
    view = {"originalSql": sql, "catalog": "awsdatacatalog", "schema": schema, "columns": described}
    text = base64.b64encode(json.dumps(view).encode()).decode()
    return {
        "Name": name,
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"presto_view": "true", "comment": "Presto View"},
        "StorageDescriptor": {
            "Columns": [{"Name": column, "Type": from_duckdb(kind)} for column, kind in columns],
            "SerdeInfo": {},
        },
        "ViewOriginalText": f"/* Presto View: {text} */",
        "ViewExpandedText": "/* Presto View */",
    }


def trino_type(kind: str) -> str:
    """Returns Trino's name of a type of DuckDB."""
    if kind.endswith("[]"):
        return f"array({trino_type(kind[:-2])})"
    names = {"TIMESTAMP": "timestamp(3)", "TIMESTAMP WITH TIME ZONE": "timestamp(3) with time zone", "FLOAT": "real"}
    return names.get(kind, kind.lower())


def _columns(described: Sequence[dict[str, Any]]) -> dict[str, HiveType]:
    return {column["Name"].lower(): parse_type(column.get("Type") or "string") for column in described}


def _view(database: str, name: str, text: str) -> View:
    found = _VIEW.search(text)
    try:
        view = json.loads(base64.b64decode(found[1] if found else "", validate=True))
        columns = tuple((column["name"].lower(), column["type"]) for column in view["columns"])
        return View(database, name, view["originalSql"], view.get("schema") or database, columns)
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise QueryError(f"INVALID_VIEW: Invalid view JSON: {database}.{name}") from None
