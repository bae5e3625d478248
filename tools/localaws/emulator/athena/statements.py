"""Runs one statement: a query, or one of those on tables, views and prepared statements."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import duckdb

from tools.localaws.emulator.athena import binding, definitions, results, syntax
from tools.localaws.emulator.athena.errors import CancelledError
from tools.localaws.emulator.athena.loading import Loader
from tools.localaws.emulator.athena.planning import Plan
from tools.localaws.emulator.athena.request import Request, look_up

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_COMMENTS: Final = re.compile(r"^(\s+|--[^\n]*(\n|$)|/\*.*?\*/)+", re.DOTALL)
_FETCHED: Final = 1000


@dataclass
class Outcome:
    """What came of it: the result's file and its columns."""

    file: Path
    columns: list[dict[str, Any]] = field(default_factory=list)


def kind_of(sql: str) -> str:
    """Returns DDL, DML or UTILITY, as GetQueryExecution tells it."""
    first = (re.findall(r"[A-Za-z]+", _COMMENTS.sub("", sql)[:200]) or [""])[0].upper()
    if first in ("CREATE", "DROP", "ALTER", "MSCK"):
        return "DDL"
    return "UTILITY" if first in ("SHOW", "DESCRIBE", "DESC", "EXPLAIN", "PREPARE", "DEALLOCATE") else "DML"


def run(request: Request, folder: Path, scanned: list[int]) -> Outcome:
    """Runs a statement, with files in `folder`; how many bytes it has scanned becomes the item of `scanned`.

    Raises:
        QueryError: it fails.
        CancelledError: it was stopped, or reads more than it may.
    """
    sql = _COMMENTS.sub("", request.sql).rstrip().rstrip(";").rstrip()
    for pattern, statement in definitions.STATEMENTS:
        found = re.fullmatch(pattern, sql, re.IGNORECASE | re.DOTALL)
        if found:
            rows = statement(request, found)
            if isinstance(rows, Request):
                return run(rows, folder, scanned)
            return _listing(folder, rows)
    found = re.match(r"CREATE\s+(?:OR\s+REPLACE\s+)?VIEW\s+", sql, re.IGNORECASE)
    if found:
        definitions.create_view(request, sql, folder)
        return _listing(folder, [])
    if kind_of(sql) == "DDL":
        definitions.change_table(request, sql)
        return _listing(folder, [])
    return _query(request, sql, folder, scanned)


def _listing(folder: Path, rows: Sequence[str]) -> Outcome:
    file = folder / "result.txt"
    file.write_text("".join(f"{row}\n" for row in rows))
    return Outcome(file, [results.column("result", "VARCHAR")])


def _query(request: Request, sql: str, folder: Path, scanned: list[int]) -> Outcome:
    tree = syntax.parse(sql)
    syntax.fill(tree, request.parameters)
    connection = binding.open_database(folder / "query.db")
    try:
        request.connected(connection)
        plan = Plan(connection, lambda *name: look_up(request.caller, *name))
        plan.prepare(tree, request.database)
        columns = plan.describe()
        described = [results.column(*each) for each in columns]
        loader = Loader(connection, request.caller, folder, request.limit, request.stopped)
        outcome = Outcome(folder / "result.csv", described)
        try:
            loader.load(plan)
            cursor = connection.execute(plan.sql)
            with outcome.file.open("w", newline="") as file:
                file.writelines(results.csv_lines([name for name, _ in columns], _rows(cursor, columns, request.sql)))
        finally:
            scanned[0] = loader.scanned
    except duckdb.InterruptException:
        raise CancelledError("Query cancelled by user") from None
    except duckdb.Error as error:
        raise binding.failure(error) from None
    finally:
        connection.close()
    return outcome


def _rows(cursor: duckdb.DuckDBPyConnection, columns: list[tuple[str, str]], sql: str) -> Iterator[list[str | None]]:
    sorts = "json_parse" in sql.lower()
    while fetched := cursor.fetchmany(_FETCHED):
        for row in fetched:
            yield [
                results.as_text(value, kind, sorted_json=sorts) for value, (_, kind) in zip(row, columns, strict=True)
            ]
