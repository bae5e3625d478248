"""`python -m tools.deploy ENV`: build, init, plan, show, confirm, apply the saved plan, outputs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tools.artifact import options as artifact_options
from tools.cli import command, console
from tools.deployments import choose, cross_account, environments, options
from tools.errors import EXIT_DONE, EXIT_REFUSED
from tools.operations import drift
from tools.operations.deploying import DeployRequest, deploy, deploy_pair, next_steps, share_request
from tools.plan_review import report
from tools.terraform import tfvars
from tools.terraform.runner import Terraform, Variables

if TYPE_CHECKING:
    from tools.deployments.credentials import Identities


@click.command(context_settings=command.CONTEXT)
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
@artifact_options.native
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
    native: bool | None,
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
    tfvars.check_files(files)
    tfvars.check_pairs(pairs)
    if backend_config and local:
        raise click.UsageError("--backend-config is for an account; local AWS keeps its state beside it.")
    if backend_config and is_pair:
        raise click.UsageError("--backend-config is for one state; deploy consumer and producer once by themselves.")
    if check_drift and (plan_only or reports or allow_replace or backend_config or native is not None):
        raise click.UsageError(
            "--check-drift only looks; it goes with --local, --var, --var-file and credentials alone."
        )
    for file in reports:
        report.check(file)
    # Before anything is started for it.
    Terraform(environment.folder, environment.folder / ".terraform", os.environ).check_version()
    request = DeployRequest(Variables(files, pairs), backend_config, allow_replace, plan_only, reports, yes, native)
    if is_pair:
        pair = choose.choose_pair(identities, local=local, start=not check_drift).in_their_accounts()
        consumer_share, producer_share = cross_account.split(pair, files, pairs)
        if check_drift:
            drifted = [
                drift.run(pair.consumer, consumer_share),
                drift.run(pair.producer, producer_share),
            ]
            return EXIT_REFUSED if any(drifted) else EXIT_DONE
        deploy_pair(
            pair,
            share_request(request, consumer_share, environments.CONSUMER),
            share_request(request, producer_share, environments.PRODUCER),
        )
        return EXIT_DONE
    deployment = choose.choose(environment, identities.for_environment(env), local=local, start=not check_drift)
    if check_drift:
        return EXIT_REFUSED if drift.run(deployment, request.variables) else EXIT_DONE
    outputs = deploy(deployment, request)
    if outputs:
        for line in next_steps(deployment, outputs):
            console.say(line)
    return EXIT_DONE


if __name__ == "__main__":
    command.run(main, "deploy")
