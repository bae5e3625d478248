"""Tells what was changed outside of Terraform since the last deploy of one deployment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tools.cli import console
from tools.deployments import choose, mask_key, replica_place
from tools.deployments.outputs import parse_outputs
from tools.plan_review import plan, review, text
from tools.terraform.state import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tools.deployments.deployment import Deployment
    from tools.plan_review.review import Item


def run(deployment: Deployment) -> bool:
    """Prints what drifted in `deployment`, and returns whether anything did.

    Raises:
        LakeError: as `find`.
    """
    found = find(deployment)
    for line in text.drift_lines(found):
        console.say(line)
    if found:
        console.fail(
            f"{deployment.label}: {len(found)} resource(s) were changed outside of Terraform; "
            f"to see what a deploy would put back: {deployment.command('deploy')} --plan-only"
        )
    else:
        console.say(f"{deployment.label}: nothing was changed outside of Terraform.")
    return bool(found)


def find(deployment: Deployment) -> tuple[Item, ...]:
    """Returns the resources of `deployment` that were changed outside of Terraform.

    Raises:
        LakeError: it is not deployed, or Terraform cannot look.
    """
    terraform = deployment.terraform()
    with deployment.lock():
        with console.stage("init"):
            held = deployment.open(terraform) or State()
            outputs = parse_outputs(deployment.label, held.outputs)
        with console.stage("refresh"):
            variables = deployment.given.variables
            places = (*outputs.inputs(), *replica_place.inputs(held, outputs.region))
            pairs = (*variables.pairs, *deployment.known_variables, *places)
            known = replace(variables, pairs=pairs, secrets=mask_key.ANY)
            found = review.drifted(plan.parse(terraform.drift(known)))
    return without_known_drift(found, choose.emulator_drift(deployment))


def without_known_drift(items: Iterable[Item], is_known: Callable[[str, str], bool]) -> tuple[Item, ...]:
    """Returns the drifted resources without the differences that are known, and without those that have no other.

    `is_known` is given a resource's type and an attribute's path.
    """
    kept = [
        replace(item, differences=tuple(each for each in item.differences if not is_known(item.type, each.path)))
        for item in items
    ]
    return tuple(item for item in kept if item.differences or item.action == "delete")
