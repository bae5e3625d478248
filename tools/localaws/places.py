"""Chooses where a verb works: in the AWS account of the credentials, or on local AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.core import deployment, paths
from tools.core.errors import LakeError
from tools.localaws import service, status

if TYPE_CHECKING:
    from tools.core.deployment import Deployment
    from tools.core.environments import Environment

ACCOUNTS: Final = {
    "single-account": service.SINGLE,
    "producer": service.PRODUCER,
    "consumer": service.CONSUMER,
}
"""Environment -> the account that it lives in on local AWS."""


def choose(environment: Environment, *, local: bool, start: bool) -> Deployment:
    """Returns the deployment of `environment` that the user means; `start` brings local AWS up when it is not.

    Raises:
        LakeError: local AWS is wanted and is not running, or cannot be started.
    """
    if not local:
        return deployment.in_account(environment)
    home = paths.local_home()
    running = service.up(home) if start else service.connect(home)
    account = ACCOUNTS[environment.name]
    return deployment.in_copy(
        environment,
        home,
        running.environment(account),
        own_variables=(f"account_id={account}", f"region={running.region}"),
        flags=" --local",
        hint=f'Look around with the AWS CLI: eval "$(python -m tools.local env --account {account})"',
    )


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
