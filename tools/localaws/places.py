"""Chooses where a verb works: in the AWS account of the credentials, or on local AWS."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from tools.core import deployment, environments, paths
from tools.core.aws import Aws
from tools.core.credentials import Identity
from tools.core.errors import LakeError, UsageError
from tools.core.pair import Pair
from tools.localaws import service, status

if TYPE_CHECKING:
    from tools.core.credentials import Identities
    from tools.core.deployment import Deployment
    from tools.core.environments import Environment

ACCOUNTS: Final = {
    "single-account": service.SINGLE,
    environments.PRODUCER: service.PRODUCER,
    environments.CONSUMER: service.CONSUMER,
}
"""Environment -> the account that it lives in on local AWS."""

OWN: Final = Identity()
"""What the environment's variables say."""

_KNOWN: Final = {environments.CONSUMER: (f"ddb_producer_account_id={service.PRODUCER}",)}
"""Environment -> what else is known of it on local AWS."""


def choose(environment: Environment, identity: Identity = OWN, *, local: bool, start: bool) -> Deployment:
    """Returns the deployment of `environment` that the user means; `start` brings local AWS up when it is not.

    Raises:
        UsageError: credentials are named for local AWS, which has its own.
        LakeError: local AWS is wanted and is not running or cannot be started, or a role cannot be assumed.
    """
    if not local:
        return deployment.in_account(environment, identity.environment(os.environ))
    if identity.is_given:
        raise UsageError("--local has credentials of its own; name no profile and no role")
    home = paths.local_home()
    running = service.up(home) if start else service.connect(home)
    account = ACCOUNTS[environment.name]
    return deployment.in_copy(
        environment,
        home,
        running.environment(account),
        own_variables=(f"account_id={account}", f"region={running.region}", *_KNOWN.get(environment.name, ())),
        flags=" --local",
        hint=f'Look around with the AWS CLI: eval "$(python -m tools.local env --account {account})"',
    )


def choose_pair(identities: Identities, *, local: bool, start: bool) -> Pair:
    """Returns the deployments of consumer and producer that the user means.

    Raises:
        UsageError: nothing tells the two accounts apart, or credentials are named for local AWS.
        LakeError: local AWS is wanted and is not running, or a role cannot be assumed.
    """
    consumer, producer = environments.find(environments.CONSUMER), environments.find(environments.PRODUCER)
    if local:
        return Pair(
            choose(consumer, identities.consumer, local=True, start=start),
            choose(producer, identities.producer, local=True, start=start),
            flags=" --local",
        )
    if not identities.options:
        raise UsageError(
            "name the two accounts: --producer-profile and --consumer-profile, or --producer-assume-role-arn and "
            "--consumer-assume-role-arn (one of the two may be left to the current credentials), or use --local"
        )
    return Pair(
        choose(consumer, identities.consumer, local=False, start=start),
        choose(producer, identities.producer, local=False, start=start),
        flags=identities.options,
    )


def producer_of(environment: Environment, identity: Identity, *, local: bool) -> Aws | None:
    """Returns access to the account that delivers to a consumer, as far as the user named it; None elsewhere."""
    if environment.name != environments.CONSUMER:
        return None
    if local:
        return Aws(service.connect(paths.local_home()).environment(service.PRODUCER))
    return Aws(identity.environment(os.environ)) if identity.is_given else None


def require_delivery(place: Deployment) -> None:
    """Raises LakeError when `place` is on local AWS and nothing delivers there."""
    if place.is_local and not status.read(paths.local_home()).is_running:
        raise LakeError(f"the delivery worker of local AWS is not running; start it with: {service.START}")


def last_error(place: Deployment, delivery_stream: str) -> str | None:
    """Returns what last went wrong with a delivery stream of local AWS; None elsewhere, and where nothing did."""
    if not place.is_local:
        return None
    streams = status.read(paths.local_home()).streams
    return next((stream.last_error for stream in streams if stream.name == delivery_stream), None)
