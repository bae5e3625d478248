"""The questions that need no SQL of one's own: each becomes SQL over the views of the catalog, and its parameters.

`?` stands in the WHERE clause only: Athena takes it nowhere else (Amazon Athena User Guide, "Use parameterized
queries").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.lake import instants
from tools.lake.engines.results import Query

if TYPE_CHECKING:
    from datetime import datetime

    from tools.lake.data_objects import Period


_ORDERED = "ORDER BY {}, coalesce(length(cdc_sequence_number), 0), cdc_sequence_number, cdc_event_id"


def current(database: str, table: str) -> Query:
    """Asks for the items of a table as they are now; `table` is its name in the catalog, here and below."""
    return _all_of(name(database, table, "current"), "ORDER BY cdc_key")


def as_of(database: str, table: str, instant: datetime) -> Query:
    """Asks for the items as they were at an instant: after the changes up to it, that one included."""
    asked = str(instants.microseconds(instant))
    return _all_of(
        name(database, table, "history"),
        "WHERE valid_from_us <= CAST(? AS bigint) AND (valid_to_us IS NULL OR valid_to_us > CAST(? AS bigint))",
        "AND NOT is_deleted ORDER BY cdc_key",
        parameters=(asked, asked),
    )


def history(database: str, table: str, cdc_key: str) -> Query:
    """Asks for the versions of one item, from the first to the last."""
    ordered = _ORDERED.format("valid_from_us")
    return _all_of(name(database, table, "history"), "WHERE cdc_key = ?", ordered, parameters=(cdc_key,))


def changes(database: str, table: str, cdc_key: str) -> Query:
    """Asks for the changes of one item, each once, from the first to the last."""
    ordered = _ORDERED.format("cdc_changed_at_us")
    return _all_of(name(database, table, "changes"), "WHERE cdc_key = ?", ordered, parameters=(cdc_key,))


def failed(database: str, table: str, period: Period) -> Query:
    """Asks why changes could not be delivered in a period, without the changes themselves, newest first."""
    conditions, parameters = _hours(period)
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    return _all_of(
        name(database, table, "failed"),
        where,
        "ORDER BY arrivaltimestamp DESC",
        columns="cdc_date, cdc_hour, error_type, errorcode, errormessage, attemptsmade, arrivaltimestamp",
        parameters=parameters,
    )


def name(database: str, table: str, view: str = "") -> str:
    """Returns a table of the catalog, or one of its views, as SQL names it.

    >>> name("lake", "orders", "current")
    '"lake"."orders_current"'
    """
    whole = f"{table}_{view}" if view else table
    return ".".join('"' + part.replace('"', '""') + '"' for part in (database, whole))


def _all_of(source: str, *clauses: str, columns: str = "*", parameters: tuple[str, ...] = ()) -> Query:
    return Query(" ".join(("SELECT", columns, "FROM", source, *filter(None, clauses))), parameters)


def _hours(period: Period) -> tuple[list[str], tuple[str, ...]]:
    conditions: list[str] = []
    parameters: list[str] = []
    for instant, day, hour in ((period.first, ">", ">="), (period.last, "<", "<=")):
        if instant is not None:
            conditions.append(f"(cdc_date {day} ? OR (cdc_date = ? AND cdc_hour {hour} CAST(? AS integer)))")
            parameters += [f"{instant:%Y-%m-%d}", f"{instant:%Y-%m-%d}", str(instant.hour)]
    return conditions, tuple(parameters)
