"""`python -m tools.destroy ENV`: says what will be lost, asks, and takes an environment down."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import click
from botocore.exceptions import BotoCoreError, ClientError

from tools.core import asking, cli, console, deliveries, environments, handover, options, purge, settings
from tools.core import pair as pairs_of_accounts
from tools.core.artifact import mib
from tools.core.aws import reason
from tools.core.credentials import Identity
from tools.core.environments import parse_outputs
from tools.core.errors import LakeError, RefusedError
from tools.core.terraform import Terraform, Variables
from tools.localaws import places
from tools.review import plan, text
from tools.review.review import review

if TYPE_CHECKING:
    from pathlib import Path

    from tools.core.aws import Aws
    from tools.core.credentials import Identities
    from tools.core.deployment import Deployment
    from tools.core.environments import Outputs
    from tools.core.pair import Pair
    from tools.core.purge import Contents

DELIVERY: Final = "module.delivery"
"""Address of what writes to the bucket, by convention the same in every environment."""


@dataclass(frozen=True)
class Request:
    """What the user asked for."""

    variables: Variables
    purge_bucket: bool
    yes: bool
    producer_is_gone: bool = False


@click.command(context_settings=cli.CONTEXT)
@options.environment
@options.local
@options.identities
@options.variables
@click.option("--purge-bucket", is_flag=True, help="Also remove every object version and delete marker of the lake.")
@click.option(
    "--producer-is-gone",
    is_flag=True,
    help="For a consumer alone: take your word that nothing delivers to it any more.",
)
@options.yes
def main(
    *,
    env: str,
    local: bool,
    identities: Identities,
    files: tuple[Path, ...],
    pairs: tuple[str, ...],
    purge_bucket: bool,
    producer_is_gone: bool,
    yes: bool,
) -> None:
    """Destroy environment ENV: tables of its own with their items, streams, delivery, function, network, bucket, key.

    Names what goes and asks. A lake that is not empty is kept, and the command refused, unless --purge-bucket is given.

    ENV cross-account is the pair: the producer goes first. A consumer alone is refused while its producer delivers to
    it: name the producer's account (--producer-profile, --producer-assume-role-arn) so that this can be seen.

    \b
    Examples:
      python -m tools.destroy single-account --purge-bucket
      python -m tools.destroy cross-account --producer-profile tables --consumer-profile lake --purge-bucket
    """
    settings.check_files(files)
    settings.check_pairs(pairs)
    request = Request(Variables(files, pairs), purge_bucket, yes, producer_is_gone)
    try:
        if env == environments.CROSS_ACCOUNT:
            destroy_pair(places.choose_pair(identities, local=local, start=False), request)
            return
        environment = environments.find(env)
        # A consumer's producer is looked at too, to see whether it is gone.
        alone = replace(identities, producer=Identity()) if env == environments.CONSUMER else identities
        place = places.choose(environment, alone.of(env), local=local, start=False)
        destroy(place, request, places.producer_of(environment, identities.producer, local=local))
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"AWS refused: {reason(error)}") from None


def destroy_pair(pair: Pair, request: Request) -> None:
    """Takes the producer down, then the consumer.

    Raises:
        RefusedError: the lake is not empty and `purge_bucket` was not given; then the producer stays too.
        LakeError: as `destroy`.
    """
    pair = pair.in_their_accounts()
    consumer_share, producer_share = pairs_of_accounts.split(pair, request.variables.files, request.variables.pairs)
    lake, source = outputs_of(pair.consumer), outputs_of(pair.producer)
    if lake is None and source is None:
        raise LakeError(f"{pair.label} is not deployed here")
    if lake and lake.bucket_name and not request.purge_bucket:
        refuse_to_lose(lake.bucket_name, purge.contents(pair.consumer.aws(lake.region).client("s3"), lake.bucket_name))
    if source:
        destroy(pair.producer, replace(request, variables=producer_share))
        (pair.producer.folder / handover.FILE).unlink(missing_ok=True)
    if lake:
        destroy(pair.consumer, replace(request, variables=consumer_share), pair.producer.aws(lake.region))


def outputs_of(place: Deployment) -> Outputs | None:
    """Returns what is deployed in `place`; None when nothing is."""
    terraform = place.terraform()
    with place.lock():
        place.init(terraform)
        raw = terraform.output()
    return parse_outputs(place.label, raw) if raw else None


def destroy(place: Deployment, request: Request, producer: Aws | None = None) -> None:
    """Takes one place down: what delivers first, then the lake's objects, then everything else.

    `producer` is access to the account that delivers to a consumer.

    Raises:
        RefusedError: the bucket is not empty and `purge_bucket` was not given, or a producer delivers to it.
        LakeError: not deployed, or a stage failed; the same command goes on from there.
    """
    terraform = place.terraform()
    with place.lock():
        with console.stage("init"):
            place.init(terraform)
            outputs = parse_outputs(place.label, terraform.output())
        if outputs.ddb_producer_account_id and outputs.bucket_name and not request.producer_is_gone:
            deliveries.check_ended(producer, outputs.ddb_producer_account_id, outputs.bucket_name, outputs.region)
        aws = place.aws(outputs.region)
        # What is deployed decides where to look, whatever the variables say today: elsewhere Terraform would find
        # nothing, and forget what exists.
        given = request.variables
        variables = replace(given, pairs=(*given.pairs, *place.own_variables, *outputs.inputs()))
        with console.stage("plan"):
            terraform.plan(variables, destroy=True)
            planned = plan.parse(terraform.show())
        loses_lake = any(change.type == "aws_s3_bucket" for change in planned.changes())
        held = purge.contents(aws.client("s3"), outputs.bucket_name or "") if loses_lake else purge.Contents()
        announce(place, outputs, held, planned)
        if not request.purge_bucket:
            refuse_to_lose(outputs.bucket_name or "", held)
        asking.confirm(f"Destroy {place.label} and all of that?", yes=request.yes)
        if held.total:
            _empty(terraform, variables, aws, outputs)
        with console.stage("destroy"):
            terraform.plan(variables, destroy=True)
            terraform.apply()
    console.say(f"Destroyed {place.label}.")


def refuse_to_lose(bucket: str, held: Contents) -> None:
    """Raises RefusedError when a bucket that would go holds anything."""
    if held.total:
        raise RefusedError(f"refused: {bucket} holds {_amount(held)}; keep them, or add --purge-bucket to remove them")


def announce(place: Deployment, outputs: Outputs, held: Contents, planned: plan.Plan) -> None:
    """Prints what the command would remove, with what holds data named first."""
    for line in text.lines(review(planned, place.label)):
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
    if outputs.function_name:
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
