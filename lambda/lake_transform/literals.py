"""DynamoDB's numbers, which travel as text and stay text: no digit is lost to a float.

A number's literal is written into the line as it is, so each is checked first against JSON's grammar of numbers: RFC
8259, section 6. Without the check any text could get into the line.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation, Overflow
from typing import TYPE_CHECKING, Final

import msgspec

from lake_transform.errors import RecordError

if TYPE_CHECKING:
    from collections.abc import Sequence

_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_PLAIN_INTEGER: Final = re.compile(r"0|-?[1-9][0-9]*")
_NUMBER_CHARACTERS: Final = b"-+.,eE0123456789"
_DECODER: Final = msgspec.json.Decoder(list[float])

# Range of a number: Amazon DynamoDB Developer Guide, "Supported data types and naming rules".
_SMALLEST_EXPONENT: Final = -130
_LARGEST_EXPONENT: Final = 125
_EXACT: Final = Context(prec=1000, traps=[Inexact, InvalidOperation, Overflow])


class Number(Decimal):
    """A number that Decimal spells otherwise than DynamoDB: an exact Decimal that keeps the literal.

    Attributes:
        literal: the number as DynamoDB wrote it; the line holds it unless the hook replaces the value.
    """

    __slots__ = ("literal",)

    literal: str

    def __new__(cls, literal: str) -> Number:
        """Reads a literal."""
        number = super().__new__(cls, literal)
        number.literal = literal
        return number


def number(literal: str) -> Decimal:
    """Returns a number as a hook gets it: an exact Decimal of which the literal is known.

    >>> number("1.50"), number("1e3"), number("1e3").literal
    (Decimal('1.50'), Decimal('1E+3'), '1e3')

    Raises:
        RecordError: Decimal does not accept it. `check` refuses what Decimal accepts and JSON does not.
    """
    try:
        exact = Decimal(literal)
    except InvalidOperation:
        raise RecordError("a number is not in JSON's grammar") from None
    return exact if str(exact) == literal else Number(literal)


def check(literals: Sequence[str]) -> None:
    """Makes sure that each literal is one number in JSON's grammar.

    All are parsed together. Only if that fails each is matched with the grammar, because the parser also refuses legal
    numbers whose exponent is too large for a double.

    Raises:
        RecordError: at least one is not.

    >>> check(["1.50", "-7", "1E+5"])
    >>> check(["007"])
    Traceback (most recent call last):
    lake_transform.errors.RecordError: a number is not in JSON's grammar
    """
    if not literals:
        return
    joined = ",".join(literals).encode()
    if not joined.translate(None, _NUMBER_CHARACTERS):
        try:
            if len(_DECODER.decode(b"[%b]" % joined)) == len(literals):
                return
        except msgspec.DecodeError:
            pass
    if not all(map(_NUMBER.fullmatch, literals)):
        raise RecordError("a number is not in JSON's grammar")


def canonical(literal: str) -> str:
    """Returns the canonical spelling, the same for all literals of the same number: positional, without extra zeros.

    >>> canonical("1.50"), canonical("15E-1"), canonical("-0"), canonical("1e3")
    ('1.5', '1.5', '0', '1000')

    Raises:
        RecordError: the literal is not in JSON's grammar, or its number is outside DynamoDB's range.
    """
    if _PLAIN_INTEGER.fullmatch(literal) and len(literal) <= _LARGEST_EXPONENT:
        return literal
    if not _NUMBER.fullmatch(literal):
        raise RecordError("a number is not in JSON's grammar")
    try:
        number = _EXACT.create_decimal(literal)
    except DecimalException:
        raise RecordError("a number is outside DynamoDB's range") from None
    if not number:
        return "0"
    if not _SMALLEST_EXPONENT <= number.adjusted() <= _LARGEST_EXPONENT:
        raise RecordError("a number is outside DynamoDB's range")
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
