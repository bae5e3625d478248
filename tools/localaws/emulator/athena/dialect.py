"""Turns a query of Athena's into one of DuckDB's with the same answer.

Much depends on types: a quotient of integers is an integer, and of decimals a decimal. DuckDB knows the types. So a
node that depends on them becomes a probe, a call that DuckDB cannot bind; its refusal names the arguments' types, and
the node is then written in DuckDB's words for them, until all are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import duckdb
from sqlglot import exp

from tools.localaws.emulator.athena import binding, calls, casts, dates, rewriting
from tools.localaws.emulator.athena.errors import QueryError, unsupported
from tools.localaws.emulator.athena.functions import AGGREGATES, FUNCTIONS, WINDOWS
from tools.localaws.emulator.athena.kinds import are_alike, kind_of, mismatch, target
from tools.localaws.emulator.athena.syntax import Engine, Raw, raw

if TYPE_CHECKING:
    from collections.abc import Callable

    Resolver = Callable[..., exp.Expression]

_COMPARISONS: Final[dict[type[exp.Binary], str]] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
    exp.NullSafeEQ: "IS NOT DISTINCT FROM", exp.NullSafeNEQ: "IS DISTINCT FROM",
}  # fmt: skip


class Translation:
    """A query on its way into DuckDB's words; `tree` is changed in place, its tables are named as DuckDB has them."""

    def __init__(self, tree: exp.Expression) -> None:
        self.tree = tree
        self._sites: dict[int, tuple[Raw, Resolver]] = {}
        for node in reversed(list(tree.find_all(exp.Expression, bfs=False))):
            # Where it is now: what it becomes may hold it.
            parent, key, index = node.parent, node.arg_key, node.index
            found = self._rewrite(node)
            if found is not node and parent is not None and key is not None:
                parent.set(key, found, index)

    def bind(self, connection: duckdb.DuckDBPyConnection) -> str:
        """Returns the query as DuckDB runs it.

        Raises:
            QueryError: it cannot be bound, or local AWS cannot answer it.
        """
        while True:
            sql = self.tree.sql(Engine)
            try:
                connection.execute(f"EXPLAIN {sql}")
            except duckdb.InterruptException:
                raise
            except duckdb.Error as error:
                site, types = binding.asked(error, f"EXPLAIN {sql}")
                if site not in self._sites:
                    raise binding.failure(error) from None
                node, resolve = self._sites.pop(site)
                node.replace(resolve(types, *node.expressions))
            else:
                return sql

    def probe(self, resolve: Resolver, *parts: exp.Expression) -> Raw:
        """Returns a node that becomes `resolve(types, *parts)`, once the types of the parts are known."""
        number = len(self._sites) + 1
        places = "".join(f", {{{place}}}" for place in range(len(parts)))
        node = raw(binding.PROBE.format(number, places), *parts)
        self._sites[number] = (node, resolve)
        return node

    def call(self, name: str, parts: list[exp.Expression]) -> exp.Expression:
        """Returns a call of one of FUNCTIONS."""
        return calls.call(self.probe, name, FUNCTIONS.get(name, ()), parts)

    def _rewrite(self, node: exp.Expression) -> exp.Expression:
        method = getattr(self, f"_node_{type(node).__name__.lower()}", None)
        if method is not None:
            found: exp.Expression = method(node)
            return found
        if isinstance(node, exp.Binary) and type(node) in rewriting.SYMBOLS:
            kind = type(node)
            return self.probe(
                lambda types, *parts: rewriting.arithmetic(types, kind, *parts), node.this, node.expression
            )
        if isinstance(node, exp.Binary) and type(node) in _COMPARISONS:
            operator = _COMPARISONS[type(node)]
            return self._compare(operator, f"({{0}} {operator} {{1}})", [node.this, node.expression])
        return node

    def _compare(self, operator: str, template: str, parts: list[exp.Expression]) -> exp.Expression:
        if any(isinstance(part, exp.Tuple | exp.Subquery | exp.Any) for part in parts):
            return raw(template, *parts)

        def resolve(types: list[str], *found: exp.Expression) -> exp.Expression:
            if not are_alike(types):
                raise mismatch(operator, types)
            return raw(template, *found)

        return self.probe(resolve, *parts)

    def _node_literal(self, node: exp.Literal) -> exp.Expression:
        if node.is_string or not node.name.isdigit() or int(node.name) < 2**31:
            return node
        if int(node.name) >= 2**63:
            raise QueryError(f"Invalid numeric literal: {node.name}")
        # A literal has any type that it fits into, to DuckDB.
        return raw(f"CAST({node.name} AS BIGINT)")

    def _node_between(self, node: exp.Between) -> exp.Expression:
        return self._compare("BETWEEN", "({0} BETWEEN {1} AND {2})", [node.this, node.args["low"], node.args["high"]])

    def _node_in(self, node: exp.In) -> exp.Expression:
        if not node.expressions:
            return node
        listed = ", ".join(f"{{{place + 1}}}" for place in range(len(node.expressions)))
        return self._compare("IN", f"({{0}} IN ({listed}))", [node.this, *node.expressions])

    def _node_like(self, node: exp.Like) -> exp.Expression:
        if isinstance(node.parent, exp.Escape):
            return node
        return self._like([node.this, node.expression])

    def _node_escape(self, node: exp.Escape) -> exp.Expression:
        return self._like([node.this.this, node.this.expression, node.expression])

    def _like(self, parts: list[exp.Expression]) -> exp.Expression:
        def resolve(types: list[str], *found: exp.Expression) -> exp.Expression:
            if {kind_of(each) for each in types} - {"varchar", "null"}:
                raise mismatch("LIKE", types)
            return raw("({0} LIKE {1} ESCAPE {2})" if len(found) > 2 else "({0} LIKE {1})", *found)

        return self.probe(resolve, *parts)

    def _node_dpipe(self, node: exp.DPipe) -> exp.Expression:
        return self.probe(rewriting.concatenation, node.this, node.expression)

    def _node_case(self, node: exp.Case) -> exp.Expression:
        results = [each.args["true"] for each in node.args["ifs"]]
        results += [node.args["default"]] if node.args.get("default") else []
        found: exp.Expression = node
        if node.this is not None:
            found = self._alike("=", found, [node.this, *(each.this for each in node.args["ifs"])])
        return self._alike("CASE", found, results)

    def _alike(self, operator: str, node: exp.Expression, parts: list[exp.Expression]) -> exp.Expression:
        """Returns a node that is written as it is, once its parts are of one kind."""
        spots = []
        for part in parts:
            # It is in the node and in the probe: what the part becomes, it becomes in both.
            spot = raw("{0}")
            part.replace(spot)
            spot.set("expressions", [part])
            spots.append(spot)

        def resolve(types: list[str], *_found: exp.Expression) -> exp.Expression:
            if not are_alike(types):
                raise mismatch(operator, types)
            return raw("{0}", node)

        return self.probe(resolve, *spots)

    def _node_if(self, node: exp.If) -> exp.Expression:
        if isinstance(node.parent, exp.Case):
            return node
        parts = [node.this, node.args.get("true"), node.args.get("false")]
        return self.call("if", [part for part in parts if part is not None])

    def _node_cast(self, node: exp.Cast) -> exp.Expression:
        goal, digits = target(node.to)
        part = (dates.local_time(node.this) if goal in ("TIMESTAMP", "DATE") else None) or node.this
        found = self.probe(lambda types, each: casts.cast_to(types, each, goal, digits), part)
        return raw("TRY({0})", found) if isinstance(node, exp.TryCast) else found

    _node_trycast = _node_cast

    def _node_attimezone(self, node: exp.AtTimeZone) -> exp.Expression:
        return dates.zoned(node.this, node.args["zone"])

    def _node_extract(self, node: exp.Extract) -> exp.Expression:
        return self.call(node.name.lower(), [node.expression])

    def _node_substring(self, node: exp.Substring) -> exp.Expression:
        parts = [node.this, node.args.get("start"), node.args.get("length")]
        return self.call("substr", [part for part in parts if part is not None])

    def _node_strposition(self, node: exp.StrPosition) -> exp.Expression:
        return self.call("strpos", [node.this, node.args["substr"]])

    def _node_trim(self, node: exp.Trim) -> exp.Expression:
        name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(node.args.get("position") or "", "trim")
        if node.expression:
            return raw(f"{name}({{0}}, {{1}})", node.this, node.expression)
        return self.call(name, [node.this])

    def _node_currentdate(self, _node: exp.CurrentDate) -> exp.Expression:
        return raw("current_date")

    def _node_currenttimestamp(self, node: exp.CurrentTimestamp) -> exp.Expression:
        if node.this:
            raise unsupported("current_timestamp with a precision")
        return self.call("now", [])

    def _node_bracket(self, node: exp.Bracket) -> exp.Expression:
        if len(node.expressions) != 1:
            raise QueryError("mismatched input ',' in a subscript")
        return self.probe(rewriting.subscript, node.this, node.expressions[0])

    def _node_groupconcat(self, node: exp.GroupConcat) -> exp.Expression:
        this, last = node.this, node.args.get("separator") or exp.Literal.string("")
        if isinstance(this, exp.Order):
            last, this = exp.Order(this=last, expressions=this.expressions), this.this
        if node.args.get("on_overflow") or isinstance(this, exp.Distinct):
            raise unsupported("LISTAGG with DISTINCT or ON OVERFLOW")
        return raw("listagg({0}, {1})", this, last)

    def _node_ignorenulls(self, node: exp.IgnoreNulls) -> exp.Expression:
        inner = node.this
        if not isinstance(inner, Raw) or not inner.args["template"].startswith(tuple(WINDOWS)):
            raise unsupported("IGNORE NULLS of other than a window's value")
        return raw(inner.args["template"].removesuffix(")") + " IGNORE NULLS)", *inner.expressions)

    def _node_unnest(self, node: exp.Unnest) -> exp.Expression:
        if len(node.expressions) != 1:
            raise unsupported("UNNEST of several arrays")
        part = node.expressions[0]
        node.set("expressions", [self.probe(rewriting.unnested, part)])
        return node

    def _node_window(self, node: exp.Window | exp.Filter) -> exp.Expression:
        return calls.typed_aggregate(self.probe, node)

    _node_filter = _node_window

    def _node_anonymous(self, node: exp.Anonymous) -> exp.Expression:
        name, parts = node.name.lower(), list(node.expressions)
        if name in ("sum", "avg"):
            return calls.typed_aggregate(self.probe, node)
        if name in calls.CALLS:
            return calls.CALLS[name](self.probe, parts)
        for table in (AGGREGATES, WINDOWS):
            if name in table:
                return calls.aggregate(name, table[name], parts)
        return self.call(name, parts)
