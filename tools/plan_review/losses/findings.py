"""What a plan loses, resource by resource: what the rules find, and what goes with what is removed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.plan_review.losses import removals
from tools.plan_review.losses.rule import LOSES
from tools.plan_review.losses.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.plan_review.losses.rule import Rule
    from tools.plan_review.plan import Plan, ResourceChange


@dataclass(frozen=True)
class Finding:
    """One thing that a plan loses: where, what changes, and the consequence; one that does not refuse is a note."""

    address: str
    what: str
    consequence: str
    refuses: bool = True
    is_removal: bool = False
    """True where the resource goes, or Terraform forgets it; False where it stays and a setting changes."""
    harm: str = LOSES

    @property
    def text(self) -> str:
        """What changes, and what follows from it."""
        return f"{self.what}: {self.consequence}"


def find(plan: Plan) -> list[Finding]:
    """Returns what the plan loses, in its order."""
    gone = {_bucket(change) for change in plan.changes() if change.type == "aws_s3_bucket" and change.removes}
    return [
        finding
        for change in plan.changes()
        for finding in (*_with_removal(plan, change), *_in_place(plan, change, gone - {None}))
    ]


def _with_removal(plan: Plan, change: ResourceChange) -> Iterator[Finding]:
    loss, note = removals.LOSSES.get(change.type), removals.NOTES.get(change.type)
    if change.forgets and loss:
        yield Finding(change.address, "forget", removals.FORGOTTEN, is_removal=True)
    elif change.removes and (loss or note):
        # A resource that a first deployment did not complete has never held data.
        is_empty = change.is_tainted and plan.continues_first_deployment
        if not is_empty:
            yield Finding(change.address, change.action, loss or note or "", refuses=bool(loss), is_removal=True)


def _in_place(plan: Plan, change: ResourceChange, gone: set[str | None]) -> Iterator[Finding]:
    for rule in RULES:
        if rule.type == change.type and change.change.before is not None and _applies(rule, change, gone):
            details = _details(rule, plan, change)
            if details is not None:
                what = f"{rule.name} {details}"
                yield Finding(change.address, what, rule.consequence, refuses=rule.refuses, harm=rule.harm)


def _details(rule: Rule, plan: Plan, change: ResourceChange) -> str | None:
    """Returns what a change loses by one rule; None where it loses nothing."""
    try:
        before, after = rule.read(plan, change)
        return rule.details(before, after) if rule.is_loss(before, after) else None
    except (AttributeError, KeyError, TypeError, ValueError):
        # A plan from somewhere else can hold anything, and what cannot be compared must not pass for harmless.
        return "cannot be read"


def _applies(rule: Rule, change: ResourceChange, gone: set[str | None]) -> bool:
    if change.forgets:
        return False
    if rule.is_setting_of_bucket:
        # What becomes of a bucket that goes is told once, of the bucket.
        return _bucket(change) not in gone
    return change.action == "update" or (change.action == "replace" and change.type not in removals.LOSSES)


def _bucket(change: ResourceChange) -> str | None:
    name = (change.change.before or {}).get("bucket")
    return name if isinstance(name, str) else None
