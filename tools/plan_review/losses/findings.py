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
    return [
        finding for change in plan.changes() for finding in (*_with_removal(plan, change), *_in_place(plan, change))
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


def _in_place(plan: Plan, change: ResourceChange) -> Iterator[Finding]:
    for rule in RULES:
        if rule.type == change.type and _applies(rule, plan, change):
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


def _applies(rule: Rule, plan: Plan, change: ResourceChange) -> bool:
    if change.forgets:
        return False
    if rule.is_setting_of_bucket:
        return _changes_deployed_bucket(plan, change)
    return change.action == "update" or (change.action == "replace" and change.type not in removals.LOSSES)


def _changes_deployed_bucket(plan: Plan, change: ResourceChange) -> bool:
    """Returns whether a setting is of a bucket that is there before the plan and after it.

    What becomes of a bucket that goes is told once, of the bucket. A setting that is made can change a bucket that is
    there, but not what a first deployment has only begun.
    """
    name = _bucket(change)
    buckets = [each for each in plan.managed() if each.type == "aws_s3_bucket" and _bucket(each) == name]
    if any(each.removes for each in buckets):
        return False
    is_deployed = any(each.change.before is not None for each in buckets)
    return change.change.before is not None or (is_deployed and not plan.continues_first_deployment)


def _bucket(change: ResourceChange) -> object:
    return (change.change.before or change.change.after or {}).get("bucket")
