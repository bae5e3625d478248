"""Reads whether a function and its package still fit each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tools.plan_review import artifacts

if TYPE_CHECKING:
    from tools.plan_review.losses.readings import Reading
    from tools.plan_review.plan import Plan, ResourceChange

HOOK_VARIABLE: Final = "TRANSFORM_HOOK"


@dataclass(frozen=True)
class Fit:
    """What a function asks of its package, name -> value, and whether the apply gives it another package."""

    asked: dict[str, Any]
    is_uploaded: bool = False


def fit(_plan: Plan, resource: ResourceChange) -> Reading:
    """Reads what the function asks of its package, and whether it gets another one."""
    change = resource.change
    return Fit(_asked(change.before)), Fit(_asked(change.after), artifacts.is_uploaded(resource))


def does_not_fit(before: Fit, after: Fit) -> bool:
    """Returns whether the function asks for something else, of the package that was built for what it asked before."""
    return bool(what_does_not_fit(before, after)) and not after.is_uploaded


def what_does_not_fit(before: Fit, after: Fit) -> str:
    """Returns what the function asks for and asked for before, in one line."""
    differing = [name for name, value in after.asked.items() if value and value != before.asked[name]]
    return ", ".join(f"{name} {before.asked[name] or 'none'} -> {after.asked[name]}" for name in differing)


def _asked(function: dict[str, Any] | None) -> dict[str, Any]:
    values = function or {}
    return {
        "runtime": values.get("runtime"),
        "handler": values.get("handler"),
        HOOK_VARIABLE: artifacts.function_variables(values).get(HOOK_VARIABLE),
    }
