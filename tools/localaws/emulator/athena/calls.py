"""Calls of functions: which of a function's ways fits the arguments, and those that no template can tell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from tools.localaws.emulator.athena import dates, rewriting
from tools.localaws.emulator.athena.errors import QueryError, unsupported
from tools.localaws.emulator.athena.kinds import are_alike, kind_of, spell
from tools.localaws.emulator.athena.syntax import Raw, raw

if TYPE_CHECKING:
    from collections.abc import Callable

    Probe = Callable[..., Raw]
    Ways = tuple[tuple[str, str], ...]

_LETTERS: Final = {
    "v": ("varchar",),
    "n": ("integer", "decimal", "double"),
    "i": ("integer",),
    "d": ("date", "timestamp", "timestamp with time zone"),
    "b": ("boolean",),
    "a": ("array",),
    "m": ("map",),
    "j": ("json",),
    "t": ("json", "varchar"),
    "y": ("varbinary",),
}
_UNTYPED: Final = ("try", "grouping")


def call(probe: Probe, name: str, ways: Ways, parts: list[exp.Expression]) -> exp.Expression:
    """Returns a call in the one of `ways` that fits.

    Raises:
        QueryError: the function is unknown, or none fits.
    """
    if not ways:
        raise unsupported(f"the function {name}")
    fitting = [(letters, template) for letters, template in ways if _fits(letters, len(parts))]
    if not fitting:
        raise QueryError(f"FUNCTION_NOT_FOUND: Unexpected number of parameters for function {name}")
    if not parts or name in _UNTYPED:
        return raw(fitting[0][1], *parts)

    def resolve(types: list[str], *found: exp.Expression) -> exp.Expression:
        for letters, template in fitting:
            if _accepts(letters, types):
                return raw(template, *found)
        spelled = ", ".join(map(spell, types))
        raise QueryError(f"FUNCTION_NOT_FOUND: Unexpected parameters ({spelled}) for function {name}")

    return probe(resolve, *parts)


def aggregate(name: str, ways: Ways, parts: list[exp.Expression]) -> exp.Expression:
    """Returns a call of an aggregate or of a window's function."""
    if len(parts) == 1 and isinstance(parts[0], exp.Star):
        parts = []
    for letters, template in ways:
        if len(letters) == len(parts):
            return raw(template, *parts)
    raise unsupported(f"{name} with {len(parts)} arguments")


def typed_aggregate(probe: Probe, node: exp.Expression) -> exp.Expression:
    """Returns sum(x) or avg(x) with its FILTER and OVER; any other aggregate, and a part of such, as it is."""
    inner = node
    while isinstance(inner, exp.Window | exp.Filter):
        inner = inner.this
    is_part = isinstance(node.parent, exp.Window | exp.Filter) and node.arg_key == "this"
    name = inner.name.lower() if isinstance(inner, exp.Anonymous) else ""
    if name not in ("sum", "avg") or is_part:
        return node
    if len(inner.expressions) != 1:
        raise QueryError(f"FUNCTION_NOT_FOUND: Unexpected number of parameters for function {name}")
    argument, distinct = inner.expressions[0], ""
    if isinstance(argument, exp.Distinct):
        argument, distinct = argument.expressions[0], "DISTINCT "
    # any_value has its argument's type; once that is known, nothing in it is a probe any more.
    asking = raw("any_value({0})", argument)
    asking.set("mark", True)
    top: exp.Expression = asking
    if node is not inner:
        inner.replace(asking)
        top = raw("{0}", node)

    def resolve(types: list[str], found: exp.Expression) -> exp.Expression:
        def using(function: str) -> exp.Expression:
            copy = found.copy()
            marked = next(each for each in copy.find_all(Raw) if each.args.get("mark"))
            marked.set("template", f"{function}({distinct}{{0}})")
            marked.set("mark", False)
            return copy

        if name == "sum":
            return rewriting.total(types, using("sum"))
        return rewriting.average(types, using("avg"), using("sum"), using("count"))

    return probe(resolve, top)


def _fits(letters: str, count: int) -> bool:
    return count >= len(letters) - 1 if letters.endswith("*") else count == len(letters)


def _accepts(letters: str, types: list[str]) -> bool:
    if letters.endswith("*"):
        letters = letters[:-1] + letters[-2] * len(types)
    first = types[:1] if letters[0] != "b" else types[1:2]
    return all(
        kind_of(name) in (*_LETTERS[letter], "null")
        if letter in _LETTERS
        else letter == "x" or are_alike([*first, name])
        for letter, name in zip(letters, types, strict=False)
    )


def _array_function(name: str) -> Callable[[Probe, list[exp.Expression]], exp.Expression]:
    def write(_probe: Probe, parts: list[exp.Expression]) -> exp.Expression:
        function = parts[-1]
        if len(parts) != 2 or not isinstance(function, exp.Lambda) or len(function.expressions) != 1:
            raise QueryError("FUNCTION_NOT_FOUND: transform and filter need an array and a function of one value")
        variable = function.expressions[0].name
        return raw(f"{name}({{0}}, lambda {variable}: {{1}})", parts[0], function.this)

    return write


def _regexp_replace(_probe: Probe, parts: list[exp.Expression]) -> exp.Expression:
    new = parts[2] if len(parts) == 3 else exp.Literal.string("")
    if not isinstance(new, exp.Literal) or "\\" in new.name:
        raise unsupported("regexp_replace with other than a literal for the new text, or with a backslash in it")
    text = exp.Literal.string(re.sub(r"\$(\d)", r"\\\1", new.name))
    return raw("regexp_replace({0}, {1}, {2}, 'g')", parts[0], parts[1], text)


def _json(macro: str) -> Callable[[Probe, list[exp.Expression]], exp.Expression]:
    def write(probe: Probe, parts: list[exp.Expression]) -> exp.Expression:
        path = _json_path(parts[1] if len(parts) == 2 else None)
        return call(probe, macro, (("tx", f"{macro}({{0}}, {{1}})"),), [parts[0], exp.Literal.string(path)])

    return write


def _json_path(path: exp.Expression | None) -> str:
    """Returns a JSON path in DuckDB's spelling."""
    if not isinstance(path, exp.Literal):
        raise unsupported("a JSON path that is no literal")
    found, text = "$", path.name
    for step in re.finditer(r"""\.([^.\[\]"*]+)|\[(\d+)\]|\[["']([^"'\]]+)["']\]|(.)""", text.removeprefix("$")):
        if step[4]:
            raise unsupported(f"the JSON path {text}")
        found += f"[{step[2]}]" if step[2] else f'."{step[1] or step[3]}"'
    return found


def _whole(name: str) -> Callable[[Probe, list[exp.Expression]], exp.Expression]:
    def write(probe: Probe, parts: list[exp.Expression]) -> exp.Expression:
        if len(parts) != 1:
            raise unsupported("truncate to a number of digits")
        return probe(lambda types, part: rewriting.whole(types, name, part), parts[0])

    return write


CALLS: Final[dict[str, Callable[[Probe, list[exp.Expression]], exp.Expression]]] = {
    **dates.CALLS,
    "concat": lambda probe, parts: probe(rewriting.concatenation, *parts),
    "round": lambda probe, parts: probe(rewriting.rounded, *parts),
    "floor": _whole("floor"),
    "ceil": _whole("ceil"),
    "ceiling": _whole("ceil"),
    "truncate": _whole("trunc"),
    "sign": lambda probe, parts: probe(rewriting.sign, parts[0]),
    "mod": lambda probe, parts: probe(lambda types, *found: rewriting.arithmetic(types, exp.Mod, *found), *parts),
    "array_join": lambda probe, parts: probe(rewriting.joined, *parts),
    "transform": _array_function("list_transform"),
    "filter": _array_function("list_filter"),
    "regexp_replace": _regexp_replace,
    "json_extract": _json("athena_json_at"),
    "json_extract_scalar": _json("athena_scalar"),
}
"""Function -> what writes it, given what asks for types and the arguments."""
