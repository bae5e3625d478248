"""Athena's SQL in DuckDB's dialect, and what a query says of the objects that it needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from tools.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from tools.lake.glue_catalog import Catalog

_DATE: Final = "cdc_date"
_CATALOG: Final = "awsdatacatalog"
_MIRRORED: Final[dict[type[exp.Expression], type[exp.Expression]]] = {
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
}
_READS_NUMBERS_OF_JSON: Final = (exp.JSONExtract, exp.JSONExtractScalar, exp.JSONBExtract, exp.JSONBExtractScalar)


@dataclass(frozen=True)
class Dates:
    """The days whose objects are needed, as text, both included; "" is no limit."""

    first: str = ""
    last: str = ""

    def __contains__(self, day: str) -> bool:
        return (not self.first or self.first <= day) and (not self.last or day <= self.last)

    def within(self, other: Dates) -> Dates:
        """Returns the days that are in both."""
        last = min(filter(None, (self.last, other.last)), default="")
        return Dates(max(self.first, other.first), last)

    def around(self, other: Dates) -> Dates:
        """Returns days among which are those of each."""
        first = min(self.first, other.first) if self.first and other.first else ""
        return Dates(first, max(self.last, other.last) if self.last and other.last else "")


@dataclass(frozen=True)
class Reading:
    """What a query reads: the tables over objects with the days of each, and the views, each after those that it names.

    `hidden` are the names in quotes that start with `$`; `reads_json_numbers` says that a function of JSON is in it,
    for which DuckDB makes doubles of numbers.
    """

    sql: str
    tables: dict[str, Dates]
    views: tuple[str, ...]
    hidden: frozenset[str]
    reads_json_numbers: bool


def read(sql: str, catalog: Catalog) -> Reading:
    """Translates a query, and finds out what it reads.

    Raises:
        LakeError: it is no single SELECT, cannot be read, or names what is not in the catalog.
    """
    tree = _parse(sql)
    tables: dict[str, Dates] = {}
    views: list[str] = []
    _collect(tree, catalog, tables, views, ())
    every = [tree, *(_parse(catalog.views[name]) for name in views)]
    hidden = {column.name for each in every for column in each.find_all(exp.Column) if column.name.startswith("$")}
    return Reading(
        to_duckdb(tree), tables, tuple(views), frozenset(hidden), bool([*tree.find_all(*_READS_NUMBERS_OF_JSON)])
    )


def view(name: str, catalog: Catalog) -> str:
    """Returns the SQL of a view in DuckDB's dialect."""
    return to_duckdb(_parse(catalog.views[name]))


def to_duckdb(tree: exp.Expression) -> str:
    """Returns a query in DuckDB's dialect; the catalog in which all databases are has no name there."""
    for table in tree.find_all(exp.Table):
        if table.catalog.lower() == _CATALOG:
            table.set("catalog", None)
    return tree.sql(dialect="duckdb")


def _parse(sql: str) -> Any:  # noqa: ANN401  # sqlglot's classes have no common type that says it is a query
    try:
        trees = [tree for tree in sqlglot.parse(sql, read="athena") if tree is not None]
    except SqlglotError as error:
        raise LakeError(f"the query cannot be read: {' '.join(str(error).split())}") from None
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        raise LakeError("DuckDB answers one SELECT; ask Athena for anything else")
    return trees[0]


def _collect(
    tree: exp.Expression, catalog: Catalog, tables: dict[str, Dates], views: list[str], inside: tuple[str, ...]
) -> None:
    """Adds what a query reads to `tables` and `views`; `inside` are the views that it is in."""
    inner = {cte.alias_or_name.lower() for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        name = table.name.lower()
        of_database = table.db.lower() in ("", catalog.database)
        if of_database and name in catalog.tables:
            dates = _dates(table)
            tables[name] = tables[name].around(dates) if name in tables else dates
        elif of_database and name in catalog.views and name not in inside:
            _collect(_parse(catalog.views[name]), catalog, tables, views, (*inside, name))
            if name not in views:
                views.append(name)
        elif not of_database or (name not in inner and not isinstance(table.this, exp.Func)):
            raise LakeError(
                f"there is no table {table.sql(dialect='athena')} in the catalog; it has: {_known(catalog)}"
            )


def _known(catalog: Catalog) -> str:
    return ", ".join(sorted({*catalog.tables, *catalog.views})) or "nothing"


def _dates(table: exp.Table) -> Dates:
    """Returns the days that the query wants of a table: where it reads nothing else, by the conditions of its WHERE."""
    select = table.parent_select
    where = select.args.get("where") if select else None
    is_alone = isinstance(table.parent, exp.From) and select is not None and not select.args.get("joins")
    if where is None or not is_alone:
        return Dates()
    names = {"", table.alias_or_name.lower()}
    found = Dates()
    for condition in _conjuncts(where.this):
        found = found.within(_limits(condition, names))
    return found


def _conjuncts(condition: exp.Expression) -> Iterator[exp.Expression]:
    if isinstance(condition, exp.And):
        yield from _conjuncts(condition.this)
        yield from _conjuncts(condition.expression)
    elif isinstance(condition, exp.Paren):
        yield from _conjuncts(condition.this)
    else:
        yield condition


def _limits(condition: exp.Expression, names: Collection[str]) -> Dates:
    """Returns the days that one condition leaves; all where it says nothing of them that is plain to see."""
    this, other = condition.this, condition.args.get("expression")
    if isinstance(condition, exp.Between) and _is_date(this, names):
        return Dates(*_texts((condition.args["low"],)), *_texts((condition.args["high"],)))
    if isinstance(condition, exp.In) and _is_date(this, names):
        days = _texts(condition.expressions)
        return Dates(min(days), max(days)) if condition.expressions and all(days) else Dates()
    if isinstance(condition, (exp.EQ, exp.GT, exp.GTE, exp.LT, exp.LTE)):
        kind: type[exp.Expression] = type(condition)
        if _is_date(other, names):
            this, other = other, this
            kind = _MIRRORED.get(kind, kind)
        if _is_date(this, names) and other is not None:
            (day,) = _texts((other,))
            upper = kind in (exp.EQ, exp.LT, exp.LTE)
            return Dates(day if kind in (exp.EQ, exp.GT, exp.GTE) else "", day if upper else "")
    return Dates()


def _is_date(tree: object, names: Collection[str]) -> bool:
    return isinstance(tree, exp.Column) and tree.name.lower() == _DATE and tree.table.lower() in names


def _texts(trees: Iterable[exp.Expression]) -> list[str]:
    """Returns what literals of text say; "" for anything else."""
    return [tree.name if isinstance(tree, exp.Literal) and tree.is_string else "" for tree in trees]
