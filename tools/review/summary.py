"""A plan in few lines: what is created, changed, replaced and destroyed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tools.review.plan import Plan, ResourceChange

_SIGNS: Final = {"create": "+", "update": "~", "replace": "-/+", "delete": "-", "forget": "."}
_ORDER: Final = ("delete", "replace", "update", "forget", "create")


def lines(plan: Plan) -> list[str]:
    """Returns a line for each resource that changes, the dangerous ones first, and a last line that counts them."""
    changes = sorted(plan.changes(), key=lambda change: (_ORDER.index(change.action), change.address))
    counts = ", ".join(
        f"{sum(change.action == action for change in changes)} to {action}"
        for action in reversed(_ORDER)
        if any(change.action == action for change in changes)
    )
    return [_line(change) for change in changes] + [f"{counts or 'no resource changes'}."]


def _line(change: ResourceChange) -> str:
    attributes = change.changed_attributes() if change.action in ("update", "replace") else []
    detail = f"  ({', '.join(attributes)})" if attributes else ""
    return f"{_SIGNS[change.action]:>3} {change.address}{detail}"
