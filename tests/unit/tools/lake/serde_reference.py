"""What the SerDes make of a value, worked out from the token itself, apart from the code that is tested.

After the deserializers of Trino for Hive's JsonSerDe and for OpenX: see `tools.lake.column_types`.
"""

from __future__ import annotations

import json
import re
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal, InvalidOperation

EXACT = Context(prec=2000, Emin=-99999, Emax=99999)


class FailsError(Exception):
    """The query ends with an error."""


class Literal(str):
    """A number as it is spelled."""

    __slots__ = ()


def token(text):
    """Returns a JSON text, its numbers as they are spelled."""
    return json.loads(text, parse_int=Literal, parse_float=Literal)


def read(type_, value, serde):
    """Returns what a query sees of a value, a token, in a column of a type, spelled as in Glue.

    Raises:
        FailsError: it sees no row at all.
    """
    if value is None:
        return None
    if type_.startswith("array<"):
        return _array(type_[6:-1], value, serde)
    if isinstance(value, list):
        if type_ in ("string", "boolean") and serde == "openx":
            return value if type_ == "string" else False
        raise FailsError
    return _scalar(type_, value, serde)


def _scalar(type_, value, serde):
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
    match type_.partition("(")[0]:
        case "string":
            return text
        case "boolean":
            return text.lower() == "true"
        case "bigint":
            return (_hive_long if serde == "hive" else _openx_long)(value, text)
        case "double":
            if serde == "hive" and not isinstance(value, Literal):
                raise FailsError
            number = _number(text)
            return None if number is None else float(number)
    precision, scale = map(int, re.findall(r"\d+", type_))
    number = _number(text)
    if number is None:
        return None
    number = number.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP, EXACT)
    return number if abs(number) < Decimal(10) ** (precision - scale) else None


def is_same(value, seen, type_):
    """Says whether what a query sees is the value."""
    if value is None:
        return seen is None
    if seen is None:
        return False
    if isinstance(value, list):
        if not isinstance(seen, list) or len(value) != len(seen):
            return False
        inner = type_[6:-1] if type_.startswith("array<") else type_
        return seen is value or all(is_same(one, other, inner) for one, other in zip(value, seen, strict=True))
    if isinstance(value, bool):
        return seen is value or (type_ == "string" and seen == json.dumps(value))
    if isinstance(value, Literal):
        if isinstance(seen, str):
            return seen == str(value)
        return not isinstance(seen, bool | list) and EXACT.create_decimal(str(value)) == EXACT.create_decimal(
            repr(seen) if isinstance(seen, float) else str(seen)
        )
    return isinstance(seen, str) and seen == value


def _array(element, value, serde):
    if isinstance(value, list):
        return [read(element, each, serde) for each in value]
    if serde == "hive":
        raise FailsError
    return None if value == "" else [read(element, value, serde)]


def _number(text):
    if not text or set(text) - set("0123456789+-.eE"):
        return None
    try:
        return EXACT.create_decimal(text)
    except InvalidOperation:
        return None


def _hive_long(value, text):
    if not isinstance(value, Literal):
        raise FailsError
    # Jackson goes through a double where a number has a point or an exponent.
    number = int(text) if text.lstrip("-").isdigit() else int(float(text)) if float(text) < 1e300 else 2**80
    if not -(2**63) <= number < 2**63:
        raise FailsError
    return number


def _openx_long(_value, text):
    number = _number(text)
    if number is None:
        return None
    whole = int(number.to_integral_value(ROUND_DOWN, EXACT))
    return whole if -(2**63) <= whole < 2**63 else None
