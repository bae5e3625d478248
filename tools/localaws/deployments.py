"""Deployments on local AWS: the account of each environment, and the status of its delivery."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from tools import paths
from tools.deployments import environments
from tools.deployments.aws import Aws
from tools.deployments.deployment import Deployment
from tools.errors import LakeError, UsageError
from tools.localaws import service, status
from tools.terraform import provider_mirror

if TYPE_CHECKING:
    from tools.deployments.environments import Environment
    from tools.deployments.folders import DeploymentFolder
    from tools.deployments.settings import Claim

ACCOUNTS: Final = {
    "single-account": service.SINGLE_ACCOUNT,
    environments.PRODUCER: service.PRODUCER,
    environments.CONSUMER: service.CONSUMER,
}
"""Environment -> its account on local AWS, where the user names no other."""

_ACCOUNT_VARIABLES: Final = {environments.CONSUMER: (f"ddb_producer_account_id={service.PRODUCER}",)}
"""Environment -> values of variables that the accounts of local AWS determine."""


def find(
    environment: Environment, home: DeploymentFolder, claim: Claim | None, *, account_id: str | None, start: bool
) -> Deployment:
    """Returns the deployment in `home` on local AWS; `start` starts local AWS when it is not running.

    It is in the account of its `claim`, when it is deployed and no deploy asks for another, else in `account_id`, or
    the environment's usual one.

    Raises:
        UsageError: local AWS does not have that account.
        LakeError: local AWS is not running or cannot be started.
    """
    account = _account(environment, claim, account_id if start else None)
    running = service.up(paths.local_home()) if start else service.connect(paths.local_home())
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_VAR_"))}
    return Deployment(
        environment,
        home,
        home.terraform_folder,
        home.data_folder,
        provider_mirror.plugin_environment({**inherited, **running.environment(account)}),
        known_variables=(
            f"account_id={account}",
            f"region={running.region}",
            *_ACCOUNT_VARIABLES.get(environment.name, ()),
        ),
        is_local=True,
        claim=claim,
        access_hint=f'Look around with the AWS CLI: eval "$(python -m tools.local env --account {account})"',
    )


def _account(environment: Environment, claim: Claim | None, wanted: str | None) -> str:
    usual = ACCOUNTS[environment.name]
    if environment.name in (environments.CONSUMER, environments.PRODUCER):
        return usual
    account = wanted or (claim.account_id if claim else usual)
    if account not in service.ACCOUNTS:
        raise UsageError(
            f"account_id is {account}, which local AWS does not have; its accounts are {', '.join(service.ACCOUNTS)}"
        )
    return account


def producer_account() -> Aws:
    """Returns access to the producer's account on local AWS.

    Raises:
        LakeError: local AWS is not running.
    """
    return Aws(service.connect(paths.local_home()).environment(service.PRODUCER))


def require_delivery_worker() -> None:
    """Raises LakeError when the delivery worker of local AWS does not run, or hangs."""
    current = status.read(paths.local_home())
    if current.worker_hangs:
        raise LakeError(f"the delivery worker of local AWS hangs (pid {current.worker_pid}); {status.RESTART_HINT}")
    if not current.is_running:
        raise LakeError(f"the delivery worker of local AWS is not running; start it with: {service.START_COMMAND}")


PASSAGE_SECONDS: Final = 5.0
"""How long a record may take on local AWS besides both buffers."""


def last_error(delivery_stream: str) -> str | None:
    """Returns the last error of a delivery stream; None when it had none."""
    streams = status.read(paths.local_home()).streams
    return next((stream.last_error for stream in streams if stream.name == delivery_stream), None)
