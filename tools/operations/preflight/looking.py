"""Looks at the account of one deployment, and tells what was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tools.cli import console
from tools.errors import LakeError
from tools.operations.preflight.account import Account
from tools.operations.preflight.findings import Finding, Weight
from tools.operations.preflight.gathering import gather
from tools.operations.preflight.registry import CHECKS
from tools.operations.preflight.running import run
from tools.terraform import backend
from tools.terraform.state import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.deployments.aws import Aws
    from tools.deployments.deployment import Deployment


@dataclass(frozen=True)
class Look:
    """What was found in the account of the deployment called `label`."""

    label: str
    account_id: str
    findings: tuple[Finding, ...]

    @property
    def stops(self) -> int:
        """How many findings would stop the apply."""
        return self._count(Weight.STOPS)

    def tell(self) -> None:
        """Prints each finding in one line, and what they come to."""
        say = {Weight.STOPS: console.fail, Weight.HURTS: console.warn, Weight.NOTE: console.note}
        for finding in self.findings:
            say[finding.weight](finding.line)
        warnings = console.counted(self._count(Weight.HURTS), "warning")
        verdict = f"{self.stops} that would stop the apply" if self.stops else "nothing that would stop the apply"
        console.say(f"    account {self.account_id} for {self.label}: {verdict}, {warnings}")

    def to_json(self) -> dict[str, Any]:
        """Returns it in the form that `--json` prints."""
        return {
            "deployment": self.label,
            "account_id": self.account_id,
            "findings": [
                {"kind": each.weight.value, "where": each.where, "what": each.what, "remedy": each.remedy}
                for each in self.findings
            ],
        }

    def _count(self, weight: Weight) -> int:
        return sum(finding.weight is weight for finding in self.findings)


def look(deployment: Deployment, state: State, given: Mapping[str, Any], aws: Aws) -> Look:
    """Returns what the account says to a deployment that has this state, with the values `given`.

    Raises:
        UsageError: a name would break a rule of AWS.
        LakeError: Terraform cannot be run, or the credentials are not valid.
    """
    wanted = gather(deployment, given, aws.caller_arn(), state)
    findings = run(
        CHECKS, Account(aws.impatient_client, lambda region: deployment.aws(region).impatient_client), wanted
    )
    return Look(deployment.label, wanted.place.account_id, tuple(findings))


def look_alone(deployment: Deployment) -> Look:
    """Returns what the account says to a deployment, without building or planning anything.

    Raises:
        UsageError, LakeError: as `look`, or the state cannot be opened.
    """
    terraform = deployment.terraform()
    with deployment.lock():
        with console.stage("init"), backend.in_s3(deployment.folder, deployment.given.backend_config):
            state = deployment.open(terraform) or State()
        given = deployment.given_values()
        with console.stage("account"):
            return look(deployment, state, given, _aws(deployment, given))


def check(deployment: Deployment, state: State, given: Mapping[str, Any]) -> None:
    """Looks before a plan is made, and tells what was found; as `look`.

    Raises:
        LakeError: as `look`, or a finding would stop the apply.
    """
    found = look(deployment, state, given, _aws(deployment, given))
    found.tell()
    if found.stops:
        raise LakeError(
            f"{deployment.label}: the account would stop the apply in {console.counted(found.stops, 'place')}; nothing "
            "was planned or changed (to plan all the same: --no-check-account)"
        )


def _aws(deployment: Deployment, given: Mapping[str, Any]) -> Aws:
    return deployment.aws(str(deployment.environment.value("region", given)))
