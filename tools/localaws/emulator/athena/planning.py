"""Which tables a query reads, and which of their partitions."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from sqlglot import exp

from tools.localaws.emulator.athena import catalog, syntax
from tools.localaws.emulator.athena.dialect import Translation
from tools.localaws.emulator.athena.errors import QueryError, unsupported
from tools.localaws.emulator.athena.hive_types import identifier
from tools.localaws.emulator.athena.syntax import raw

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

HIDDEN: Final = {"$path": "VARCHAR", "$file_size": "BIGINT", "$file_modified_time": "TIMESTAMP WITH TIME ZONE"}
"""Columns that a table has only where a query names them."""

_UNNAMED: Final = "_col?"
_MAX_DEPTH: Final = 16


class Plan:
    """A query over tables that exist in DuckDB, still without rows.

    Attributes:
        sql: the query, as DuckDB runs it.
        has_hidden: whether it names hidden columns.

    Raises:
        QueryError: the query is refused.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, look_up: Callable[[str, str], catalog.Table | catalog.View]
    ) -> None:
        self._connection = connection
        self._look_up = look_up
        self._known: dict[tuple[str, str], catalog.Table | catalog.View] = {}
        self.sql = ""
        self.has_hidden = False

    @property
    def tables(self) -> list[catalog.Table]:
        """The tables that the query reads, also through views."""
        return [each for each in self._known.values() if isinstance(each, catalog.Table)]

    def prepare(self, tree: exp.Expression, database: str) -> None:
        """Makes the query's tables and views in DuckDB, and the query itself."""
        self.has_hidden = any(name.this in HIDDEN for name in tree.find_all(exp.Identifier))
        _name_columns(tree)
        self.sql = self._translate(tree, database, 0)

    def describe(self) -> list[tuple[str, str]]:
        """Returns the result's columns and their types in DuckDB."""
        described = self._connection.execute(f"DESCRIBE {self.sql}").fetchall()
        return [
            (f"_col{place}" if name.startswith(_UNNAMED) else name, kind)
            for place, (name, kind, *_) in enumerate(described)
        ]

    def filters(self) -> dict[tuple[str, str], list[list[str]]]:
        """Returns table -> for each time that the query reads it, conditions that all the rows it uses fulfil."""
        # Without rows, these would conclude that there is nothing to filter.
        self._connection.execute("SET disabled_optimizers = 'empty_result_pullup,statistics_propagation'")
        explained = self._connection.execute(f"EXPLAIN (FORMAT json) {self.sql}").fetchall()
        self._connection.execute("SET disabled_optimizers = ''")
        found: dict[tuple[str, str], list[list[str]]] = {}
        pending: list[dict[str, Any]] = json.loads(explained[0][1])
        while pending:
            node = pending.pop()
            pending.extend(node["children"])
            about = node["extra_info"]
            if "Table" in about:
                name = _identifiers(about["Table"])
                # Otherwise a table could stay empty unnoticed.
                if name not in self._known:
                    raise unsupported(f"a plan that reads {about['Table']}")
                conditions = about.get("Filters", [])
                listed = [conditions] if isinstance(conditions, str) else conditions
                found.setdefault(name, []).append([each.removeprefix("optional: ") for each in listed])
        return found

    def _translate(self, tree: exp.Expression, database: str, depth: int) -> str:
        for node in list(tree.find_all(exp.Table)):
            if not isinstance(node.this, exp.Identifier):
                raise unsupported("a function in FROM")
            if not _is_named_within(node):
                name = (node.db or database).lower(), node.name.lower()
                if node.catalog.lower() not in ("", "awsdatacatalog"):
                    raise unsupported(f"the data source {node.catalog}")
                self._define(name, depth)
                alias = node.args.get("alias") or exp.TableAlias(this=exp.to_identifier(node.name))
                node.replace(exp.Table(this=exp.to_identifier(name[1], quoted=True),
                                       db=exp.to_identifier(name[0], quoted=True), alias=alias))  # fmt: skip
        self._refuse_aliases(tree)
        if self.has_hidden:
            _leave_out_hidden(tree)
        return Translation(tree).bind(self._connection)

    def _refuse_aliases(self, tree: exp.Expression) -> None:
        """Refuses a SELECT's aliases in its own WHERE, GROUP BY and HAVING, where DuckDB knows them and Athena not."""
        for select in tree.find_all(exp.Select):
            start = select.args.get("from_") or select.args.get("from")
            sources = [each.this for each in (start, *(select.args.get("joins") or ())) if each is not None]
            if not all(isinstance(each, exp.Table) and each.db for each in sources):
                continue
            columns = {row[0].lower() for each in sources for row in self._connection.execute(
                f"DESCRIBE {identifier(each.db)}.{identifier(each.name)}").fetchall()}  # fmt: skip
            aliases = {each.alias.lower() for each in select.expressions if isinstance(each, exp.Alias)} - columns
            for clause in filter(None, map(select.args.get, ("where", "group", "having"))):
                for column in clause.find_all(exp.Column):
                    is_own = column.find_ancestor(exp.Select) is select and not column.table
                    if is_own and column.name.lower() in aliases:
                        raise QueryError(f"COLUMN_NOT_FOUND: Column '{column.name}' cannot be resolved")

    def _define(self, name: tuple[str, str], depth: int) -> None:
        if name in self._known:
            return
        if depth > _MAX_DEPTH:
            raise QueryError(f"VIEW_IS_RECURSIVE: View {'.'.join(name)} is recursive")
        found = self._known[name] = self._look_up(*name)
        self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS {identifier(name[0])}")
        sql_name = f"{identifier(name[0])}.{identifier(name[1])}"
        if isinstance(found, catalog.View):
            tree = syntax.parse(found.sql)
            _name_columns(tree)
            # Before it is there for itself, it would be read as a table.
            del self._known[name]
            sql = self._translate(tree, found.schema.lower(), depth + 1)
            self._known[name] = found
            self._connection.execute(f"CREATE VIEW {sql_name} AS {sql}")
            self._check(found, sql_name)
            return
        columns = {**found.columns, **found.partitions}
        types = {column: kind.duckdb() for column, kind in columns.items()} | (HIDDEN if self.has_hidden else {})
        if not types:
            raise QueryError(f"HIVE_INVALID_METADATA: Table {'.'.join(name)} has no columns")
        listed = ", ".join(f"{identifier(column)} {kind}" for column, kind in types.items())
        self._connection.execute(f"CREATE TABLE {sql_name} ({listed})")

    def _check(self, view: catalog.View, sql_name: str) -> None:
        """Refuses a view whose declared columns are not those of its query, as Athena does when it is used."""
        described = self._connection.execute(f"DESCRIBE {sql_name}").fetchall()
        actual = [(name.lower(), catalog.trino_type(kind)) for name, kind, *_ in described]
        if len(actual) != len(view.columns):
            raise _stale(view, f"{len(view.columns)} columns are declared, and its query has {len(actual)}")
        for (name, kind), (found, found_kind) in zip(view.columns, actual, strict=True):
            if name != found or not _fits(kind, found_kind):
                raise _stale(
                    view, f"column [{found}] of type {found_kind} cannot be coerced to [{name}] of type {kind}"
                )


def _identifiers(text: str) -> tuple[str, str]:
    """Returns database and name of a table, whose words DuckDB quotes where they need it."""
    words = [plain or quoted.replace('""', '"') for quoted, plain in re.findall(r'"((?:[^"]|"")*)"|([^".]+)', text)]
    return words[-2], words[-1]


def _stale(view: catalog.View, why: str) -> QueryError:
    return QueryError(
        f"VIEW_IS_STALE: View 'awsdatacatalog.{view.database}.{view.name}' is stale or in invalid state: {why}"
    )


def _fits(declared: str, found: str) -> bool:
    plain = declared.lower().replace(" ", "").split("(")[0], found.replace(" ", "").split("(")[0]
    if plain[0] != plain[1]:
        return False
    return plain[0] != "decimal" or declared.replace(" ", "").lower() == found.replace(" ", "")


def _is_named_within(node: exp.Table) -> bool:
    """Returns whether a table's name is that of a WITH around it."""
    if node.db:
        return False
    around = node.parent
    while around is not None:
        names = around.args.get("with_") or around.args.get("with")
        if names is not None and any(each.alias.lower() == node.name.lower() for each in names.expressions):
            return True
        around = around.parent
    return False


def _name_columns(tree: exp.Expression) -> None:
    """Names the columns of a result that have no name."""
    first = tree
    while isinstance(first, exp.SetOperation | exp.Subquery):
        first = first.this
    if isinstance(first, exp.Select):
        for place, column in enumerate(first.expressions):
            if not isinstance(column, exp.Alias | exp.Column | exp.Dot | exp.Star) and not column.is_star:
                column.replace(exp.alias_(column.copy(), f"{_UNNAMED}{place}", quoted=True))


def _leave_out_hidden(tree: exp.Expression) -> None:
    """Leaves hidden columns out of `*`, where a query names them."""
    for star in list(tree.find_all(exp.Star)):
        select = star.parent if isinstance(star.parent, exp.Select) else None
        if isinstance(star.parent, exp.Column) or (select and select.find(exp.Subquery, exp.CTE)):
            raise unsupported('"$path" beside a * of other than one table')
        if select:
            star.replace(raw("COLUMNS(lambda name: NOT starts_with(name, '$'))"))
