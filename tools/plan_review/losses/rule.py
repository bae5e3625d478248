"""One rule: a change of one setting that loses data, or its protection, while the resource stays."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tools.iam.documents import UNKNOWN

if TYPE_CHECKING:
    from tools.plan_review.losses.readings import Reader

Predicate: TypeAlias = Callable[[Any, Any], bool]
"""Whether a setting loses something from its value before to its value after; UNKNOWN counts as the worst value."""

LOSES: Final = "would lose data in"
EXPOSES: Final = "would leave data without protection in"
STOPS: Final = "would stop the way to the lake in"
FAILS: Final = "would fail at"


def change_in_words(before: object, after: object) -> str:
    """Returns both values of a setting in one line."""
    return f"{in_words(before)} -> {in_words(after)}"


@dataclass(frozen=True)
class Rule:
    """When a change of one setting of one type of resource is told, and in which words.

    `name` is the setting in Terraform's words, `harm` is how a refusal begins, and `consequence` says what is lost,
    from when on, and whether it can be undone. A rule that does not refuse makes a note in the review.
    """

    type: str
    name: str
    read: Reader
    is_loss: Predicate
    consequence: str
    harm: str = LOSES
    details: Callable[[Any, Any], str] = change_in_words
    refuses: bool = True

    @property
    def is_setting_of_bucket(self) -> bool:
        """True for a resource that is one setting of a bucket: without it the bucket falls back to AWS's default."""
        return self.type.startswith("aws_s3_bucket_")


def lowered(before: Any, after: Any) -> bool:  # noqa: ANN401  # numbers, or UNKNOWN
    """Returns whether a number gets smaller."""
    return after == UNKNOWN or bool(after < before)


def switched_off(before: object, after: object) -> bool:
    """Returns whether something that was on is not on any more."""
    return before is True and after is not True


def switched_on(before: object, after: object) -> bool:
    """Returns whether something that was off is on."""
    return before is not True and after is not False


def changed(before: object, after: object) -> bool:
    """Returns whether a setting that had a value gets another one, or none."""
    return before is not None and before != after


def leaves(value: object) -> Predicate:
    """Returns the predicate that a setting has this value before, and not after."""
    return lambda before, after: before == value != after


def becomes(value: object) -> Predicate:
    """Returns the predicate that a setting gets this value, or may get it."""
    return lambda before, after: before != value and after in (value, UNKNOWN)


def set_or_changed(before: object, after: object) -> bool:
    """Returns whether a setting gets a value, or another one; that it goes away is none."""
    return after is not None and before != after


def some_gone(before: frozenset[str], after: frozenset[str] | str) -> bool:
    """Returns whether something of a set is not in it any more."""
    return bool(before) and (isinstance(after, str) or bool(before - after))


def what_is_gone(before: frozenset[str], after: frozenset[str] | str) -> str:
    """Returns which members of a set are not in it any more."""
    return after if isinstance(after, str) else f"without {', '.join(sorted(before - after))}"


def in_words(value: object) -> str:
    """Returns the value of a setting as people say it.

    >>> in_words(True), in_words(None), in_words(float("inf")), in_words(48)
    ('on', 'none', 'for ever', '48')
    """
    if isinstance(value, bool):
        return "on" if value else "off"
    if value is None:
        return "none"
    return "for ever" if value == math.inf else str(value)
