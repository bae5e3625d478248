"""DynamoDB's attribute values: their typed shape, the check of their types, and their plain JSON value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec
import orjson
from msgspec import UNSET, UnsetType

from lake_transform.errors import RecordError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class AttributeValue(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """One attribute value; exactly one member is set, and its name is the value's type.

    The members are DynamoDB's own (Amazon DynamoDB API Reference, "AttributeValue"). Numbers are text, binary values
    are base64 text.
    """

    S: str | UnsetType = UNSET
    N: str | UnsetType = UNSET
    M: dict[str, AttributeValue] | UnsetType = UNSET
    L: list[AttributeValue] | UnsetType = UNSET
    BOOL: bool | UnsetType = UNSET
    NULL: bool | UnsetType = UNSET
    SS: list[str] | UnsetType = UNSET
    NS: list[str] | UnsetType = UNSET
    B: str | UnsetType = UNSET
    BS: list[str] | UnsetType = UNSET


Image = dict[str, AttributeValue]

_UNSET_MEMBERS: Final = len(AttributeValue.__struct_fields__) - 1

# Matches a member of an object that is not its first one and whose name can be a type. The decoder accepts a value of
# two types, and the second type matches this however it is spelled. One search through the document takes about a tenth
# of the transform's time; looking at all ten members of every value takes as long as reading the values.
_SECOND_TYPE: Final = re.compile(rb',[ \t\r\n]*"(?:[SNMLBOU]{1,4}(?:"[ \t\r\n]*:|\\)|\\)')


def may_have_two_types(document: bytes) -> bool:
    """Says whether a value in this JSON document can have more than one type: False is certain, True is not.

    >>> may_have_two_types(b'{"a":{"S":"x","N":"1"}}'), may_have_two_types(b'{"a":{"S":"x"},"b":{"N":"1"}}')
    (True, False)
    """
    return _SECOND_TYPE.search(document) is not None


def check_types(values: Iterable[AttributeValue]) -> None:
    """Makes sure that each value, at every depth, has exactly one type.

    Raises:
        RecordError: a value has no type, or more than one.
    """
    unchecked = list(values)
    while unchecked:
        value = unchecked.pop()
        if msgspec.structs.astuple(value).count(UNSET) != _UNSET_MEMBERS:
            raise RecordError("an attribute value has not exactly one type")
        if value.M is not UNSET:
            unchecked.extend(value.M.values())
        elif value.L is not UNSET:
            unchecked.extend(value.L)


def plain_value(value: AttributeValue, literals: list[str], number: Callable[[str], Any] = orjson.Fragment) -> Any:  # noqa: ANN401 - any JSON value
    """Returns the value without its types: maps are objects, lists and sets are arrays.

    Args:
        value: the attribute value.
        literals: the literal of every number is added to it; the caller checks them before anything is written.
        number: makes the result for a number, or for each number of a set. Numbers inside maps and lists are always
            orjson.Fragment, because maps and lists are only ever written as JSON text.

    Raises:
        RecordError: a value has no type, or is a NULL that is not true.
    """
    result: Any
    if (result := value.S) is not UNSET:
        pass
    elif value.N is not UNSET:
        literals.append(value.N)
        result = number(value.N)
    elif (members := value.M) is not UNSET:
        result = _plain_members(members, literals)
    elif (elements := value.L) is not UNSET:
        result = [plain_value(element, literals) for element in elements]
    elif (result := value.BOOL) is not UNSET:
        pass
    elif value.NULL is not UNSET and value.NULL:
        result = None
    elif (result := value.SS) is not UNSET:
        pass
    elif value.NS is not UNSET:
        literals.extend(value.NS)
        result = [number(literal) for literal in value.NS]
    elif (result := value.B) is UNSET and (result := value.BS) is UNSET:
        raise RecordError("an attribute value has not exactly one type")
    return result


def _plain_members(members: Image, literals: list[str]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, member in members.items():
        # Most members are text or numbers: they are read here, without a call.
        if (text := member.S) is not UNSET:
            result[name] = text
        elif (literal := member.N) is not UNSET:
            literals.append(literal)
            result[name] = orjson.Fragment(literal)
        else:
            result[name] = plain_value(member, literals)
    return result


def json_text(plain: Any) -> str:  # noqa: ANN401 - any JSON value
    """Returns the compact JSON text of a plain value, whose numbers are orjson.Fragment."""
    return orjson.dumps(plain).decode()
