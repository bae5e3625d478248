"""Chooses the deployment that has the lake, and the one that has its tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.deployments import choose, environments, folders
from tools.deployments.recall import Given, Purpose
from tools.errors import UsageError
from tools.terraform.runner import Variables

if TYPE_CHECKING:
    from tools.deployments.choose import Where
    from tools.deployments.credentials import Identities
    from tools.deployments.deployment import Deployment


@dataclass(frozen=True)
class LakeAccess:
    """The deployment of the lake, and that of its tables: None where they are in an account that is not named."""

    lake: Deployment
    tables: Deployment | None

    @property
    def label(self) -> str:
        """What both are called in a command."""
        if self.tables is None or self.tables is self.lake:
            return self.lake.label
        return self.lake.label.replace(environments.CONSUMER, environments.CROSS_ACCOUNT, 1)


def choose_lake(env: str, where: Where, identities: Identities, *, quiet: bool) -> LakeAccess:
    """Returns access to the lake of ENV.

    Raises:
        UsageError: ENV is the producer, which may not read the lake.
        LakeError: as `choose.choose`.
    """
    if env == environments.CROSS_ACCOUNT:
        pair = choose.choose_pair(identities, where, Variables(), Purpose.READ, quiet=quiet)
        return LakeAccess(pair.consumer, pair.producer)
    environment = environments.find(env)
    if env == environments.PRODUCER:
        raise UsageError(
            f"{env} may not read the lake, which is the consumer's: give "
            f"{environments.CONSUMER}{folders.options(where.name, local=where.local)}"
        )
    given = Given(identity=identities.for_environment(env))
    deployment = choose.choose(environment, where, given, Purpose.READ, quiet=quiet)
    return LakeAccess(deployment, None if env == environments.CONSUMER else deployment)
