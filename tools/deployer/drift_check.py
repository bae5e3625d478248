"""Tells what was changed outside of Terraform since the last deploy of one place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tools.core import console
from tools.core.environments import parse_outputs
from tools.localaws import drift as of_the_emulator
from tools.review import plan, review, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tools.core.deployment import Deployment
    from tools.core.terraform import Variables
    from tools.review.review import Item


def run(place: Deployment, variables: Variables) -> bool:
    """Prints what drifted in `place`, and returns whether anything did.

    Raises:
        LakeError: it is not deployed, or Terraform cannot look.
    """
    terraform = place.terraform()
    with place.lock():
        with console.stage("init"):
            place.init(terraform)
            outputs = parse_outputs(place.label, terraform.output())
        with console.stage("refresh"):
            known = replace(variables, pairs=(*variables.pairs, *place.own_variables, *outputs.inputs()))
            found = review.drifted(plan.parse(terraform.drift(known)))
    if place.is_local:
        found = without_the_emulators(found)
    for line in text.drift_lines(found):
        console.say(line)
    if found:
        console.fail(
            f"{place.label}: {len(found)} resource(s) were changed outside of Terraform; "
            f"to see what a deploy would put back: {place.command('deploy')} --plan-only"
        )
    else:
        console.say(f"{place.label}: nothing was changed outside of Terraform.")
    return bool(found)


def without_the_emulators(items: Iterable[Item]) -> tuple[Item, ...]:
    """Returns what is left when what the emulator is known to forget is taken away."""
    told = [
        replace(
            item,
            differences=tuple(each for each in item.differences if not of_the_emulator.is_known(item.type, each.path)),
        )
        for item in items
    ]
    return tuple(item for item in told if item.differences or item.action == "delete")
