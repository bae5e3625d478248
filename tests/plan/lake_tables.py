"""The views and queries that a plan puts into the catalog, run by DuckDB on rows of a test."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, Final

import duckdb
import sqlglot

from tests.plan.reading import of_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import tftest

_DUCKDB_TYPES: Final = {"string": "VARCHAR", "bigint": "BIGINT", "boolean": "BOOLEAN", "int": "INTEGER"}


def definition(view: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what Athena reads of a view: its SQL and its columns."""
    text = view["view_original_text"].removeprefix("/* Presto View: ").removesuffix(" */")
    found: dict[str, Any] = json.loads(base64.b64decode(text))
    return found


class Database:
    """A database that is thrown away, asked in Athena's words."""

    def __init__(self) -> None:
        self._database = duckdb.connect()

    def rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        """Runs a query in Athena's words; returns its rows by column."""
        done = self._database.execute(translated(query), list(parameters))
        names = [column[0] for column in done.description]
        return [dict(zip(names, row, strict=True)) for row in done.fetchall()]

    def run(self, statement: str) -> None:
        """Runs a statement in DuckDB's words."""
        self._database.execute(statement)


class Lake(Database):
    """The tables and views of a plan in a database of its own."""

    def __init__(self, plan: tftest.TerraformPlanOutput) -> None:
        super().__init__()
        found = of_type(plan, "aws_glue_catalog_table").values()
        self.tables = {each["name"]: each for each in found if each["table_type"] == "EXTERNAL_TABLE"}
        self.views = {each["name"]: definition(each) for each in found if each["table_type"] == "VIRTUAL_VIEW"}
        self.queries = {each["name"]: each["query"] for each in of_type(plan, "aws_athena_named_query").values()}
        for name, table in self.tables.items():
            self._database.execute(f'CREATE SCHEMA IF NOT EXISTS "{table["database_name"]}"')
            columns = [f'"{column}" {_DUCKDB_TYPES[kind]}' for column, kind in self.columns(name).items()]
            more = ['"$path" VARCHAR', '"$file_size" BIGINT']
            self._database.execute(f'CREATE TABLE "{table["database_name"]}"."{name}" ({", ".join([*columns, *more])})')
        for name, view in self.views.items():
            self._database.execute(f'CREATE VIEW "{view["schema"]}"."{name}" AS {translated(view["originalSql"])}')

    def columns(self, name: str) -> dict[str, str]:
        """Returns column -> type of a table, its partitions included."""
        table = self.tables[name]
        declared = [*table["storage_descriptor"][0]["columns"], *table["partition_keys"]]
        return {column["name"]: column["type"] for column in declared}

    def put(self, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Puts rows in the place of those that a table has."""
        place = f'"{self.tables[name]["database_name"]}"."{name}"'
        names = [*self.columns(name), "$path", "$file_size"]
        self._database.execute(f"DELETE FROM {place}")  # noqa: S608
        for row in rows:
            values = [row.get(column) for column in names]
            self._database.execute(f"INSERT INTO {place} VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608

    def view(self, name: str) -> list[dict[str, Any]]:
        """Returns the rows of a view."""
        return self.rows(f'SELECT * FROM "{self.views[name]["schema"]}"."{name}"')  # noqa: S608


def translated(query: str) -> str:
    """Returns a query of Athena's in the words of DuckDB."""
    (text,) = sqlglot.transpile(query, read="athena", write="duckdb")
    return text
