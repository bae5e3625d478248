"""`python -m tools.deploy ENV`: build, init, plan, show, confirm, apply the saved plan, outputs."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tools.core import cli, console, environments, handover, options, settings
from tools.core import pair as pairs_of_accounts
from tools.core.environments import parse_outputs
from tools.core.errors import EXIT_DONE, EXIT_REFUSED
from tools.core.terraform import Terraform, Variables
from tools.deployer import drift_check
from tools.deployer.pipeline import Request, deploy
from tools.localaws import places
from tools.review import report

if TYPE_CHECKING:
    from tools.core.credentials import Identities
    from tools.core.deployment import Deployment
    from tools.core.environments import Outputs
    from tools.core.pair import Pair


@click.command(context_settings=cli.CONTEXT)
@options.environment
@options.local
@options.identities
@options.variables
@click.option("--plan-only", is_flag=True, help="Stop after the plan's review, and keep the plan.")
@click.option("--report", "reports", multiple=True, type=click.Path(path_type=Path), metavar="FILE", help=report.HELP)
@click.option(
    "--backend-config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Keep the state in S3: file with bucket, key and region. Remembered.",
)
@click.option(
    "--allow-replace", multiple=True, metavar="ADDRESS", help="Let this resource be replaced or deleted; repeatable."
)
@click.option(
    "--check-drift", is_flag=True, help="Only tell what was changed outside of Terraform; exits with 3 if anything was."
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
    reports: tuple[Path, ...],
    backend_config: Path | None,
    allow_replace: tuple[str, ...],
    check_drift: bool,
    yes: bool,
) -> int:
    """Deploy environment ENV: build the function, plan, review the plan, ask, apply exactly that plan.

    A plan that would lose data (a table, stream, streaming destination, delivery stream, bucket or key replaced or
    deleted) is refused, and so is one of a configuration that the policy gate (tools.scan) finds anything in.

    ENV cross-account is the pair: the consumer first, then the producer with what the consumer's outputs say. A
    variable goes to the half that has it; --var consumer.NAME=VALUE or producer.NAME=VALUE to one where both do.

    \b
    Examples:
      python -m tools.deploy single-account --local
      python -m tools.deploy single-account --var region=eu-central-1 --plan-only --report plan.html
      python -m tools.deploy single-account --backend-config state.s3.tfbackend --yes
      python -m tools.deploy cross-account --producer-profile tables --consumer-profile lake
      python -m tools.deploy single-account --check-drift
    """
    is_pair = env == environments.CROSS_ACCOUNT
    environment = environments.find(environments.CONSUMER if is_pair else env)
    settings.check_files(files)
    settings.check_pairs(pairs)
    if backend_config and local:
        raise click.UsageError("--backend-config is for an account; local AWS keeps its state beside it.")
    if backend_config and is_pair:
        raise click.UsageError("--backend-config is for one state; deploy consumer and producer once by themselves.")
    if check_drift and (plan_only or reports or allow_replace or backend_config):
        raise click.UsageError(
            "--check-drift only looks; it goes with --local, --var, --var-file and credentials alone."
        )
    for file in reports:
        report.check(file)
    # Before anything is started for it.
    Terraform(environment.folder, environment.folder / ".terraform", os.environ).check_version()
    request = Request(Variables(files, pairs), backend_config, allow_replace, plan_only, reports, yes)
    if is_pair:
        pair = places.choose_pair(identities, local=local, start=not check_drift).in_their_accounts()
        consumer_share, producer_share = pairs_of_accounts.split(pair, files, pairs)
        if check_drift:
            drifted = [
                drift_check.run(pair.consumer, consumer_share),
                drift_check.run(pair.producer, producer_share),
            ]
            return EXIT_REFUSED if any(drifted) else EXIT_DONE
        deploy_pair(
            pair,
            _share(request, consumer_share, environments.CONSUMER),
            _share(request, producer_share, environments.PRODUCER),
        )
        return EXIT_DONE
    place = places.choose(environment, identities.of(env), local=local, start=not check_drift)
    if check_drift:
        return EXIT_REFUSED if drift_check.run(place, request.variables) else EXIT_DONE
    outputs = deploy(place, request)
    if outputs:
        for line in closing(place, outputs):
            console.say(line)
    return EXIT_DONE


def deploy_pair(pair: Pair, of_consumer: Request, of_producer: Request) -> None:
    """Deploys the consumer, and then the producer with what the consumer's outputs say.

    Raises:
        LakeError, RefusedError: as `deploy`; what came before stands.
    """
    outputs = deploy(pair.consumer, of_consumer) or deployed(pair.consumer)
    if outputs is None:
        console.say(f"The producer's plan needs the consumer's key: deploy first, {pair.command('deploy')}")
        return
    file = handover.leave(outputs, pair.producer.folder)
    console.say(f"The consumer's outputs go to the producer in {file}")
    if deploy(pair.producer, of_producer):
        console.say(f"Deployed. Try it: {pair.command('verify')}")
        console.say(pair.producer.hint)
        console.say(pair.consumer.hint)


def _share(request: Request, variables: Variables, half: str) -> Request:
    """Returns what is asked of one half: its own variables, and reports that the other does not write over."""
    reports = tuple(file.with_suffix(f".{half}{file.suffix}") for file in request.reports)
    return replace(request, variables=variables, reports=reports)


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


if __name__ == "__main__":
    cli.run(main, "deploy")
