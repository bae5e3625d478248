"""What depends on types: each function here gets the types of a node's parts, and returns DuckDB's words for it."""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from tools.localaws.emulator.athena.errors import QueryError, unsupported
from tools.localaws.emulator.athena.kinds import INTEGERS, kind_of, mismatch, numbers_of, spell
from tools.localaws.emulator.athena.syntax import Raw, raw

SYMBOLS: Final[dict[type[exp.Binary], str]] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%"}
"""Node -> how SQL spells it."""

_MAX_PRECISION: Final = 38
_WHOLE_DAYS: Final = ("DAY", "WEEK", "MONTH", "YEAR", "QUARTER")


def arithmetic(types: list[str], kind: type[exp.Binary], *parts: exp.Expression) -> Raw:
    """Returns `a + b` and its like: integers and decimals divide as such, dates stay dates."""
    symbol, kinds = SYMBOLS[kind], [kind_of(each) for each in types]
    if "interval" in kinds and symbol in "+-":
        return _shift(types, symbol, parts)
    if not set(kinds) <= {"integer", "decimal", "double", "null"}:
        if kinds in (["date", "date"], ["timestamp", "timestamp"]) and symbol == "-":
            raise unsupported("a difference of times as an interval; write date_diff(unit, from, to)")
        raise mismatch(symbol, types)
    if "double" in kinds:
        # DuckDB has no remainder by zero of a double, Athena NaN.
        return raw(f"(CAST({{0}} AS DOUBLE) {symbol} CAST({{1}} AS DOUBLE))", *parts)
    if symbol == "/":
        return divide(types, parts[0], parts[1])
    return raw(f"({{0}} {symbol} {{1}})", *parts)


def _shift(types: list[str], symbol: str, parts: tuple[exp.Expression, ...]) -> Raw:
    names = [each for each in types if each != "INTERVAL"]
    if len(names) != 1 or kind_of(names[0]) not in ("date", "timestamp", "timestamp with time zone"):
        raise mismatch(symbol, types)
    moved = raw(f"({{0}} {symbol} {{1}})", *parts)
    if names[0] != "DATE":
        return moved
    interval = next(part for part in parts if part.find(exp.Interval))
    unit = interval.find(exp.Interval)
    if unit is None or str(unit.args["unit"].name).upper() not in _WHOLE_DAYS:
        raise unsupported("hours added to a date")
    return raw("CAST({0} AS DATE)", moved)


def divide(types: list[str], dividend: exp.Expression, divisor: exp.Expression) -> Raw:
    """Returns a quotient of integers (cut off) or of decimals, whose digits are Trino's: "Decimal functions"."""
    if all(kind_of(each) in ("integer", "null") for each in types):
        return raw("({0} // {1})", dividend, divisor)
    (precision, scale), (_, other) = (numbers_of(each) for each in types)
    digits = max(scale, other)
    precision = min(_MAX_PRECISION, precision + other + max(0, other - scale))
    return as_decimal(raw(f"athena_divide(athena_unscaled({{0}}), athena_unscaled({{1}}), {digits + other - scale})",
                          dividend, divisor), precision, digits)  # fmt: skip


def as_decimal(unscaled: exp.Expression, precision: int, scale: int) -> Raw:
    """Returns a whole number as the decimal that has the same digits."""
    one = f"CAST('{'0.' + '0' * (scale - 1) + '1' if scale else '1'}' AS DECIMAL(38,{scale}))"
    return raw(f"CAST(CAST({{0}} AS DECIMAL(38,0)) * {one} AS DECIMAL({precision},{scale}))", unscaled)


def concatenation(types: list[str], *parts: exp.Expression) -> Raw:
    """Returns `a || b`, of texts or of arrays; null if one of them is."""
    kinds = {kind_of(each) for each in types} - {"null"}
    if len(kinds) > 1 or not kinds <= {"varchar", "array", "varbinary"}:
        raise QueryError(f"TYPE_MISMATCH: Unexpected parameters ({', '.join(map(spell, types))}) for function concat")
    if kinds == {"array"}:
        return raw("CASE WHEN {nulls} THEN NULL ELSE list_concat({all}) END", *parts)
    return raw("(" + " || ".join(f"{{{place}}}" for place in range(len(parts))) + ")", *parts)


def total(types: list[str], top: exp.Expression) -> exp.Expression:
    """Returns sum(x); `top` is it with its FILTER and OVER."""
    match kind_of(types[0]):
        case "integer" | "null":
            return raw("CAST({0} AS BIGINT)", top)
        case "decimal" | "double":
            return top
    raise QueryError(f"TYPE_MISMATCH: Unexpected parameters ({spell(types[0])}) for function sum")


def average(
    types: list[str], top: exp.Expression, sum_top: exp.Expression, count_top: exp.Expression
) -> exp.Expression:
    """Returns avg(x): a double of integers and doubles, of decimals the same decimal, rounded."""
    match kind_of(types[0]):
        case "integer" | "double" | "null":
            return top
        case "decimal":
            precision, scale = numbers_of(types[0])
            return as_decimal(raw("athena_divide(athena_unscaled({0}), {1}, 0)", sum_top, count_top), precision, scale)
    raise QueryError(f"TYPE_MISMATCH: Unexpected parameters ({spell(types[0])}) for function avg")


def rounded(types: list[str], *parts: exp.Expression) -> Raw:
    """Writes round, half away from zero."""
    match kind_of(types[0]):
        case "integer":
            return raw("{0}", parts[0]) if len(parts) == 1 else raw("CAST(round({0}, {1}) AS BIGINT)", *parts)
        case "double":
            return raw("round({all})", *parts)
        case "decimal":
            precision, scale = numbers_of(types[0])
            if len(parts) == 1:
                return raw("round({0})", *parts)
            return raw(f"CAST(round({{0}}, {{1}}) AS DECIMAL({min(precision + 1, 38)},{scale}))", *parts)
    raise QueryError(f"TYPE_MISMATCH: Unexpected parameters ({spell(types[0])}) for function round")


def whole(types: list[str], name: str, part: exp.Expression) -> Raw:
    """Writes floor, ceiling or truncate."""
    kind = kind_of(types[0])
    if kind not in ("integer", "decimal", "double"):
        raise QueryError(f"TYPE_MISMATCH: Unexpected parameters ({spell(types[0])}) for function {name}")
    return raw("{0}" if kind == "integer" else f"{name}({{0}})", part)


def sign(types: list[str], part: exp.Expression) -> Raw:
    """Writes sign, whose result is of its argument's type."""
    return raw(f"CAST(sign({{0}}) AS {'INTEGER' if types[0] == 'INTEGER_LITERAL' else types[0]})", part)


def subscript(types: list[str], part: exp.Expression, index: exp.Expression) -> Raw:
    """Returns `x[i]`, which fails outside of an array or a map."""
    match kind_of(types[0]):
        case "array":
            return raw("athena_subscript({0}, {1})", part, index)
        case "map":
            missing = (
                "map_extract_value({0}, CAST(CAST(athena_fail('INVALID_FUNCTION_ARGUMENT: Key not present in map: '"
            )
            key = re.match(r"MAP\(((?:[^(),]|\(\d+,\s*\d+\))+),", types[0])
            if key:
                back = f"{missing} || CAST({{1}} AS VARCHAR)) AS VARCHAR) AS {key[1]}))"
                return raw(f"CASE WHEN map_contains({{0}}, {{1}}) THEN map_extract_value({{0}}, {{1}}) ELSE {back} END",
                           part, index)  # fmt: skip
    raise QueryError(f"TYPE_MISMATCH: Cannot use {spell(types[0])} for subscript of type {spell(types[1])}")


def joined(types: list[str], *parts: exp.Expression) -> Raw:
    """Writes array_join."""
    if types[0] not in ("VARCHAR[]", *(f"{name}[]" for name in INTEGERS)) or len(parts) != 2:
        raise unsupported("array_join of other than texts and integers, or with a word for nulls")
    return raw("array_to_string(CAST({0} AS VARCHAR[]), {1})", *parts)


def unnested(types: list[str], part: exp.Expression) -> Raw:
    """Returns the array of UNNEST; maps and arrays of rows have several columns, which local AWS does not make."""
    if kind_of(types[0]) != "array" or types[0].startswith("STRUCT"):
        raise unsupported(f"UNNEST of {spell(types[0])}, or of an array of rows")
    return raw("{0}", part)
