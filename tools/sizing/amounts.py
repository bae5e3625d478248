"""Arithmetic with amounts that may be unknown: whatever an unknown goes into is unknown, never zero."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

Amount = Decimal | None
"""A number, or None where it is not known."""

KIB: Final = 1024
MIB: Final = 1024**2
GIB: Final = 1024**3


def exact(value: float | None) -> Amount:
    """Returns a number as it is written; None stays None.

    >>> exact(0.1)
    Decimal('0.1')
    """
    return None if value is None else Decimal(str(value))


def product(*factors: Amount | int) -> Amount:
    """Returns the product; None where a factor is unknown.

    >>> product(Decimal(2), 3), product(0, None)
    (Decimal('6'), None)
    """
    found = Decimal(1)
    for factor in factors:
        if factor is None:
            return None
        found *= factor
    return found


def total(amounts: Iterable[Amount]) -> Amount:
    """Returns the sum; None where an amount is unknown.

    >>> total([Decimal(1), Decimal(2)]), total([Decimal(1), None])
    (Decimal('3'), None)
    """
    found = Decimal(0)
    for amount in amounts:
        if amount is None:
            return None
        found += amount
    return found


def known_total(amounts: Iterable[Amount]) -> Decimal:
    """Returns the sum of the amounts that are known: the least that all of them come to."""
    return sum((amount for amount in amounts if amount is not None), Decimal(0))


def steps(size: Decimal, step: int) -> int:
    """Returns how many steps of `step` bytes a size takes: one at least.

    >>> steps(Decimal(1), 5120), steps(Decimal(5120), 5120), steps(Decimal(5121), 5120)
    (1, 1, 2)
    """
    return max(1, up(size / step))


def up(value: Decimal) -> int:
    """Returns the next whole number that is not smaller."""
    return int(value.to_integral_value(ROUND_CEILING))


def usd(amount: Amount) -> str:
    """Returns an amount in US dollars as text, to the cent.

    >>> usd(Decimal("1.005")), usd(None)
    ('1.00', 'unknown')
    """
    return "unknown" if amount is None else f"{amount:,.2f}"
