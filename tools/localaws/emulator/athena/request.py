"""What a statement is asked with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.localaws.emulator.athena import catalog
from tools.localaws.emulator.athena.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import duckdb
    from sqlglot import exp

    from tools.localaws.emulator.athena.caller import Caller


@dataclass
class Request:
    """What was asked for.

    Attributes:
        parameters: literals for the places of `?`.
        prepared: the workgroup's prepared statements, name -> query; a statement may add to it and take from it.
        limit: how many bytes it may scan, None for any number.
        stopped: whether it was told to stop.
        connected: told the connection on which it can be interrupted.
    """

    sql: str
    database: str
    parameters: Sequence[str | exp.Expression]
    prepared: dict[str, str]
    limit: int | None
    caller: Caller
    stopped: Callable[[], bool]
    connected: Callable[[duckdb.DuckDBPyConnection], None]

    def names(self, text: str) -> tuple[str, str]:
        """Returns database and name of a table or a view."""
        parts = [part.strip().strip('"`').lower() for part in re.split(r"\s*\.\s*", text)]
        return (parts[0], parts[1]) if len(parts) == 2 else (self.database.lower(), parts[0])


def look_up(caller: Caller, database: str, name: str) -> catalog.Table | catalog.View:
    """Returns a table or a view of the catalog.

    Raises:
        QueryError: there is none, or the caller may not see it.
    """
    caller.see_database("GetTable", database)
    try:
        return catalog.read(database, caller.call(caller.glue.get_table, DatabaseName=database, Name=name)["Table"])
    except QueryError as error:
        if str(error).startswith("EntityNotFoundException"):
            raise QueryError(f"TABLE_NOT_FOUND: Table 'awsdatacatalog.{database}.{name}' does not exist") from None
        raise
