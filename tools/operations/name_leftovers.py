"""What is there under a deployment's names once it is destroyed, after a deploy that did not come to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.cli import console
from tools.errors import LakeError
from tools.operations.preflight import taken_names
from tools.operations.preflight.account import Account
from tools.operations.preflight.findings import Weight
from tools.operations.preflight.gathering import gather
from tools.operations.preflight.running import run
from tools.terraform.state import State

if TYPE_CHECKING:
    from tools.deployments.aws import Aws
    from tools.deployments.deployment import Deployment
    from tools.operations.preflight.wanted import Wanted


def tell(deployment: Deployment, aws: Aws, region: str) -> None:
    """Says what AWS has, in `region`, under the names of a deployment of which the state holds nothing any more.

    It is not removed: a name does not say who made what has it. That something cannot be seen is told too.
    """
    try:
        given = {**deployment.given_values(), "region": region}
        wanted = gather(deployment, given, aws.caller_arn(), State())
    except LakeError as error:
        console.note(f"cannot see whether the deploy that was not completed left anything: {error}")
        return
    account = Account(aws.impatient_client, lambda elsewhere: deployment.aws(elsewhere).impatient_client)
    for line in lines(account, wanted):
        console.warn(line)


def lines(account: Account, wanted: Wanted) -> list[str]:
    """Returns what an account has under wanted names, a line each, and a line for each kind that cannot be seen."""
    found = run(taken_names.CHECKS, account, wanted)
    return [
        finding.line
        if finding.weight is Weight.NOTE
        else f"{finding.where} is still there, and was not in the state: delete it, if the unfinished deploy made it"
        for finding in found
    ]
