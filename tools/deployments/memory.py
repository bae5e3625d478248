"""Keeps what a deploy was given, for the next one, and what it holds in its account, for other deployments to see.

A plan alone is remembered only before the first apply: whoever looks at a plan and does not apply it has not changed
what the deployment is made from.
"""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from tools import files
from tools.deployments import claims, recall, settings
from tools.deployments.settings import Settings
from tools.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.deployments.deployment import Deployment
    from tools.deployments.settings import Claim
    from tools.terraform.state import State


def keep_first_plan(deployment: Deployment) -> None:
    """Remembers what a first deploy was given, once there is a plan."""
    settings.write(deployment.home.settings_file, given_settings(deployment))


def keep_claim(deployment: Deployment, claim: Claim, given: Settings | None = None) -> None:
    """Remembers what a deploy was given that is about to apply, and what it holds from now on.

    `given` is what the plan was given, where that was an earlier command.

    Raises:
        RefusedError: another deployment has come to hold the same meanwhile.
    """
    with claims.exclusive(deployment, claim):
        last = settings.read(deployment.home.settings_file) or Settings()
        kept = given or given_settings(deployment)
        kept = msgspec.structs.replace(kept, claim=claim, deployed_at=last.deployed_at, is_unfinished=True)
        settings.write(deployment.home.settings_file, kept)


def keep_deployed(deployment: Deployment) -> None:
    """Remembers that a deploy was completed now."""
    last = settings.read(deployment.home.settings_file) or Settings()
    now = datetime.now(UTC).isoformat(timespec="seconds")
    settings.write(deployment.home.settings_file, msgspec.structs.replace(last, deployed_at=now, is_unfinished=False))


def keep_known(deployment: Deployment, known: Mapping[str, Any]) -> None:
    """Keeps the outputs that are `known` before an apply, name -> {"value": ...}: one that fails may leave none."""
    files.write_json(deployment.home.outputs_file, dict(known))


def keep_outputs(deployment: Deployment, outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what the state's `outputs` say of a deployment, and keeps it for a destroy that is cut short.

    Terraform removes the outputs from the state when a destroy begins, and a deploy that fails may not come to write
    them: what was kept fills the gaps. Whatever was not reached is found again with them. Empty where nothing is known.
    """
    kept = files.read_json(deployment.home.outputs_file, settings.REMEDY) or {}
    found = {**kept, **outputs}
    if found and found != kept:
        files.write_json(deployment.home.outputs_file, found)
    return found


def is_unfinished(deployment: Deployment) -> bool:
    """Tells whether a deploy began to apply and has not come to its end: what it made can be missing in the state."""
    last = settings.read(deployment.home.settings_file)
    return bool(last and last.is_unfinished)


def is_deployed(deployment: Deployment, held: State | None) -> bool:
    """Tells by the resources in the state, and not by its outputs, whether anything is deployed.

    Raises:
        LakeError: it was deployed completely, and there is no state of it.
    """
    last = settings.read(deployment.home.settings_file)
    if held is None and last and last.deployed_at:
        raise LakeError(
            f"{deployment.label} was deployed at {last.deployed_at}, and there is no state of it: put the state back "
            f"where it was; if all of it is gone, remove {deployment.home.path}"
        )
    return bool(held and held.resources)


def forget(deployment: Deployment) -> None:
    """Removes the folder of a deployment of which nothing is left."""
    if not deployment.home.path.is_dir():
        return
    # Renamed first: whoever comes to deploy under the same name while this is at work finds no half of a folder.
    removed = Path(tempfile.mkdtemp(prefix=".removed-", dir=deployment.home.root))
    deployment.home.path.rename(removed / deployment.home.name)
    shutil.rmtree(removed, ignore_errors=True)


def given_settings(deployment: Deployment) -> Settings:
    """Returns what is remembered of what the command was given."""
    # A secret that was exported once is not missed the next time: the deployed function has it.
    names = {name for name, variable in deployment.environment.declared().items() if not variable.is_sensitive}
    return recall.to_settings(deployment.given, deployment.environment_variables, names)
