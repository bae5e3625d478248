"""What one run of `query` asks for, checked as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tools.errors import UsageError
from tools.lake import instants
from tools.lake.data_objects import Period
from tools.lake.engines.results import Query

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

ASKED: Final = ("sql", "current", "as_of", "history", "changes", "failed", "tail", "list", "download")
"""Parameters of the verb of which exactly one says what is asked."""

EVERY_HOUR: Final = Period()
_BY_HOUR: Final = ("failed", "tail", "list", "download")
"""Of these --since and --until choose the objects; of SQL they do for DuckDB alone."""


@dataclass(frozen=True)
class Request:
    """A question: one of SQL, a ready question, or objects, and what is chosen of the lake."""

    sql: Query | None = None
    current: bool = False
    as_of: datetime | None = None
    history: str | None = None
    changes: str | None = None
    failed: bool = False
    tails: bool = False
    lists: bool = False
    folder: Path | None = None
    table: str | None = None
    engine: str = "athena"
    period: Period = EVERY_HOUR
    cache: Path = Path()
    cache_bytes: int = 0

    @property
    def asks_history(self) -> bool:
        """Whether versions of items are asked for, or items as they were."""
        return bool(self.history or self.changes or self.as_of)


def read(given: Mapping[str, Any], cache: Path) -> Request:
    """Returns the request that the parameters of the verb come to: name -> value; `cache` is where copies may lie.

    Raises:
        UsageError: nothing is asked, or two things are, or an option has no meaning with what is asked.
    """
    asked = [name for name in ASKED if given[name] not in (None, False)]
    if len(asked) != 1:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in ASKED[1:])
        raise UsageError(f"ask one thing, in SQL or by one of {options}")
    (what,) = asked
    engine = given["engine"]
    if given["params"] and what != "sql":
        raise UsageError("--param is the value of a ? in SQL")
    if what == "sql" and given["table"]:
        raise UsageError("--table chooses for the ready questions; SQL names its tables itself")
    by_hour = what in _BY_HOUR or (what == "sql" and engine == "duckdb")
    if (given["since"] or given["until"]) and not by_hour:
        raise UsageError(
            "--since and --until choose objects by the hour of their arrival, for --list, --download, --tail, --failed "
            "and SQL with --engine duckdb; elsewhere they would make the answer wrong"
        )
    if what == "tail" and given["until"]:
        raise UsageError("--tail has no end; leave --until out")
    limits = [instants.parse(given[name], f"--{name}") if given[name] else None for name in ("since", "until")]
    as_of = instants.parse(given["as_of"], "--as-of") if given["as_of"] else None
    return Request(
        sql=Query(given["sql"], tuple(given["params"])) if what == "sql" else None,
        current=given["current"],
        as_of=as_of,
        history=given["history"],
        changes=given["changes"],
        failed=given["failed"],
        tails=given["tail"],
        lists=given["list"],
        folder=given["download"],
        table=given["table"],
        engine=engine,
        period=Period(*limits),
        cache=cache,
        cache_bytes=given["cache_size"] * 1024 * 1024,
    )
