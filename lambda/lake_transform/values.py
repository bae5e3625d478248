"""DynamoDB's attribute values: their typed shape, how many types each has, and their plain JSON value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Literal, cast

import msgspec
import orjson
from msgspec import UnsetType

from lake_transform.errors import RecordError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class _Absent:
    """The type of `ABSENT`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"


# What a value holds for each type that it has not. It is not msgspec's UNSET because its references are counted (see
# ABSENCES); type checkers take it for UNSET, whose identity they understand.
ABSENT: Final = cast("Literal[UnsetType.UNSET]", _Absent())


class AttributeValue(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """One attribute value; exactly one of the members is not ABSENT, and its name is the value's type.

    The members are DynamoDB's own (Amazon DynamoDB API Reference, "AttributeValue"). Numbers are text, binary values
    are base64 text.
    """

    S: str | UnsetType = ABSENT
    N: str | UnsetType = ABSENT
    M: dict[str, AttributeValue] | UnsetType = ABSENT
    L: list[AttributeValue] | UnsetType = ABSENT
    BOOL: bool | UnsetType = ABSENT
    NULL: bool | UnsetType = ABSENT
    SS: list[str] | UnsetType = ABSENT
    NS: list[str] | UnsetType = ABSENT
    B: str | UnsetType = ABSENT
    BS: list[str] | UnsetType = ABSENT


Image = dict[str, AttributeValue]

_TYPES: Final = len(AttributeValue.__struct_fields__)

# How many references to ABSENT a value holds that has one type; a value with two types holds one less. The decoder lets
# such a value through: it is a struct with two members. Looking at ten members of every value costs as much as walking
# them all, and scanning the document for a second type costs a third of decoding it; but CPython counts references
# anyway. So if the walk met N values, and decoding made the count of AttributeValue, to which each value refers once,
# grow by N and that of ABSENT by N * ABSENCES, each has one type. Both counts are needed: what stands in the second of
# two types is never walked, and its values could make up for the missing reference. If the counts say otherwise,
# nothing is known: values let go of meanwhile make them grow by less too, and Python without a global lock counts
# differently.
ABSENCES: Final = _TYPES - 1

# An object whose second or later member could be named like a type.
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
        if msgspec.structs.astuple(value).count(ABSENT) != ABSENCES:
            raise RecordError("an attribute value has not exactly one type")
        if value.M is not ABSENT:
            waiting.extend(value.M.values())
        elif value.L is not ABSENT:
            waiting.extend(value.L)


class Tally(msgspec.Struct, gc=False):
    """What was met while the values of a record were read.

    Attributes:
        literals: every number's literal, some twice, to be checked before anything is written.
        values: how many values there were, in maps and lists too.
    """

    literals: list[str]
    values: int = 0


def plain(value: AttributeValue, tally: Tally, number: Callable[[str], Any] = orjson.Fragment) -> Any:  # noqa: ANN401 - any JSON value
    """Returns the value without its types: maps are objects, lists and sets arrays.

    A number, or one of a set, is made by `number`; what is in maps and lists is only ever written as JSON text.

    Raises:
        RecordError: a value has no type, or is a NULL that is not true.
    """
    result: Any
    if (result := value.S) is not ABSENT:
        pass
    elif value.N is not ABSENT:
        tally.literals.append(value.N)
        result = number(value.N)
    elif (members := value.M) is not ABSENT:
        result = _plain_members(members, tally)
    elif (elements := value.L) is not ABSENT:
        tally.values += len(elements)
        result = [plain(element, tally) for element in elements]
    elif (result := value.BOOL) is not ABSENT:
        pass
    elif value.NULL is not ABSENT and value.NULL:
        result = None
    elif (result := value.SS) is not ABSENT:
        pass
    elif value.NS is not ABSENT:
        tally.literals.extend(value.NS)
        result = [number(literal) for literal in value.NS]
    elif (result := value.B) is ABSENT and (result := value.BS) is ABSENT:
        raise RecordError("an attribute value has not exactly one type")
    return result


def _plain_members(members: Image, tally: Tally) -> dict[str, Any]:
    tally.values += len(members)
    result: dict[str, Any] = {}
    for name, member in members.items():
        # Text and numbers need no call: most members are one of them.
        if (text := member.S) is not ABSENT:
            result[name] = text
        elif (literal := member.N) is not ABSENT:
            tally.literals.append(literal)
            result[name] = orjson.Fragment(literal)
        else:
            result[name] = plain(member, tally)
    return result


def json_text(plain_value: Any) -> str:  # noqa: ANN401 - any JSON value
    """Returns the compact JSON text of a plain value, whose numbers are orjson.Fragment."""
    return orjson.dumps(plain_value).decode()
