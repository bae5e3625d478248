"""Chooses the deployment that a verb works on: in the AWS account of the credentials, or on local AWS.

`tools.localaws` is imported under `--local` only: nothing on the way to an AWS account needs it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tools.cli import console
from tools.deployments import cross_account, environments, folders, recall, settings
from tools.deployments.aws import Aws
from tools.deployments.credentials import Identities
from tools.deployments.cross_account import Pair
from tools.deployments.deployment import Deployment
from tools.deployments.recall import Given, Purpose
from tools.errors import UsageError
from tools.terraform import provider_mirror, tfvars

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from tools.deployments.credentials import Identity
    from tools.deployments.environments import Environment
    from tools.deployments.folders import DeploymentFolder
    from tools.deployments.recall import Recalled
    from tools.deployments.settings import Claim, Settings
    from tools.terraform.runner import Variables


@dataclass(frozen=True)
class Where:
    """Which deployment of an environment the user means: its name, and whether it is on local AWS."""

    name: str = folders.DEFAULT
    local: bool = False


def choose(
    environment: Environment,
    where: Where,
    given: Given,
    purpose: Purpose,
    *,
    forget: bool = False,
    quiet: bool = False,
    found_by_itself: Collection[str] = (),
) -> Deployment:
    """Returns the deployment that the user means, with what the last deploy was given in place of what is left out.

    Says first what is used of the last deploy, and what a deploy leaves out of it, but not when `quiet`. A deploy
    starts local AWS when it is not running. `forget` starts with nothing remembered; `found_by_itself` are variables
    that the command will have values for.

    Raises:
        UsageError: credentials are named for local AWS, which has its own, or an account that it does not have.
        LakeError: local AWS is wanted and is not running or cannot be started, or a role cannot be assumed.
    """
    home = folders.find(environment.name, where.name, local=where.local)
    claim, known, recalled = complete(home, given, purpose, forget=forget)
    if recalled.reused and not quiet:
        options = ", ".join(recalled.reused)
        console.say(f"{home.label(local=where.local)}: using what the last deploy was given: {options}")
    if where.local and given.identity.is_given:
        raise UsageError("--local has credentials of its own; name no profile and no role")
    folder = folder_of(environment, home, where)
    runs_in_copy = folder != environment.folder
    # Local AWS is no place for values that were exported for an account.
    environ = {} if where.local else recalled.given.identity.environment(os.environ)
    variables = recalled.given.variables
    values = tfvars.given(folder, variables.files, variables.pairs, environ)
    valued = {*values, *found_by_itself}
    left_out: tuple[str, ...] = ()
    if purpose is Purpose.DEPLOY:
        left_out = (*recalled.left_out, *recall.left_out_variables(known, valued))
        if left_out and not quiet:
            console.warn(f"{home.label(local=where.local)}: left out since the last deploy: {', '.join(left_out)}")
    if where.local:
        from tools.localaws import deployments as local_deployments  # noqa: PLC0415  # under --local only

        deployment = local_deployments.find(
            environment, home, claim, account_id=values.get("account_id"), start=purpose is Purpose.DEPLOY
        )
    else:
        deployment = Deployment(
            environment,
            home,
            folder,
            home.data_folder if runs_in_copy else folder / ".terraform",
            provider_mirror.plugin_environment(environ),
            known_variables=recall.known_variables(claim, valued),
            claim=claim,
        )
    return replace(deployment, given=recalled.given, left_out=left_out)


def complete(
    home: DeploymentFolder, given: Given, purpose: Purpose, *, forget: bool
) -> tuple[Claim | None, Settings | None, Recalled]:
    """Returns what a deployment holds, what is used of its last deploy, and `given` completed with that."""
    last = settings.read(home.settings_file)
    known = None if forget or last is None else recall.relevant(last, purpose)
    return last.claim if last else None, known, recall.recall(given, known, lambda file: Path(file).is_file())


def folder_of(environment: Environment, home: DeploymentFolder, where: Where) -> Path:
    """Returns where Terraform runs: in the environment's own folder, or in the deployment's copy of it."""
    return home.terraform_folder if where.local or where.name != folders.DEFAULT else environment.folder


def choose_pair(
    identities: Identities,
    where: Where,
    variables: Variables,
    purpose: Purpose,
    *,
    forget: bool = False,
    quiet: bool = False,
) -> Pair:
    """Returns the pair that the user means; each half as `choose` returns it.

    Raises:
        UsageError: nothing tells the two accounts apart, credentials are named for local AWS, or neither half has a
            variable that is given.
        LakeError: local AWS is wanted and is not running, or a role cannot be assumed.
    """
    identities.check_pair()
    shares = cross_account.split(variables.files, variables.pairs)
    halves = (environments.CONSUMER, environments.PRODUCER)
    named = dict(zip(halves, (identities.consumer, identities.producer), strict=True))
    consumer, producer = (
        choose(
            environments.find(half),
            where,
            Given(share, None, named[half]),
            purpose,
            forget=forget,
            quiet=quiet,
            found_by_itself=cross_account.FOUND_BY_ITSELF,
        )
        for half, share in zip(halves, shares, strict=True)
    )
    used = Identities(producer=producer.given.identity, consumer=consumer.given.identity)
    if not where.local and not used.options:
        raise UsageError(
            "name the two accounts: --producer-profile and --consumer-profile, or --producer-assume-role-arn and "
            "--consumer-assume-role-arn (one of the two may be left to the current credentials), or use --local"
        )
    return Pair(consumer, producer, consumer.options + identities.options)


def producer_of(environment: Environment, identity: Identity, where: Where) -> Aws | None:
    """Returns access to the account that delivers to a consumer, where the user named it; None elsewhere."""
    if environment.name != environments.CONSUMER:
        return None
    if where.local:
        from tools.localaws import deployments as local_deployments  # noqa: PLC0415  # under --local only

        return local_deployments.producer_account()
    return Aws(identity.environment(os.environ)) if identity.is_given else None


def require_delivery_worker(deployment: Deployment) -> None:
    """Raises LakeError when `deployment` is on local AWS and its delivery worker does not run."""
    if deployment.is_local:
        from tools.localaws import deployments as local_deployments  # noqa: PLC0415  # under --local only

        local_deployments.require_delivery_worker()


def passage_seconds(deployment: Deployment, in_an_account: float) -> float:
    """Returns how long a record may take to the lake besides both buffers, in seconds; local AWS has its own time."""
    if not deployment.is_local:
        return in_an_account
    from tools.localaws import deployments as local_deployments  # noqa: PLC0415  # under --local only

    return local_deployments.PASSAGE_SECONDS


def last_local_error(deployment: Deployment, delivery_stream: str) -> str | None:
    """Returns the last error of a delivery stream of local AWS; None in an account, and where there was none."""
    if not deployment.is_local:
        return None
    from tools.localaws import deployments as local_deployments  # noqa: PLC0415  # under --local only

    return local_deployments.last_error(delivery_stream)


def emulator_drift(deployment: Deployment) -> Callable[[str, str], bool]:
    """Returns a function that tells whether a resource type's attribute is one that the emulator reports wrongly.

    In an AWS account it is always False.
    """
    if not deployment.is_local:
        return lambda _resource_type, _attribute: False
    from tools.localaws import known_drift  # noqa: PLC0415  # under --local only

    return known_drift.is_known
