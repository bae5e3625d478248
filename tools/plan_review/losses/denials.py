"""Reads what a policy denies, and whether another one still denies as much."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.iam import comparison
from tools.iam.documents import UNKNOWN
from tools.plan_review import policy_changes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.iam.documents import Statement
    from tools.plan_review.losses.readings import Reading
    from tools.plan_review.plan import Plan, ResourceChange


def denials(plan: Plan, resource: ResourceChange) -> Reading:
    """Reads the statements of the attribute `policy` that deny, by Sid; what cannot be read denies nothing for sure."""
    before, after = policy_changes.statements(plan, resource, "policy")
    return _denying(before or {}), UNKNOWN if after is None else _denying(after)


def some_deny_less(before: Mapping[str, Statement], after: Mapping[str, Statement] | str) -> bool:
    """Returns whether something that was denied is not any more."""
    return bool(before) and bool(what_denies_less(before, after))


def what_denies_less(before: Mapping[str, Statement], after: Mapping[str, Statement] | str) -> str:
    """Returns the statements that are gone or deny less, in one line."""
    if isinstance(after, str):
        return after
    return ", ".join(
        f"{name} denies less" if name in after else f"without {name}"
        for name, old in before.items()
        if _denies_less(old, after.get(name))
    )


def _denies_less(old: Statement, new: Statement | None) -> bool:
    return new is None or comparison.allows_more(old, new)


def _denying(statements: Mapping[str, Statement]) -> dict[str, Statement]:
    return {name: each for name, each in statements.items() if not each.is_allow}
