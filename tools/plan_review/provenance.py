"""Where the resources of a plan come from: why one is replaced, what has another address, and what is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.plan_review.plan import Plan, ResourceChange

_REASONS: Final = {
    "replace_because_tainted": "its creation failed or was interrupted",
    "replace_by_request": "-replace asks for it",
    "replace_by_triggers": "replace_triggered_by names something that changes",
}
"""Terraform documentation, "JSON Output Format", `action_reason` -> why a resource is replaced, in words."""


def replaced_because(change: ResourceChange) -> str:
    """Returns why a resource is replaced, in one line; "" where it is not, or the plan does not say."""
    if change.action != "replace":
        return ""
    if change.change.replace_paths:
        return f"replaced, because it cannot change in place: {', '.join(map(_path, change.change.replace_paths))}"
    reason = _REASONS.get(change.action_reason)
    return f"replaced, because {reason}" if reason else ""


def moved(plan: Plan) -> Iterator[str]:
    """Yields the address before and after of each resource that Terraform knows by another one, changed or not."""
    for change in plan.managed():
        if change.previous_address:
            yield f"{change.previous_address} -> {change.address}"


def imported(plan: Plan) -> Iterator[str]:
    """Yields the address and the id of each resource that exists and that Terraform did not know, changed or not."""
    for change in plan.managed():
        if change.change.importing:
            yield f"{change.address} ({change.change.importing.id})"


def _path(steps: tuple[str | int, ...]) -> str:
    """Returns steps to an attribute as Terraform writes them.

    >>> _path(("attribute", 0, "name"))
    'attribute[0].name'
    """
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")
