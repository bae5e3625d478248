"""Metric math, as much of it as alarms need: arithmetic, comparisons, AND, OR, IF and FILL with a number.

Source: Amazon CloudWatch User Guide, "Using math expressions with CloudWatch metrics". That FILL also fills where the
metric has no data at all is assumed.
"""

from __future__ import annotations

import ast
import operator
import re
from typing import TYPE_CHECKING, Any, Final

from tools.localaws.emulator import metrics_insights

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Values = list[float | None]
    """One for each period, None where there is none."""

_OPERATIONS: Final[Mapping[type[ast.AST], Callable[[Any, Any], float]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.BitXor: operator.pow,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.And: lambda one, other: bool(one) and bool(other),
    ast.Or: lambda one, other: bool(one) or bool(other),
}
_WORDS: Final = {"AND": " and ", "&&": " and ", "OR": " or ", "||": " or "}


def evaluate(queries: Sequence[Mapping[str, Any]], read: Callable[[Mapping[str, Any]], Values]) -> Values:
    """Returns the values of the query that returns data; `read` returns those of a query that is no expression.

    A query of Metrics Insights is none.

    Raises:
        ValueError: there is no such query, or an expression needs more than is known here.
    """
    by_id = {query["Id"]: query for query in queries}
    returned = [query for query in queries if query.get("ReturnData", True)]
    if len(returned) != 1:
        raise ValueError("one query has to return data")
    return _values(returned[0], by_id, read)


def _values(query: Mapping[str, Any], by_id: Mapping[str, Any], read: Callable[[Mapping[str, Any]], Values]) -> Values:
    if not query.get("Expression") or metrics_insights.is_query(query["Expression"]):
        return read(query)
    text = re.sub(r"\bAND\b|\bOR\b|&&|\|\|", lambda word: _WORDS[word[0]], query["Expression"])
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        raise ValueError(f"not understood: {query['Expression']}") from None
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} & by_id.keys() - {query["Id"]}
    if not names:
        raise ValueError(f"not understood, it names no metric: {query['Expression']}")
    known = {name: _values(by_id[name], by_id, read) for name in names}
    count = max(map(len, known.values()))
    return [_one(tree, {name: values[place] for name, values in known.items()}) for place in range(count)]


def _one(node: ast.expr, values: Mapping[str, float | None]) -> float | None:
    found: float | None
    match node:
        case ast.Constant(value=int() | float() as number):
            found = float(number)
        case ast.Name(id=name) if name in values:
            found = values[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            found = _apply(ast.Sub, 0.0, _one(operand, values))
        case (
            ast.BinOp(left=left, op=operation, right=right)
            | ast.Compare(left=left, ops=[operation], comparators=[right])
        ):
            found = _apply(type(operation), _one(left, values), _one(right, values))
        case ast.BoolOp(op=operation, values=[first, *others]):
            found = _one(first, values)
            for other in others:
                found = _apply(type(operation), found, _one(other, values))
        case ast.Call(func=ast.Name(id="IF"), args=[condition, yes, no]):
            chosen = _one(condition, values)
            found = None if chosen is None else _one(yes if chosen else no, values)
        case ast.Call(func=ast.Name(id="FILL"), args=[metric, ast.Constant() | ast.UnaryOp() as filling]):
            value = _one(metric, values)
            found = _one(filling, values) if value is None else value
        case _:
            raise ValueError(f"not understood: {ast.unparse(node)}")
    return found


def _apply(operation: type[ast.AST], one: float | None, other: float | None) -> float | None:
    if operation not in _OPERATIONS:
        raise ValueError(f"not understood: {operation.__name__}")
    if one is None or other is None or (operation is ast.Div and not other):
        return None
    return float(_OPERATIONS[operation](one, other))
