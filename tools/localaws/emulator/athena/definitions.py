"""Statements on tables, views, databases and prepared statements: they change or tell what the catalog holds."""

from __future__ import annotations

import importlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from tools.localaws.emulator.athena import binding, catalog, syntax
from tools.localaws.emulator.athena.errors import QueryError, unsupported
from tools.localaws.emulator.athena.planning import Plan
from tools.localaws.emulator.athena.request import Request, look_up

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_NAME: Final = r'((?:[\w$-]+|"[^"]+"|`[^`]+`)(?:\s*\.\s*(?:[\w$-]+|"[^"]+"|`[^`]+`))?)'


def create_view(request: Request, sql: str, folder: Path) -> None:
    """Runs CREATE VIEW.

    Raises:
        QueryError: its query is refused, or the caller may not.
    """
    found = re.fullmatch(rf"CREATE\s+(OR\s+REPLACE\s+)?VIEW\s+{_NAME}\s+AS\s+(.*)", sql, re.IGNORECASE | re.DOTALL)
    if not found:
        raise unsupported("CREATE VIEW with other than a name and a query")
    database, name = request.names(found[2])
    connection = binding.open_database(folder / "view.db")
    try:
        plan = Plan(connection, lambda *of: look_up(request.caller, *of))
        plan.prepare(syntax.parse(found[3]), request.database)
        columns = plan.describe()
    finally:
        connection.close()
    for place, (column, _) in enumerate(columns):
        if column.startswith("_col"):
            raise QueryError(f"MISSING_COLUMN_NAME: Column name not specified at position {place + 1}")
    glue = request.caller.glue
    request_ = {"DatabaseName": database, "TableInput": catalog.view_input(name, found[3], request.database, columns)}
    try:
        request.caller.call(glue.create_table, **request_)
    except QueryError as error:
        if not found[1] or not str(error).startswith("AlreadyExistsException"):
            raise
        if not isinstance(look_up(request.caller, database, name), catalog.View):
            raise QueryError(f"{database}.{name} is a table, not a view") from None
        request.caller.call(glue.update_table, **request_)


def change_table(request: Request, sql: str) -> None:
    """Runs CREATE EXTERNAL TABLE or DROP TABLE.

    Raises:
        QueryError: it is neither, or the caller may not.
    """
    athena = importlib.import_module("ministack.services.athena")
    found = athena._parse_ddl(sql)
    caller = request.caller
    if isinstance(found, athena._DropTable):
        exists = {"if_exists": found.if_exists}
        _drop(request, found.database or request.database, found.table, **exists)
    elif isinstance(found, athena._CreateTable) and not found.iceberg:
        try:
            table = athena._create_table_input(found)
            table["Name"] = table["Name"].lower()
            for part in (*table["StorageDescriptor"]["Columns"], *table["PartitionKeys"]):
                part["Name"] = part["Name"].lower()
            database = (found.database or request.database).lower()
            caller.call(caller.glue.create_table, DatabaseName=database, TableInput=table)
        except QueryError as error:
            if not found.if_not_exists or not str(error).startswith("AlreadyExistsException"):
                raise
    else:
        raise unsupported(f"the statement {' '.join(sql.split()[:3])}")


def _drop(request: Request, database: str, name: str, *, if_exists: bool) -> None:
    glue = request.caller.glue
    try:
        request.caller.call(glue.delete_table, DatabaseName=database.lower(), Name=name.lower())
    except QueryError as error:
        if not if_exists or not str(error).startswith("EntityNotFoundException"):
            raise


def _drop_view(request: Request, found: re.Match[str]) -> list[str]:
    database, name = request.names(found[2])
    _drop(request, database, name, if_exists=bool(found[1]))
    return []


def _show_create_view(request: Request, found: re.Match[str]) -> list[str]:
    database, name = request.names(found[1])
    view = look_up(request.caller, database, name)
    if not isinstance(view, catalog.View):
        raise QueryError(f"{database}.{name} is a table, not a view")
    return [f'CREATE VIEW {database}."{name}" AS', *view.sql.split("\n")]


def _tables(request: Request, database: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = []
    more: dict[str, str] = {}
    while True:
        answer = request.caller.call(request.caller.glue.get_tables, DatabaseName=database, **more)
        listed += answer["TableList"]
        if not answer.get("NextToken"):
            return sorted(listed, key=lambda table: str(table["Name"]))
        more = {"NextToken": answer["NextToken"]}


def _show_tables(request: Request, found: re.Match[str]) -> list[str]:
    database = (found[2] or request.database).strip('"`').lower()
    shown = [table["Name"] for table in _tables(request, database)
             if found[1].upper() != "VIEWS" or table.get("TableType") == "VIRTUAL_VIEW"]  # fmt: skip
    pattern = (found[3] or "*").replace("*", ".*")
    return [name for name in shown if re.fullmatch(pattern, name)]


def _show_databases(request: Request, _found: re.Match[str]) -> list[str]:
    answer = request.caller.call(request.caller.glue.get_databases)
    return sorted(database["Name"] for database in answer["DatabaseList"])


def _describe(request: Request, found: re.Match[str]) -> list[str]:
    database, name = request.names(found[1])
    table = request.caller.call(request.caller.glue.get_table, DatabaseName=database, Name=name)["Table"]
    columns = [*table["StorageDescriptor"].get("Columns", ()), *table.get("PartitionKeys", ())]
    return ["\t".join((c["Name"], c.get("Type", ""), c.get("Comment", ""))) for c in columns]


def _show_columns(request: Request, found: re.Match[str]) -> list[str]:
    return [line.split("\t")[0] for line in _describe(request, found)]


def _show_partitions(request: Request, found: re.Match[str]) -> list[str]:
    table = look_up(request.caller, *request.names(found[1]))
    if isinstance(table, catalog.View) or not table.partitions:
        raise QueryError("FAILED: Execution Error: the table is not a partitioned table")
    if table.is_projected:
        raise unsupported("SHOW PARTITIONS of a table with partition projection")
    glue = request.caller.glue
    answer = request.caller.call(glue.get_partitions, DatabaseName=table.database, TableName=table.name)
    names = list(table.partitions)
    return ["/".join(f"{n}={v}" for n, v in zip(names, p["Values"], strict=True)) for p in answer["Partitions"]]


def _change_database(request: Request, found: re.Match[str]) -> list[str]:
    glue, name, is_created = request.caller.glue, found[3].strip('"`').lower(), found[1].upper() == "CREATE"
    operation, argument = (glue.create_database, {"DatabaseInput": {"Name": name}}) if is_created else (
        glue.delete_database, {"Name": name})  # fmt: skip
    try:
        request.caller.call(operation, **argument)
    except QueryError as error:
        if not found[2] or not str(error).startswith(("AlreadyExistsException", "EntityNotFoundException")):
            raise
    return []


def _prepare(request: Request, found: re.Match[str]) -> list[str]:
    syntax.parse(found[2])
    request.prepared[found[1]] = found[2]
    return []


def _deallocate(request: Request, found: re.Match[str]) -> list[str]:
    if request.prepared.pop(found[1], None) is None:
        raise QueryError(f"PreparedStatement {found[1]} was not found in workgroup")
    return []


def _execute(request: Request, found: re.Match[str]) -> Request:
    if found[1] not in request.prepared:
        raise QueryError(f"PreparedStatement {found[1]} was not found in workgroup")
    parameters = syntax.parse_literals(found[2]) if found[2] else list(request.parameters)
    return replace(request, sql=request.prepared[found[1]], parameters=parameters)


STATEMENTS: Final[tuple[tuple[str, Callable[[Request, re.Match[str]], list[str] | Request]], ...]] = (
    (r"EXECUTE\s+(\w+)(?:\s+USING\s+(.+))?", _execute),
    (r"PREPARE\s+(\w+)\s+FROM\s+(.+)", _prepare),
    (r"DEALLOCATE\s+PREPARE\s+(\w+)", _deallocate),
    (rf"DROP\s+VIEW\s+(IF\s+EXISTS\s+)?{_NAME}", _drop_view),
    (rf"SHOW\s+CREATE\s+VIEW\s+{_NAME}", _show_create_view),
    (r"SHOW\s+(TABLES|VIEWS)(?:\s+IN\s+(\S+))?(?:\s+(?:LIKE\s+)?'([^']*)')?", _show_tables),
    (r"SHOW\s+(?:DATABASES|SCHEMAS)", _show_databases),
    (rf"(?:DESCRIBE|DESC)\s+{_NAME}", _describe),
    (rf"SHOW\s+COLUMNS\s+(?:IN|FROM)\s+{_NAME}", _show_columns),
    (rf"SHOW\s+PARTITIONS\s+{_NAME}", _show_partitions),
    (r"(CREATE|DROP)\s+(?:DATABASE|SCHEMA)\s+(IF\s+(?:NOT\s+)?EXISTS\s+)?([\w`\"-]+)", _change_database),
)
"""How a statement looks, and what runs it: it returns the lines to show, or another statement to run."""
