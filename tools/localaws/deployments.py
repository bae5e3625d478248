"""Deployments on local AWS: where each environment lives there, and what local AWS can say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools import paths
from tools.deployments import deployment as deployments
from tools.deployments import environments
from tools.deployments.aws import Aws
from tools.errors import LakeError
from tools.localaws import service, status

if TYPE_CHECKING:
    from tools.deployments.deployment import Deployment
    from tools.deployments.environments import Environment

ACCOUNTS: Final = {
    "single-account": service.SINGLE,
    environments.PRODUCER: service.PRODUCER,
    environments.CONSUMER: service.CONSUMER,
}
"""Environment -> the account that it lives in on local AWS."""

_KNOWN_VARIABLES: Final = {environments.CONSUMER: (f"ddb_producer_account_id={service.PRODUCER}",)}
"""Environment -> variables that follow from the accounts of local AWS."""


def find(environment: Environment, *, start: bool) -> Deployment:
    """Returns the deployment of `environment` on local AWS; `start` starts local AWS when it is not running.

    Raises:
        LakeError: local AWS is not running or cannot be started.
    """
    home = paths.local_home()
    running = service.up(home) if start else service.connect(home)
    account = ACCOUNTS[environment.name]
    return deployments.in_copy(
        environment,
        home,
        running.environment(account),
        own_variables=(
            f"account_id={account}",
            f"region={running.region}",
            *_KNOWN_VARIABLES.get(environment.name, ()),
        ),
        flags=" --local",
        hint=f'Look around with the AWS CLI: eval "$(python -m tools.local env --account {account})"',
    )


def producer_account() -> Aws:
    """Returns access to the producer's account on local AWS.

    Raises:
        LakeError: local AWS is not running.
    """
    return Aws(service.connect(paths.local_home()).environment(service.PRODUCER))


def require_delivery_worker() -> None:
    """Raises LakeError when the delivery worker of local AWS does not run."""
    if not status.read(paths.local_home()).is_running:
        raise LakeError(f"the delivery worker of local AWS is not running; start it with: {service.START}")


def last_error(delivery_stream: str) -> str | None:
    """Returns the last error of a delivery stream; None when it had none."""
    streams = status.read(paths.local_home()).streams
    return next((stream.last_error for stream in streams if stream.name == delivery_stream), None)
