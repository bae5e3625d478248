"""Compares the statements of two policies: which were added, widened, narrowed or removed, with a line for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tools.iam.documents import ByType, Statement

Kind = Literal["added", "widened", "narrowed", "removed"]

_LEADS: Final = {
    "Action": "",
    "NotAction": "all but ",
    "Principal": "to ",
    "NotPrincipal": "to all but ",
    "Resource": "on ",
    "NotResource": "on all but ",
}
"""Elements that list what a statement is about -> the words that lead to their values."""

_ANY_VALUE_FITS: Final = frozenset(
    {"ArnEquals", "ArnLike", "IpAddress", "StringEquals", "StringEqualsIgnoreCase", "StringLike"}
)
"""Condition operators that hold when one of their values fits, so that one more value lets more through."""


@dataclass(frozen=True)
class Difference:
    """One statement that differs: how, and in words."""

    kind: Kind
    text: str


def by_sid(statements: Iterable[Statement]) -> dict[str, Statement]:
    """Returns statements by their Sid; one without stands under its text, the second of a name under the name and '."""
    found: dict[str, Statement] = {}
    for statement in statements:
        key = statement.sid or describe(statement)
        while key in found:
            key += "'"
        found[key] = statement
    return found


def compare(before: Mapping[str, Statement], after: Mapping[str, Statement]) -> Iterator[Difference]:
    """Yields the statements that differ between two policies, whose statements are given by name.

    A denial that is new narrows what is allowed, one that goes widens it.
    """
    for name in [*before, *(name for name in after if name not in before)]:
        old, new = before.get(name), after.get(name)
        if old is None and new is not None:
            yield Difference("added" if new.is_allow else "narrowed", f"+ {describe(new)}")
        elif old is not None and new is None:
            yield Difference("removed" if old.is_allow else "widened", f"- {describe(old)}")
        elif old is not None and new is not None and _meaning(old) != _meaning(new):
            kind: Kind = "widened" if allows_more(old, new) else "narrowed"
            yield Difference(kind, f"~ {describe_changes(old, new)}")


def describe(statement: Statement) -> str:
    """Returns the whole statement in one line."""
    elements = [f"{_LEADS[name]}{_join(values)}" for name, values in _elements(statement).items()]
    conditions = [f"{name} {_join(values)}" for name, values in sorted(_conditions(statement).items())]
    condition = [f"if {' and '.join(conditions)}"] if conditions else []
    return f"{_name(statement)}: {' '.join([statement.effect.lower(), *elements, *condition])}"


def describe_changes(old: Statement, new: Statement) -> str:
    """Returns the values that `new` has and `old` has not, and the other way round, in one line."""
    words = [] if old.effect == new.effect else [f"{old.effect.lower()} becomes {new.effect.lower()}"]
    before, after = {**_elements(old), **_conditions(old)}, {**_elements(new), **_conditions(new)}
    for name in [*before, *(name for name in after if name not in before)]:
        had, has = before.get(name, frozenset()), after.get(name, frozenset())
        lead = "" if name in _LEADS else "condition "
        words += [f"+ {lead}{name} {value}" for value in sorted(has - had)]
        words += [f"- {lead}{name} {value}" for value in sorted(had - has)]
    return f"{_name(new)}: {', '.join(words)}"


def allows_more(old: Statement, new: Statement) -> bool:
    """Returns whether somebody may do more once `new` is in the place of `old`; also True where that is in doubt."""
    if old.effect != new.effect:
        return new.is_allow
    before, after = _elements(old), _elements(new)
    # Action in the place of NotAction, or a resource where there was none, cannot be compared as sets.
    covers_more = covers_less = before.keys() != after.keys()
    for name in before.keys() & after.keys():
        gained, lost = after[name] - before[name], before[name] - after[name]
        covers_more |= bool(lost if name.startswith("Not") else gained)
        covers_less |= bool(gained if name.startswith("Not") else lost)
    before, after = _conditions(old), _conditions(new)
    covers_more |= bool(before.keys() - after.keys())
    covers_less |= bool(after.keys() - before.keys())
    for name in before.keys() & after.keys():
        gained, lost = after[name] - before[name], before[name] - after[name]
        any_value_fits = name.rpartition(" ")[2] in _ANY_VALUE_FITS
        covers_more |= bool(gained if any_value_fits else gained | lost)
        covers_less |= bool(lost if any_value_fits else gained | lost)
    return covers_more if new.is_allow else covers_less


def _meaning(statement: Statement) -> tuple[object, ...]:
    """Returns what decides what the statement does: neither the order of its values nor their number does."""
    return statement.effect, _elements(statement), _conditions(statement)


def _elements(statement: Statement) -> dict[str, frozenset[str]]:
    """Returns element -> values, of the elements that the statement has; a principal's value is type and identifier."""
    found = {
        "Action": statement.actions,
        "NotAction": statement.not_actions,
        "Principal": _flat(statement.principals),
        "NotPrincipal": _flat(statement.not_principals),
        "Resource": statement.resources,
        "NotResource": statement.not_resources,
    }
    return {name: frozenset(values) for name, values in found.items() if values is not None}


def _flat(principals: ByType | None) -> tuple[str, ...] | None:
    if principals is None:
        return None
    return tuple(name if kind == "*" else f"{kind} {name}" for kind, names in principals.items() for name in names)


def _conditions(statement: Statement) -> dict[str, frozenset[str]]:
    """Returns "key operator" -> values."""
    return {
        f"{key} {operator}": frozenset(values)
        for operator, by_key in statement.conditions.items()
        for key, values in by_key.items()
    }


def _name(statement: Statement) -> str:
    return statement.sid or "(no sid)"


def _join(values: Iterable[str]) -> str:
    return ", ".join(sorted(values))
