"""Refuses plans that would lose data, unless the resource is named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tools.plan_review.losses import findings, removals

if TYPE_CHECKING:
    from tools.plan_review.losses.findings import Finding
    from tools.plan_review.plan import Plan

REPLACE: Final = "--allow-replace"
LOSS: Final = "--allow-loss"

DATA: Final = (*removals.LOSSES, "aws_s3_bucket_lifecycle_configuration", "aws_s3_bucket_versioning")
"""Types of resources that hold data, or decide how long it is kept."""


@dataclass(frozen=True)
class Allowed:
    """The addresses of what may be lost all the same."""

    replace: tuple[str, ...] = ()
    """Resources that may be replaced, deleted or forgotten."""
    loss: tuple[str, ...] = ()
    """Resources that may lose data, or its protection, while they stay."""

    def __bool__(self) -> bool:
        """True when anything may be lost."""
        return bool(self.replace or self.loss)


NOTHING: Final = Allowed()


def refusals(plan: Plan, allowed: Allowed = NOTHING) -> list[str]:
    """Returns why the plan must not be applied, a line each."""
    found = (each for each in findings.find(plan) if each.refuses and not _is_allowed(each, allowed))
    return [*_moves(plan), *map(_refusal, found)]


def notes(plan: Plan) -> list[str]:
    """Returns what is lost that does not refuse the plan, a line each: worth knowing, or easy to put right."""
    return [f"{each.address}: {each.text}" for each in findings.find(plan) if not each.refuses]


def risks(plan: Plan) -> dict[str, str]:
    """Returns the address of each resource that loses something -> what, in one line."""
    found: dict[str, list[str]] = {}
    for each in findings.find(plan):
        found.setdefault(each.address, []).append(each.text)
    return {address: "; ".join(texts) for address, texts in found.items()}


def unused(plan: Plan, allowed: Allowed) -> list[str]:
    """Returns a line for each address in `allowed` that the plan does not touch so: probably misspelt."""
    removed = {change.address for change in plan.changes() if change.removes or change.forgets}
    lossy = {each.address for each in findings.find(plan) if each.refuses and not each.is_removal}
    return [
        *(
            f"{REPLACE} {address}: the plan does not replace, delete or forget it"
            for address in sorted(set(allowed.replace) - removed)
        ),
        *(f"{LOSS} {address}: the plan loses nothing there" for address in sorted(set(allowed.loss) - lossy)),
    ]


def _is_allowed(finding: Finding, allowed: Allowed) -> bool:
    return finding.address in (allowed.replace if finding.is_removal else allowed.loss)


def _refusal(finding: Finding) -> str:
    option = f"to do it all the same: {REPLACE if finding.is_removal else LOSS} '{finding.address}'"
    if finding.is_removal:
        return f"would {finding.what} {finding.address}: {finding.consequence}; {option}"
    return f"{finding.harm} {finding.address}: {finding.text}; {option}"


def move(name: str, before: str, after: str) -> str:
    """Returns why a deployment may not go from one account or Region (`name` is account_id or region) to another."""
    return (
        f"would leave what is deployed in {before} behind and start afresh in {after}; "
        f"destroy it first, or keep {name} as it was"
    )


def _moves(plan: Plan) -> list[str]:
    # With another account or Region the provider finds none of the resources in the state: Terraform would create new
    # ones, and the old ones would keep running outside of any state.
    outputs = {name: (plan.output_before(name), plan.output_after(name)) for name in ("account_id", "region")}
    return [
        move(name, before, after) for name, (before, after) in outputs.items() if before and after and before != after
    ]
