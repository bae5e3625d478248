"""DynamoDB's attribute values: their typed shape, and their plain JSON value."""

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
    """One attribute value; exactly one of the members is set, and its name is the value's type.

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

_TYPES: Final = len(AttributeValue.__struct_fields__)

# An object whose second or later member could be named like a type. The decoder lets a value with two types through
# (it is a struct with two members), and looking at ten members of every value costs more than decoding it; so values
# are looked at only in a document where this matches.
_LATER_TYPE: Final = re.compile(rb',[ \t\r\n]*"(?:[SNMLBOU]{1,4}(?:"[ \t\r\n]*:|\\)|\\)')


def may_hold_two_types(document: bytes) -> bool:
    """Says whether a value in this JSON document could have more than one type; False is certain, True is not."""
    return _LATER_TYPE.search(document) is not None


def check_types(values: Iterable[AttributeValue]) -> None:
    """Makes sure that each value, at every depth, has exactly one type.

    Raises:
        RecordError: one has none, or more than one.
    """
    waiting = list(values)
    while waiting:
        value = waiting.pop()
        if msgspec.structs.astuple(value).count(UNSET) != _TYPES - 1:
            raise RecordError("an attribute value has not exactly one type")
        if value.M is not UNSET:
            waiting.extend(value.M.values())
        elif value.L is not UNSET:
            waiting.extend(value.L)


def plain(value: AttributeValue, literals: list[str], number: Callable[[str], Any] = orjson.Fragment) -> Any:  # noqa: ANN401 - any JSON value
    """Returns the value without its types: maps are objects, lists and sets arrays, numbers are made by `number`.

    Every number's literal is appended to `literals`, for the caller to check before anything is written.

    Raises:
        RecordError: a value has no type, or is a NULL that is not true.
    """
    result: Any
    if (result := value.S) is not UNSET:
        pass
    elif value.N is not UNSET:
        literals.append(value.N)
        result = number(value.N)
    elif value.M is not UNSET:
        result = {name: plain(member, literals, number) for name, member in value.M.items()}
    elif value.L is not UNSET:
        result = [plain(element, literals, number) for element in value.L]
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


def json_text(plain_value: Any) -> str:  # noqa: ANN401 - any JSON value
    """Returns the compact JSON text of a plain value, whose numbers are orjson.Fragment."""
    return orjson.dumps(plain_value).decode()
