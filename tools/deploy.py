"""`python -m tools.deploy ENV`: build, init, plan, show, confirm, apply the saved plan, outputs."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tools.core import (
    asking,
    backend,
    cli,
    console,
    destination,
    environments,
    function_code,
    handover,
    options,
    settings,
)
from tools.core import pair as pairs_of_accounts
from tools.core.environments import parse_outputs
from tools.core.errors import RefusedError
from tools.core.terraform import Terraform, Variables
from tools.localaws import places
from tools.review import guards, plan, summary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.core.aws import Aws
    from tools.core.credentials import Identities
    from tools.core.deployment import Deployment
    from tools.core.environments import Outputs
    from tools.core.pair import Pair
    from tools.review.plan import Plan


@dataclass(frozen=True)
class Request:
    """What the user asked for."""

    variables: Variables
    backend_config: Path | None
    allow_replace: tuple[str, ...]
    plan_only: bool
    yes: bool


@click.command(context_settings=cli.CONTEXT)
@options.environment
@options.local
@options.identities
@options.variables
@click.option("--plan-only", is_flag=True, help="Stop after showing the whole plan, and keep it.")
@click.option(
    "--backend-config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Keep the state in S3: file with bucket, key and region. Remembered.",
)
@click.option(
    "--allow-replace", multiple=True, metavar="ADDRESS", help="Let this resource be replaced or deleted; repeatable."
)
@options.yes
def main(
    *,
    env: str,
    local: bool,
    identities: Identities,
    files: tuple[Path, ...],
    pairs: tuple[str, ...],
    plan_only: bool,
    backend_config: Path | None,
    allow_replace: tuple[str, ...],
    yes: bool,
) -> None:
    """Deploy environment ENV: build the function, plan, show the plan, ask, apply exactly that plan.

    A plan that would lose data (a table, stream, streaming destination, bucket or key replaced or deleted) is refused.

    ENV cross-account is the pair: the consumer first, then the producer with what the consumer's outputs say. A
    variable goes to the half that has it; --var consumer.NAME=VALUE or producer.NAME=VALUE to one where both do.

    \b
    Examples:
      python -m tools.deploy single-account --local
      python -m tools.deploy single-account --var region=eu-central-1 --plan-only
      python -m tools.deploy single-account --backend-config state.s3.tfbackend --yes
      python -m tools.deploy cross-account --producer-profile tables --consumer-profile lake
    """
    is_pair = env == environments.CROSS_ACCOUNT
    environment = environments.find(environments.CONSUMER if is_pair else env)
    settings.check_files(files)
    settings.check_pairs(pairs)
    if backend_config and local:
        raise click.UsageError("--backend-config is for an account; local AWS keeps its state beside it.")
    if backend_config and is_pair:
        raise click.UsageError("--backend-config is for one state; deploy consumer and producer once by themselves.")
    # Before anything is started for it.
    Terraform(environment.folder, environment.folder / ".terraform", os.environ).check_version()
    request = Request(Variables(files, pairs), backend_config, allow_replace, plan_only, yes)
    if is_pair:
        deploy_pair(places.choose_pair(identities, local=local, start=True), request)
        return
    place = places.choose(environment, identities.of(env), local=local, start=True)
    outputs = deploy(place, request)
    if outputs:
        for line in closing(place, outputs):
            console.say(line)


def deploy_pair(pair: Pair, request: Request) -> None:
    """Deploys the consumer, and then the producer with what the consumer's outputs say.

    Raises:
        LakeError, RefusedError: as `deploy`; what came before stands.
    """
    pair = pair.in_their_accounts()
    consumer_share, producer_share = pairs_of_accounts.split(pair, request.variables.files, request.variables.pairs)
    outputs = deploy(pair.consumer, replace(request, variables=consumer_share))
    if outputs is None:
        outputs = deployed(pair.consumer)
    if outputs is None:
        console.say(f"The producer's plan needs the consumer's key: deploy first, {pair.command('deploy')}")
        return
    file = handover.leave(outputs, pair.producer.folder)
    console.say(f"The consumer's outputs go to the producer in {file}")
    if deploy(pair.producer, replace(request, variables=producer_share)):
        console.say(f"Deployed. Try it: {pair.command('verify')}")
        console.say(pair.producer.hint)
        console.say(pair.consumer.hint)


def deployed(place: Deployment) -> Outputs | None:
    """Returns the outputs of a place where something is deployed completely enough to have them; else None."""
    raw = place.terraform().output()
    return parse_outputs(place.label, raw) if {"bucket_name", "kms_key_arn"} <= raw.keys() else None


def closing(place: Deployment, outputs: Outputs) -> list[str]:
    """Returns what to do next after `place` was deployed by itself."""
    if place.name == environments.CONSUMER:
        return [
            f"Deployed. Whoever deploys in account {outputs.ddb_producer_account_id} now runs:",
            f"  {handover.command(outputs, place.flags)}",
            "with the same tables, whose other settings a --var-file may hold in the place of --var tables.",
            place.hint,
        ]
    whole = environments.CROSS_ACCOUNT if place.name == environments.PRODUCER else place.name
    accounts = "" if place.is_local or whole == place.name else " --producer-profile NAME --consumer-profile NAME"
    return [f"Deployed. Try it: python -m tools.verify {whole}{place.flags}{accounts}", place.hint]


def deploy(place: Deployment, request: Request) -> Outputs | None:
    """Runs the stages on one place and returns its outputs; None when it was only planned.

    Raises:
        LakeError: a stage failed; the stages before it stand.
        RefusedError: the plan would lose data.
    """
    terraform = place.terraform()
    given_variables = request.variables
    given = settings.given(place.folder, given_variables.files, given_variables.pairs, place.environment_variables)
    aws = place.aws(given.get("region"))
    console.say(f"{place.label}: account {aws.account_id()}")
    with place.lock():
        with console.stage("build"):
            code = prepare_code(place, given, aws)
        with console.stage("init"), backend.in_s3(place.folder, request.backend_config):
            place.init(terraform)
            refuse_move(terraform, given)
        with console.stage("plan"):
            variables = replace(given_variables, pairs=(*place.own_variables, *given_variables.pairs, *code))
            changed = terraform.plan(variables)
            planned = plan.parse(terraform.show())
            check_destination(planned, aws)
        with console.stage("show"):
            show(terraform, planned, request)
        if request.plan_only:
            console.say(f"Planned, nothing applied. The plan is kept in {terraform.plan_file}")
            return None
        if changed:
            asking.confirm(f"Apply this plan to {place.label}?", yes=request.yes)
            with console.stage("apply"):
                terraform.apply()
        with console.stage("outputs"):
            raw = terraform.output()
            console.say(json.dumps({name: output["value"] for name, output in raw.items()}, indent=2))
    return parse_outputs(place.label, raw)


def prepare_code(place: Deployment, given: Mapping[str, Any], aws: Aws) -> tuple[str, ...]:
    """Builds and brings the function's code where Terraform takes it; nothing where the environment has no function."""
    if "transformation_lambda_file" not in place.environment.variables():
        console.say("    no function here; nothing to build")
        return ()
    return function_code.prepare(given, local=place.is_local, aws=aws, folder=place.environment.folder)


def check_destination(planned: Plan, aws: Aws) -> None:
    """Looks at the bucket of another account that a plan would deliver to.

    Raises:
        LakeError: it does not exist, or cannot be the one.
    """
    bucket = planned.variable("cross_account_datalake_bucket")
    if bucket:
        account, region = planned.output_after("account_id"), planned.output_after("region")
        destination.check(aws.client("s3"), bucket, account_id=account, region=region)


def refuse_move(terraform: Terraform, given: Mapping[str, Any]) -> None:
    """Refuses a Region other than the deployed one before planning, which would fail on resources it cannot find.

    Raises:
        RefusedError: another Region is asked for.
    """
    deployed = terraform.output().get("region", {}).get("value")
    wanted = given.get("region")
    if deployed and wanted and deployed != wanted:
        raise RefusedError(f"refused: {guards.move('region', deployed, wanted)}")


def show(terraform: Terraform, planned: Plan, request: Request) -> None:
    """Shows the saved plan, and refuses it when it would lose data.

    Raises:
        RefusedError: it would lose data that `--allow-replace` does not name.
    """
    if request.plan_only:
        console.say(terraform.show_text())
    for line in summary.lines(planned):
        console.say(line)
    for address in guards.unused(planned, request.allow_replace):
        console.warn(f"--allow-replace {address}: the plan does not replace or delete it")
    refusals = guards.refusals(planned, request.allow_replace)
    for line in refusals:
        console.fail(line)
    if refusals:
        terraform.plan_file.unlink(missing_ok=True)
        raise RefusedError(f"refused: the plan would lose data in {len(refusals)} place(s); nothing was applied")


if __name__ == "__main__":
    cli.run(main, "deploy")
