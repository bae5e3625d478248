"""Condition operators of IAM policies, each by what AWS documents of it. Only the standard library is needed.

AWS documentation: "IAM JSON policy elements: Condition operators",
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html, and "Set
operators for multivalued context keys".
"""

from __future__ import annotations

import datetime
import functools
import ipaddress
import operator as compare
import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_IF_EXISTS: Final = "ifexists"
_SETS: Final = ("forallvalues", "foranyvalue")


def is_known(operator: str) -> bool:
    """Returns whether this is an operator of AWS's; a statement with another one never allows and always denies.

    >>> is_known("ForAnyValue:StringLike"), is_known("NumericLessThanIfExists"), is_known("StringMatches")
    (True, True, False)
    """
    of_set, name, _ = _parts(operator)
    return operator.lower() == "null" or (name in _FITS and of_set in ("", *_SETS))


def holds(operator: str, wanted: Sequence[str], values: Sequence[str] | None) -> bool:
    """Returns whether the values of a condition key in a request, None where it has none, satisfy an operator.

    Several values in `wanted` are alternatives; of a negated operator, none of them may fit. An operator that is not
    known never holds.
    """
    if not is_known(operator):
        return False
    of_set, name, if_exists = _parts(operator)
    if name == "null":
        return (values is None) == any(each.lower() == "true" for each in wanted)
    negated = name in _NEGATED
    if values is None:
        return if_exists or of_set == "forallvalues" or (negated and not of_set)

    def fits(value: str) -> bool:
        return any(_FITS[name](value, each) for each in wanted) != negated

    if of_set == "forallvalues" or (negated and not of_set):
        return all(fits(value) for value in values)
    return any(fits(value) for value in values)


def matches(pattern: str, value: str, flags: int = 0) -> bool:
    """Returns whether a pattern of a policy, with * and ?, matches a value."""
    return _compiled(pattern, flags).fullmatch(value) is not None


# One policy is asked about thousands of actions and resources.
@functools.lru_cache(4096)
def _compiled(pattern: str, flags: int) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), flags | re.DOTALL)


def _parts(operator: str) -> tuple[str, str, bool]:
    of_set, _, name = operator.lower().rpartition(":")
    return of_set, name.removesuffix(_IF_EXISTS), name.endswith(_IF_EXISTS)


def _arn_fits(value: str, pattern: str) -> bool:
    """Compares the six parts of an ARN one by one: a wildcard in a part does not reach into the next."""
    parts, patterns = value.split(":", 5), pattern.split(":", 5)
    return pattern == "*" or (len(parts) == len(patterns) == 6 and all(map(matches, patterns, parts)))


def _ip_address_fits(value: str, block: str) -> bool:
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(block, strict=False)
    except ValueError:
        return False


def _ordered(read: Callable[[str], Any], order: Callable[[Any, Any], bool]) -> Callable[[str, str], bool]:
    def fits(value: str, wanted: str) -> bool:
        try:
            return order(read(value), read(wanted))
        except (ValueError, OverflowError, InvalidOperation):
            return False

    return fits


def _instant(text: str) -> datetime.datetime:
    """Reads a date of ISO 8601, in UTC where it names no offset, or seconds since the epoch."""
    if re.fullmatch(r"-?\d{5,}(\.\d+)?", text):
        return datetime.datetime.fromtimestamp(float(text), datetime.UTC)
    found = datetime.datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=datetime.UTC)


_ORDERS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "equals": compare.eq,
    "notequals": compare.eq,
    "lessthan": compare.lt,
    "lessthanequals": compare.le,
    "greaterthan": compare.gt,
    "greaterthanequals": compare.ge,
}
_FITS: Final[dict[str, Callable[[str, str], bool]]] = {
    **dict.fromkeys(("stringequals", "stringnotequals", "binaryequals"), compare.eq),
    **dict.fromkeys(
        ("stringequalsignorecase", "stringnotequalsignorecase", "bool"),
        lambda value, wanted: value.lower() == wanted.lower(),
    ),
    **dict.fromkeys(("stringlike", "stringnotlike"), lambda value, pattern: matches(pattern, value)),
    **dict.fromkeys(("arnequals", "arnlike", "arnnotequals", "arnnotlike"), _arn_fits),
    **dict.fromkeys(("ipaddress", "notipaddress"), _ip_address_fits),
    **{f"numeric{name}": _ordered(Decimal, order) for name, order in _ORDERS.items()},
    **{f"date{name}": _ordered(_instant, order) for name, order in _ORDERS.items()},
}
"""Operator in lower case -> whether a request's value fits one value of the policy; for a negated one, its opposite."""

_NEGATED: Final = frozenset(name for name in _FITS if "not" in name)
