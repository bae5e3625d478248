"""Keeps two deployments in one account and Region from making resources of the same names."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from tools.deployments import environments, folders, settings
from tools.deployments.settings import Claim
from tools.errors import RefusedError
from tools.locking import one_at_a_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tools.deployments.deployment import Deployment
    from tools.deployments.environments import Environment

_LOCK_SECONDS: Final = 60


def wanted(environment: Environment, given: Mapping[str, Any], account_id: str) -> Claim:
    """Returns what a deployment of `environment` would hold with the values `given` for its variables.

    A consumer's tables are in the account of its producer, and those of a value that is no map are none: Terraform
    says what is wrong with it.
    """
    values = {name: environment.value(name, given) for name in ("region", "name", "tables")}
    tables = values["tables"] if environment.name != environments.CONSUMER else None
    return Claim(
        account_id=account_id,
        region=str(values["region"]),
        name=str(values["name"]) if values["name"] else None,
        tables=tuple(sorted(tables)) if isinstance(tables, dict) else (),
    )


def collision(claim: Claim, others: Iterable[tuple[str, Claim]]) -> str | None:
    """Returns why `claim` cannot stand beside `others` (label -> claim), in one line; None when it can."""
    for label, other in others:
        if (claim.account_id, claim.region) != (other.account_id, other.region):
            continue
        where = f"by {label} in account {other.account_id}, {other.region}"
        shared = sorted(set(claim.tables) & set(other.tables))
        if shared:
            return (
                f"refused: table {', '.join(shared)} is streamed already {where}; "
                "set other tables, deploy to another account or Region, or go on with that deployment"
            )
        if claim.name and claim.name == other.name:
            return (
                f"refused: name {claim.name} is in use already {where}, for function, bucket, key alias and roles; "
                "set another with --var name=NAME"
            )
    return None


def check(deployment: Deployment, claim: Claim) -> None:
    """Raises RefusedError when another deployment of this checkout, or of local AWS, holds what `claim` says."""
    found = collision(claim, _others(deployment))
    if found:
        raise RefusedError(found)


@contextmanager
def exclusive(deployment: Deployment, claim: Claim) -> Iterator[None]:
    """Checks `claim`, and lets no other deployment check its own until the block is done, which writes it down.

    Raises:
        RefusedError: as `check`.
    """
    root = deployment.home.root
    root.mkdir(parents=True, exist_ok=True)
    busy = "another deploy is writing down which tables it uses; try again"
    with one_at_a_time(root / "claims.lock", seconds=_LOCK_SECONDS, busy=busy):
        check(deployment, claim)
        yield


def _others(deployment: Deployment) -> Iterator[tuple[str, Claim]]:
    for folder in folders.existing(deployment.home.root):
        found = settings.read(folder.settings_file) if folder != deployment.home else None
        if found and found.claim:
            yield folder.label(local=deployment.is_local), found.claim
