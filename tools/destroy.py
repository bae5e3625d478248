"""`python -m tools.destroy ENV`: says what will be lost, asks, and takes a deployment down."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click
from botocore.exceptions import BotoCoreError, ClientError

from tools.cli import command
from tools.deployments import choose, environments, options, variables
from tools.deployments.aws import reason
from tools.deployments.choose import Where
from tools.deployments.credentials import Identity
from tools.deployments.recall import Given, Purpose
from tools.errors import LakeError
from tools.operations.destroying import DestroyRequest, destroy, destroy_pair
from tools.terraform.runner import Variables

if TYPE_CHECKING:
    from pathlib import Path

    from tools.deployments.credentials import Identities


@click.command(context_settings=command.CONTEXT)
@options.environment
@options.local
@options.deployment
@options.identities
@options.variables
@click.option("--purge-bucket", is_flag=True, help="Also remove every object version and delete marker of the lake.")
@click.option(
    "--producer-is-gone",
    is_flag=True,
    help="Take your word that nothing delivers to the consumer any more; of the pair, leave the producer alone.",
)
@click.option("--now", is_flag=True, help="Do not wait until the last changes have come to the lake: they may be lost.")
@options.yes
def main(
    *,
    env: str,
    local: bool,
    name: str,
    identities: Identities,
    files: tuple[Path, ...],
    pairs: tuple[str, ...],
    purge_bucket: bool,
    producer_is_gone: bool,
    now: bool,
    yes: bool,
) -> None:
    """Destroy environment ENV: tables of its own with their items, streams, delivery, function, network, bucket, key.

    Names what goes and asks. A lake that is not empty is kept, and the command refused, unless --purge-bucket is given.
    Tables stop to stream first, and the last changes are waited for, for some minutes. Whatever interrupts it, or has
    interrupted a deploy, the same command goes on from there.

    ENV cross-account is the pair: the producer goes first. A consumer alone is refused while its producer delivers to
    it: name the producer's account (--producer-profile, --producer-assume-role-arn) so that this can be seen.

    \b
    Examples:
      python -m tools.destroy single-account --purge-bucket
      python -m tools.destroy single-account --deployment dev --purge-bucket
      python -m tools.destroy cross-account --producer-profile tables --consumer-profile lake --purge-bucket
    """
    where, given, purpose = Where(name, local), Given(Variables(files, pairs)), Purpose.RUN_TERRAFORM
    variables.check_command(env, where, given, purpose)
    request = DestroyRequest(purge_bucket, yes, producer_is_gone, now)
    try:
        if env == environments.CROSS_ACCOUNT:
            destroy_pair(choose.choose_pair(identities, where, given.variables, purpose), request)
            return
        environment = environments.find(env)
        # A consumer's producer is looked at too, to see whether it is gone.
        alone = replace(identities, producer=Identity()) if env == environments.CONSUMER else identities
        given = replace(given, identity=alone.for_environment(env))
        deployment = choose.choose(environment, where, given, purpose)
        destroy(deployment, request, choose.producer_of(environment, identities.producer, where))
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"AWS refused: {reason(error)}") from None


if __name__ == "__main__":
    command.run(main, "destroy")
