"""Says what a destroy would remove, and refuses where that is more than was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.cli import console
from tools.cli.console import mib
from tools.errors import RefusedError
from tools.plan_review import text
from tools.plan_review.review import review

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.deployments.deployment import Deployment
    from tools.deployments.outputs import Outputs
    from tools.lake.purge import Contents
    from tools.plan_review.plan import Plan
    from tools.plan_review.removal import Removal

INTERFACES: Final = (
    "Lambda takes 20 to 60 minutes to remove the network interfaces of a function that is gone, and the network goes "
    "after that. Leave the command running: what interrupts it is finished by the same command"
)


def describe(deployment: Deployment, outputs: Outputs) -> str:
    """Returns which deployment would go: its name, account, Region and tables."""
    claimed = deployment.claim.tables if deployment.claim else ()
    tables = ", ".join(sorted(outputs.tables or claimed)) or "none"
    return (
        f"{deployment.label} (deployment {deployment.home.name} in account {outputs.account_id}, {outputs.region}; "
        f"tables: {tables})"
    )


def refuse_to_lose(contents: Mapping[str, Contents]) -> None:
    """Raises RefusedError when a bucket that would go holds anything; `contents` are by the buckets' names."""
    for bucket, each in contents.items():
        if each.total:
            raise RefusedError(
                f"refused: {bucket} holds {_describe_contents(each)}; keep them, or add --purge-bucket to remove them"
            )


def announce(
    planned: Plan, deployment: Deployment, removed: Removal, contents: Mapping[str, Contents], named: str
) -> None:
    """Prints what the command would remove, with what holds data named first, and how long it takes.

    `contents` is what the buckets hold that would go, `named` the deployment as the user knows it.
    """
    for line in text.lines(review(planned, deployment.label)):
        console.say(line)
    console.say(f"Destroying {named} removes:")
    for name in removed.tables:
        protected = "; its deletion protection is lifted for that" if name in removed.protected_tables else ""
        console.say(f"  table   {name} and every item in it{protected}")
    for bucket, region in removed.buckets.items():
        where = f" in {region}" if len(removed.buckets) > 1 else ""
        console.say(f"  bucket  {bucket}{where} with {_describe_contents(contents[bucket])}")
    for key in removed.key_arns:
        console.say(f"  key     {key} (scheduled for deletion)")
    if removed.functions and not deployment.is_local:
        console.say(INTERFACES)


def _describe_contents(contents: Contents) -> str:
    return f"{contents.versions:,} object versions and {contents.markers:,} delete markers ({mib(contents.size)})"
