"""Looks at the account of one deployment, and tells what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.cli import console
from tools.errors import LakeError
from tools.operations.preflight.account import Account
from tools.operations.preflight.findings import Weight
from tools.operations.preflight.gathering import gather
from tools.operations.preflight.registry import CHECKS
from tools.operations.preflight.running import run
from tools.plan_review import plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tools.deployments.aws import Aws
    from tools.deployments.deployment import Deployment
    from tools.operations.preflight.findings import Finding
    from tools.terraform.runner import Terraform


def look(deployment: Deployment, terraform: Terraform, given: Mapping[str, Any], aws: Aws) -> list[Finding]:
    """Returns what the account says to a deployment with the values `given`; `terraform` is initialised for it.

    Raises:
        UsageError: a name would break a rule of AWS.
        LakeError: Terraform cannot be run, or the credentials are not valid.
    """
    state = plan.parse_state(terraform.state())
    wanted = gather(deployment, given, aws.caller_arn(), state)
    return run(CHECKS, Account(aws.impatient_client), wanted)


def tell(findings: Iterable[Finding]) -> None:
    """Prints each finding in one line.

    Raises:
        LakeError: one of them would stop the apply.
    """
    say = {Weight.STOPS: console.fail, Weight.HURTS: console.warn, Weight.NOTE: console.note}
    told = list(findings)
    for finding in told:
        say[finding.weight](finding.line)
    stopping = sum(finding.weight is Weight.STOPS for finding in told)
    if stopping:
        places = console.counted(stopping, "place")
        raise LakeError(f"this account would stop the apply in {places}; nothing was planned or changed")
    hurting = sum(finding.weight is Weight.HURTS for finding in told)
    console.say(f"    {console.counted(hurting, 'warning')}, and nothing that would stop the apply")


def to_json(label: str, findings: Iterable[Finding]) -> dict[str, Any]:
    """Returns the findings on the deployment called `label` in the form that `--json` prints."""
    return {
        "deployment": label,
        "findings": [
            {"kind": each.weight.value, "where": each.where, "what": each.what, "remedy": each.remedy}
            for each in findings
        ],
    }
