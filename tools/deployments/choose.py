"""Chooses the deployment that a verb works on: in the AWS account of the credentials, or on local AWS.

`tools.localaws` is imported under `--local` only: nothing on the way to an AWS account needs it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from tools.deployments import deployment as deployments
from tools.deployments import environments
from tools.deployments.aws import Aws
from tools.deployments.credentials import Identity
from tools.deployments.cross_account import Pair
from tools.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.deployments.credentials import Identities
    from tools.deployments.deployment import Deployment
    from tools.deployments.environments import Environment

FROM_ENVIRONMENT: Final = Identity()
"""The credentials that the process's environment variables name."""


def choose(environment: Environment, identity: Identity = FROM_ENVIRONMENT, *, local: bool, start: bool) -> Deployment:
    """Returns the deployment of `environment` that the user means; `start` starts local AWS when it is not running.

    Raises:
        UsageError: credentials are named for local AWS, which has its own.
        LakeError: local AWS is wanted and is not running or cannot be started, or a role cannot be assumed.
    """
    if not local:
        return deployments.in_account(environment, identity.environment(os.environ))
    if identity.is_given:
        raise UsageError("--local has credentials of its own; name no profile and no role")
    from tools.localaws import deployments as local_deployments  # noqa: PLC0415  # under --local only

    return local_deployments.find(environment, start=start)


def choose_pair(identities: Identities, *, local: bool, start: bool) -> Pair:
    """Returns the deployments of consumer and producer that the user means.

    Raises:
        UsageError: nothing tells the two accounts apart, or credentials are named for local AWS.
        LakeError: local AWS is wanted and is not running, or a role cannot be assumed.
    """
    if not local and not identities.options:
        raise UsageError(
            "name the two accounts: --producer-profile and --consumer-profile, or --producer-assume-role-arn and "
            "--consumer-assume-role-arn (one of the two may be left to the current credentials), or use --local"
        )
    return Pair(
        choose(environments.find(environments.CONSUMER), identities.consumer, local=local, start=start),
        choose(environments.find(environments.PRODUCER), identities.producer, local=local, start=start),
        flags=" --local" if local else identities.options,
    )


def producer_of(environment: Environment, identity: Identity, *, local: bool) -> Aws | None:
    """Returns access to the account that delivers to a consumer, where the user named it; None elsewhere."""
    if environment.name != environments.CONSUMER:
        return None
    if local:
        from tools.localaws import deployments as local_deployments  # noqa: PLC0415  # under --local only

        return local_deployments.producer_account()
    return Aws(identity.environment(os.environ)) if identity.is_given else None


def require_delivery_worker(deployment: Deployment) -> None:
    """Raises LakeError when `deployment` is on local AWS and its delivery worker does not run."""
    if deployment.is_local:
        from tools.localaws import deployments as local_deployments  # noqa: PLC0415  # under --local only

        local_deployments.require_delivery_worker()


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
