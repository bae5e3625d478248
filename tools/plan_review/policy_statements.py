"""Policy statements, taken apart so that two of them can be compared.

AWS documentation: "IAM JSON policy elements reference".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_ELEMENTS: Final = {
    "Action": "",
    "NotAction": "all but ",
    "Principal": "to ",
    "NotPrincipal": "to all but ",
    "Resource": "on ",
    "NotResource": "on all but ",
}
"""Elements that list what a statement is about -> how they read."""


_ANY_OF: Final = frozenset(
    {"ArnEquals", "ArnLike", "IpAddress", "StringEquals", "StringEqualsIgnoreCase", "StringLike"}
)
"""Condition operators that hold when one of their values fits; more values let more through."""


@dataclass(frozen=True)
class Statement:
    """One statement: each element's values, and the values of each condition ("key operator"), as sets."""

    sid: str
    is_allow: bool
    elements: Mapping[str, frozenset[str]]
    conditions: Mapping[str, frozenset[str]]

    @property
    def effect(self) -> str:
        """What it does: allow or deny."""
        return "allow" if self.is_allow else "deny"

    @property
    def name(self) -> str:
        """Its Sid, for people."""
        return self.sid or "(no sid)"

    def text(self) -> str:
        """Returns the whole statement in one line."""
        words = [f"{lead}{_joined(self.elements[each])}" for each, lead in _ELEMENTS.items() if each in self.elements]
        tests = [f"{test} {_joined(values)}" for test, values in sorted(self.conditions.items())]
        condition = [f"if {' and '.join(tests)}"] if tests else []
        return f"{self.name}: {' '.join([self.effect, *words, *condition])}"


def from_json(document: object) -> dict[str, Statement] | None:
    """Returns the statements of a policy in JSON text, as `by_name` does; None for what is no policy."""
    try:
        return by_name(parse(raw) for raw in _as_list(json.loads(str(document)).get("Statement", [])))
    except (TypeError, ValueError, AttributeError, RecursionError):
        return None


def by_name(statements: Iterable[Statement]) -> dict[str, Statement]:
    """Returns statements by Sid, or by what they say where they have none."""
    found: dict[str, Statement] = {}
    for statement in statements:
        key = statement.sid or statement.text()
        while key in found:
            key += "'"
        found[key] = statement
    return found


def parse(raw: Mapping[str, Any]) -> Statement:
    """Returns one statement of a policy document."""
    conditions = {
        f"{key} {operator}": frozenset(_listed(value))
        for operator, keys in (raw.get("Condition") or {}).items()
        for key, value in keys.items()
    }
    elements = {name: frozenset(_listed(raw[name])) for name in _ELEMENTS if name in raw}
    return Statement(str(raw.get("Sid") or ""), raw.get("Effect") != "Deny", elements, conditions)


def opens(one: Statement, other: Statement) -> bool:
    """Returns whether somebody may do more when `one` becomes `other`; in doubt, they may."""
    if one.is_allow != other.is_allow:
        return other.is_allow
    # Action in the place of NotAction, or a resource where there was none, cannot be compared as sets.
    covers_more = covers_less = one.elements.keys() != other.elements.keys()
    for name in one.elements.keys() & other.elements.keys():
        gained, lost = other.elements[name] - one.elements[name], one.elements[name] - other.elements[name]
        covers_more |= bool(lost if name.startswith("Not") else gained)
        covers_less |= bool(gained if name.startswith("Not") else lost)
    covers_more |= bool(one.conditions.keys() - other.conditions.keys())
    covers_less |= bool(other.conditions.keys() - one.conditions.keys())
    for test in one.conditions.keys() & other.conditions.keys():
        gained, lost = other.conditions[test] - one.conditions[test], one.conditions[test] - other.conditions[test]
        is_any_of = test.rpartition(" ")[2] in _ANY_OF
        covers_more |= bool(gained if is_any_of else gained | lost)
        covers_less |= bool(lost if is_any_of else gained | lost)
    return covers_more if other.is_allow else covers_less


def differences(one: Statement, other: Statement) -> str:
    """Returns what becomes different when `one` becomes `other`, in one line."""
    words = [] if one.is_allow == other.is_allow else [f"{one.effect} becomes {other.effect}"]
    before, after = {**one.elements, **one.conditions}, {**other.elements, **other.conditions}
    for name in [*before, *(name for name in after if name not in before)]:
        old, new = before.get(name, frozenset()), after.get(name, frozenset())
        lead = "" if name in _ELEMENTS else "condition "
        words += [f"+ {lead}{name} {value}" for value in sorted(new - old)]
        words += [f"- {lead}{name} {value}" for value in sorted(old - new)]
    return f"{other.name}: {', '.join(words)}"


def _listed(value: Any) -> list[str]:  # noqa: ANN401  # JSON
    if isinstance(value, dict):
        return [f"{kind} {each}" for kind, inner in value.items() for each in _listed(inner)]
    return [str(each) for each in _as_list(value)]


def _as_list(value: Any) -> list[Any]:  # noqa: ANN401  # as above
    return value if isinstance(value, list) else [value]


def _joined(values: frozenset[str]) -> str:
    return ", ".join(sorted(values))
