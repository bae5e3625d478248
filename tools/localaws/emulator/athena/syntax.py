"""Athena's grammar, read by sqlglot, and DuckDB's, written by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

import sqlglot
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.dialects.trino import Trino
from sqlglot.errors import ParseError, TokenError
from sqlglot.generators.duckdb import DuckDBGenerator
from sqlglot.parsers.trino import TrinoParser

from tools.localaws.emulator.athena.errors import QueryError, unsupported

if TYPE_CHECKING:
    from collections.abc import Sequence


class Raw(exp.Expression):
    """SQL of DuckDB, with its arguments in the places `{0}`, `{1}`, …; `{all}` is all of them."""

    arg_types = {"template": True, "expressions": False, "mark": False, "zone": False}  # noqa: RUF012  # as sqlglot declares it


def raw(template: str, *arguments: exp.Expression) -> Raw:
    """Returns SQL of DuckDB as a node."""
    return Raw(template=template, expressions=list(arguments))


class LocalAthena(Trino):
    """Trino's grammar, in which a function is a name and arguments: what it means is told by `functions`.

    sqlglot knows dialects by the names of their classes, and has an `Athena` of its own.
    """

    INDEX_OFFSET = 0

    class Parser(TrinoParser):
        """Knows by name only the functions whose arguments have a grammar of their own."""

        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            name: parse
            for name, parse in TrinoParser.FUNCTION_PARSERS.items()
            if name in ("CAST", "TRY_CAST", "EXTRACT", "SUBSTRING", "TRIM", "POSITION", "LISTAGG")
        }


def _write_raw(generator: Any, node: Raw) -> str:  # noqa: ANN401  # sqlglot's generator
    arguments = [generator.sql(argument) for argument in node.expressions]
    nulls = " OR ".join(f"({argument}) IS NULL" for argument in arguments)
    return str(node.args["template"]).format(*arguments, all=", ".join(arguments), nulls=nulls)


class Engine(DuckDB):
    """DuckDB's grammar with `Raw` in it."""

    class Generator(DuckDBGenerator):
        """Writes `Raw`."""

        TRANSFORMS: ClassVar[dict[Any, Any]] = {**DuckDBGenerator.TRANSFORMS, Raw: _write_raw}


_STRUCTURE: Final = (
    exp.Select, exp.From, exp.Join, exp.Where, exp.Group, exp.Having, exp.Order, exp.Ordered, exp.Limit, exp.Offset,
    exp.Union, exp.Intersect, exp.Except, exp.With, exp.CTE, exp.Subquery, exp.Table, exp.TableAlias, exp.Values,
    exp.Tuple, exp.Unnest, exp.Distinct, exp.GroupingSets, exp.Rollup, exp.Cube, exp.Window, exp.WindowSpec, exp.Filter,
    exp.IgnoreNulls, exp.RespectNulls, exp.Fetch, exp.LimitOptions, exp.Column, exp.Identifier, exp.Star, exp.Alias,
    exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.Neg, exp.Not, exp.And, exp.Or, exp.Is, exp.In, exp.Between,
    exp.Exists, exp.Like, exp.Escape, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ,
    exp.NullSafeNEQ, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.DPipe, exp.Case, exp.If, exp.Cast, exp.TryCast,
    exp.DataType, exp.DataTypeParam, exp.ColumnDef, exp.Interval, exp.Var, exp.AtTimeZone, exp.Extract, exp.Substring,
    exp.Trim, exp.StrPosition, exp.CurrentDate, exp.CurrentTimestamp, exp.Bracket, exp.Array, exp.Lambda,
    exp.GroupConcat, exp.Anonymous, exp.Dot, exp.Any,
)  # fmt: skip
"""What a query may be made of. Anything else that sqlglot reads is refused."""

_EXTENSIONS: Final = {
    exp.Select: ("kind", "hint", "distinct.on", "into", "match", "laterals", "qualify", "windows", "connect", "cluster",
                 "distribute", "sort", "prewhere", "sample", "locks", "pivots", "settings", "format", "options",
                 "operation_modifiers", "exclude"),
    exp.Table: ("pivots", "hints", "version", "sample", "laterals", "when", "only", "partition", "changes",
                "rows_from"),
    exp.Star: ("except_", "except", "replace", "rename"),
    exp.Distinct: ("on",),
    exp.With: ("recursive",),
    exp.Group: ("all", "totals"),
    exp.Union: ("by_name", "side", "kind", "on"),
    exp.Join: ("method", "global_", "global", "hint", "match_condition"),
    exp.Ordered: ("with_fill",),
}  # fmt: skip
"""What sqlglot reads in them that Athena has no word for, or that local AWS has not tried."""


def parse(sql: str) -> exp.Expression:
    """Returns a query as a tree.

    Raises:
        QueryError: it is no query of Athena's, or has more in it than local AWS knows.
    """
    try:
        tokens = LocalAthena().tokenize(sql)
        found = [tree for tree in sqlglot.parse(sql, read=LocalAthena) if tree is not None]
    except (ParseError, TokenError) as error:
        raise QueryError(_where(error)) from None
    if len(found) != 1:
        raise QueryError("mismatched input: one statement is expected")
    if any(token.token_type.name == "DCOLON" for token in tokens):
        raise QueryError("mismatched input '::'. Write CAST(value AS type)")
    if not isinstance(found[0], exp.Query | exp.Values):
        raise unsupported(f"the statement {sql.split(maxsplit=1)[0].upper()}")
    tree = cast("exp.Expression", found[0])
    for node in tree.walk():
        if isinstance(node, exp.Join) and node.kind not in ("", "CROSS", "INNER", "OUTER"):
            raise unsupported(f"a {node.kind} JOIN")
        extra = [
            name for kind, names in _EXTENSIONS.items() if type(node) is kind for name in names if node.args.get(name)
        ]
        if not isinstance(node, (*_STRUCTURE, exp.Group, exp.Placeholder)) or extra:
            raise unsupported(f"{(extra or [type(node).__name__])[0].upper()} in: {node.sql(LocalAthena)[:200]}")
    return tree


def parse_literals(text: str) -> list[exp.Expression]:
    """Returns the values of parameters, which are literals of SQL with commas between them.

    Raises:
        QueryError: one is no literal.
    """
    try:
        tree = parse(f"SELECT {text}")
    except QueryError as error:
        raise QueryError(f"INVALID_PARAMETER_USAGE: a parameter is a literal, text within quotes: {error}") from None
    if len(list(tree.find_all(exp.Query))) > 1 or tree.find(exp.Column, exp.Alias, exp.Star):
        raise QueryError(f"INVALID_PARAMETER_USAGE: a parameter is a literal, text within single quotes: {text}")
    return list(tree.expressions)


def fill(tree: exp.Expression, values: Sequence[str | exp.Expression]) -> None:
    """Puts parameters in the places of `?`, in their order.

    Raises:
        QueryError: there are more or fewer values than places, or one is no literal.
    """
    places = [node for node in tree.walk(bfs=False) if isinstance(node, exp.Placeholder)]
    if len(places) != len(values):
        message = f"Incorrect number of parameters: expected {len(places)} but found {len(values)}"
        raise QueryError(f"INVALID_PARAMETER_USAGE: {message}")
    for place, value in zip(places, values, strict=True):
        literals = parse_literals(value) if isinstance(value, str) else [value.copy()]
        if len(literals) != 1:
            raise QueryError(f"INVALID_PARAMETER_USAGE: a parameter is one literal: {value}")
        place.replace(exp.Paren(this=literals[0]))


def _where(error: ParseError | TokenError) -> str:
    found = error.errors[0] if isinstance(error, ParseError) and error.errors else {}
    if not found:
        return f"mismatched input: {str(error).splitlines()[0]}"
    near = f"{found.get('start_context', '')[-30:]}{found.get('highlight', '')}"
    return f"line {found.get('line')}:{found.get('col')}: mismatched input: {found.get('description')} near '{near}'"
