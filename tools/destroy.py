"""`python -m tools.destroy ENV`: says what will be lost, asks, and takes an environment down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import click
from botocore.exceptions import BotoCoreError, ClientError

from tools.core import asking, cli, console, environments, options, purge, settings
from tools.core.artifact import mib
from tools.core.aws import reason
from tools.core.environments import parse_outputs
from tools.core.errors import LakeError, RefusedError
from tools.core.terraform import Terraform, Variables
from tools.localaws import places
from tools.review import plan, summary

if TYPE_CHECKING:
    from pathlib import Path

    from tools.core.aws import Aws
    from tools.core.deployment import Deployment
    from tools.core.environments import Outputs
    from tools.core.purge import Contents

DELIVERY: Final = "module.delivery"
"""Address of what writes to the bucket, by convention the same in every environment."""

NO_CODE: Final = "transformation_lambda_file=destroying-needs-no-artifact"
"""Spares a build: the configuration demands an artifact, even where only what exists is removed."""


@dataclass(frozen=True)
class Request:
    """What the user asked for."""

    files: tuple[Path, ...]
    pairs: tuple[str, ...]
    purge_bucket: bool
    yes: bool


@click.command(context_settings=cli.CONTEXT)
@options.environment
@options.local
@options.variables
@click.option("--purge-bucket", is_flag=True, help="Also remove every object version and delete marker of the lake.")
@options.yes
def main(
    *, env: str, local: bool, files: tuple[Path, ...], pairs: tuple[str, ...], purge_bucket: bool, yes: bool
) -> None:
    """Destroy environment ENV: tables of its own with their items, streams, delivery, function, network, bucket, key.

    Names what goes and asks. A lake that is not empty is kept, and the command refused, unless --purge-bucket is given.

    \b
    Example:
      python -m tools.destroy single-account --purge-bucket
    """
    environment = environments.find(env)
    settings.check_files(files)
    settings.check_pairs(pairs)
    place = places.choose(environment, local=local, start=False)
    try:
        destroy(place, Request(files, pairs, purge_bucket, yes))
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"AWS refused: {reason(error)}") from None


def destroy(place: Deployment, request: Request) -> None:
    """Takes one place down: what delivers first, then the lake's objects, then everything else.

    Raises:
        RefusedError: the bucket is not empty and `purge_bucket` was not given.
        LakeError: not deployed, or a stage failed; the same command goes on from there.
    """
    terraform = place.terraform()
    with place.lock():
        with console.stage("init"):
            place.init(terraform)
            outputs = parse_outputs(place.label, terraform.output())
        aws = place.aws(outputs.region)
        # What is deployed decides where to look, whatever the variables say today: elsewhere Terraform would find
        # nothing, and forget what exists.
        where = (f"region={outputs.region}", f"account_id={outputs.account_id}")
        code = (NO_CODE,) if outputs.function_name else ()
        variables = Variables(request.files, (*request.pairs, *place.own_variables, *where, *code))
        with console.stage("plan"):
            terraform.plan(variables, destroy=True)
        held = purge.contents(aws.client("s3"), outputs.bucket_name) if outputs.bucket_name else purge.Contents()
        announce(place, outputs, held, plan.parse(terraform.show()))
        if held.total and not request.purge_bucket:
            raise RefusedError(
                f"refused: {outputs.bucket_name} holds {_amount(held)}; keep them, or add --purge-bucket to remove them"
            )
        asking.confirm(f"Destroy {place.label} and all of that?", yes=request.yes)
        if held.total:
            _empty(terraform, variables, aws, outputs)
        with console.stage("destroy"):
            terraform.plan(variables, destroy=True)
            terraform.apply()
    console.say(f"Destroyed {place.label}.")


def announce(place: Deployment, outputs: Outputs, held: Contents, planned: plan.Plan) -> None:
    """Prints what the command would remove, with what holds data named first."""
    for line in summary.lines(planned):
        console.say(line)
    removed = {change.type for change in planned.changes()}
    own_tables = [
        str((change.change.before or {}).get("name"))
        for change in planned.changes()
        if change.type == "aws_dynamodb_table"
    ]
    console.say(f"Destroying {place.label} in account {outputs.account_id}, {outputs.region} removes:")
    for name in own_tables:
        console.say(f"  table   {name} and every item in it")
    if "aws_s3_bucket" in removed and outputs.bucket_name:
        console.say(f"  bucket  {outputs.bucket_name} with {_amount(held)}")
    if "aws_kms_key" in removed:
        console.say(f"  key     {outputs.kms_key_arn} (scheduled for deletion)")


def _empty(terraform: Terraform, variables: Variables, aws: Aws, outputs: Outputs) -> None:
    if outputs.tables:
        with console.stage("stop delivery"):
            # Objects delivered after the purge would keep the bucket from being deleted.
            if terraform.plan(variables, destroy=True, targets=[DELIVERY]):
                terraform.apply()
    with console.stage("purge bucket"):
        s3, bucket = aws.client("s3"), outputs.bucket_name or ""
        total = purge.contents(s3, bucket).total
        with console.counting(f"removing {total:,} versions and markers", total) as advance:
            removed = purge.purge(s3, bucket, advance)
        console.say(f"    removed {removed:,} of {total:,} object versions and delete markers from {bucket}")


def _amount(held: Contents) -> str:
    return f"{held.versions:,} object versions and {held.markers:,} delete markers ({mib(held.size)})"


if __name__ == "__main__":
    cli.run(main, "destroy")
