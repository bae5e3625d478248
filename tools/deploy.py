"""`python -m tools.deploy ENV`: build, init, plan, show, confirm, apply the saved plan, outputs."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from tools.artifact import options as artifact_options
from tools.cli import command, console, prompt
from tools.deployments import choose, environments, listing, options, variables
from tools.deployments.choose import Where
from tools.deployments.recall import Given, Purpose
from tools.errors import EXIT_DONE, EXIT_FAILED, EXIT_REFUSED
from tools.operations import drift, handing_over
from tools.operations.deploying import DeployRequest, deploy, deploy_pair, next_steps
from tools.operations.preflight import looking
from tools.plan_review import allowances, budget, report
from tools.terraform.runner import Terraform, Variables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.deployments.credentials import Identities
    from tools.deployments.deployment import Deployment
    from tools.plan_review.budget import Budget
    from tools.plan_review.guards import Allowed


@click.command(context_settings=command.CONTEXT)
@click.argument("env", metavar="ENV", required=False)
@options.local
@options.deployment
@options.identities
@options.variables
@click.option("--plan-only", is_flag=True, help="Stop after the plan's review, and keep the plan.")
@click.option("--report", "reports", multiple=True, type=click.Path(path_type=Path), metavar="FILE", help=report.HELP)
@click.option(
    "--backend-config",
    type=click.Path(path_type=Path, resolve_path=True),
    metavar="FILE",
    help="Keep the state in S3: file with bucket, key and region. Remembered.",
)
@allowances.options
@budget.options
@artifact_options.native
@click.option(
    "--check-drift", is_flag=True, help="Only tell what was changed outside of Terraform; exits with 3 if anything was."
)
@click.option(
    "--hand-over", metavar="TABLE", help="Only take this table out of the deployment's hands, and leave it as it is."
)
@click.option(
    "--check-account/--no-check-account",
    default=None,
    help="Only tell what in the account would stop an apply, or hurt it; or do not look. [default: look, then go on]",
)
@click.option(
    "--apply",
    "kept_plan",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Apply this plan, which --plan-only kept, and make no other.",
)
@click.option("--forget", is_flag=True, help="Use nothing of what the last deploy was given.")
@click.option("--list", "list_only", is_flag=True, help="Only list the deployments, of ENV or of all.")
@click.option("--json", "as_json", is_flag=True, help="With --list or --check-account: print JSON.")
@options.yes
def main(
    *,
    env: str | None,
    local: bool,
    name: str,
    identities: Identities,
    files: tuple[Path, ...],
    pairs: tuple[str, ...],
    plan_only: bool,
    reports: tuple[Path, ...],
    backend_config: Path | None,
    allowed: Allowed,
    money: Budget,
    native: bool | None,
    check_drift: bool,
    hand_over: str | None,
    check_account: bool | None,
    kept_plan: Path | None,
    forget: bool,
    list_only: bool,
    as_json: bool,
    yes: bool,
) -> int:
    """Deploy environment ENV: build the function, plan, review the plan, ask, apply exactly that plan.

    A plan that would lose data is refused: what it replaces, deletes or forgets, and what it loses in place, as a
    shorter retention. So is one of a configuration that the policy gate (tools.scan) finds anything in.

    ENV cross-account is the pair: the consumer first, then the producer with what the consumer's outputs say. A
    variable goes to the half that has it; --var consumer.NAME=VALUE or producer.NAME=VALUE to one where both do.

    --deployment NAME keeps several of one ENV apart: each has its own state, variables, credentials and Region. What
    was given is remembered for the next time (var files, backend, profile and role, Region; never the value of a
    variable), and what is left out next time is said.

    \b
    Examples:
      python -m tools.deploy single-account --local
      python -m tools.deploy single-account --var region=eu-central-1 --plan-only --report plan.html
      python -m tools.deploy single-account --apply envs/single-account/.terraform/lake.tfplan
      python -m tools.deploy single-account --backend-config state.s3.tfbackend --yes
      python -m tools.deploy cross-account --producer-profile tables --consumer-profile lake
      python -m tools.deploy single-account --deployment prod --profile prod --var-file prod.tfvars
      python -m tools.deploy single-account --usage usage.yaml --max-monthly 250
      python -m tools.deploy single-account --check-account
      python -m tools.deploy single-account --check-drift
      python -m tools.deploy single-account --hand-over orders
      python -m tools.deploy --list
    """
    if list_only:
        return show_list(env, as_json=as_json)
    if env is None:
        raise click.UsageError("Missing argument 'ENV'.")
    is_pair = env == environments.CROSS_ACCOUNT
    environment = environments.find(environments.CONSUMER if is_pair else env)
    only_asks = check_drift or check_account is not None or hand_over
    for_planning = plan_only or reports or allowed or native is not None or money != budget.NONE
    check_usage(
        {
            "--json is for --list and --check-account.": as_json and not check_account,
            "--check-account is for an account; local AWS has no limits to meet.": check_account and local,
            "--check-account and --check-drift are two questions; ask one of them.": check_account and check_drift,
            "--backend-config is for an account; local AWS keeps its state beside it.": backend_config and local,
            "--backend-config is for one state; deploy consumer and producer once by themselves.": (
                backend_config and is_pair
            ),
            "--check-drift only looks; it goes with --local, --deployment, --var, --var-file and credentials alone.": (
                check_drift and (for_planning or backend_config)
            ),
            "--hand-over changes Terraform's state alone; it goes with what chooses the deployment, and --yes.": (
                hand_over and (check_drift or check_account or for_planning or backend_config)
            ),
            "--hand-over is for one deployment; name the one that made the table, such as producer.": (
                hand_over and is_pair
            ),
            "--check-account only looks; leave out what is for planning.": check_account and for_planning,
            "--apply takes a plan as it was kept; leave out what is for making one, and what only looks.": (
                kept_plan
                and (files or pairs or backend_config or forget or plan_only or native is not None or only_asks)
            ),
            "--apply is for one deployment; apply the consumer's plan, then the producer's.": kept_plan and is_pair,
        }
    )
    for file in reports:
        report.check(file)
    # Before anything is started for it.
    Terraform(environment.folder, environment.folder / ".terraform", os.environ).check_version()
    where, given = Where(name, local), Given(Variables(files, pairs), backend_config)
    purpose = Purpose.RUN_TERRAFORM if check_drift or hand_over or kept_plan else Purpose.DEPLOY
    variables.check_command(env, where, given, purpose, forget=forget)
    prompt.check_terminal(yes=bool(yes or plan_only or check_drift or check_account))
    if is_pair:
        pair = choose.choose_pair(identities, where, given.variables, purpose, forget=forget, quiet=as_json)
        pair = pair.in_their_accounts()
        places: tuple[Deployment, ...] = (pair.consumer, pair.producer)
    else:
        given = replace(given, identity=identities.for_environment(env))
        places = (choose.choose(environment, where, given, purpose, forget=forget, quiet=as_json),)
    if check_drift or check_account:
        return drift_code(*places) if check_drift else account_code(*places, as_json=as_json)
    request = DeployRequest(
        allowed,
        plan_only,
        reports,
        yes,
        look_at_account=check_account is None,
        kept_plan=kept_plan,
        native=native,
        money=money,
    )
    if is_pair:
        deploy_pair(pair, request)
        return EXIT_DONE
    (deployment,) = places
    if hand_over:
        handing_over.hand_over(deployment, hand_over, yes=yes)
        return EXIT_DONE
    outputs = deploy(deployment, request)
    for line in next_steps(deployment, outputs) if outputs else ():
        console.say(line)
    return EXIT_DONE


def check_usage(wrong: Mapping[str, object]) -> None:
    """Raises UsageError with the first message whose options, which do not go together, are given."""
    for message, is_given in wrong.items():
        if is_given:
            raise click.UsageError(message)


def drift_code(*deployments: Deployment) -> int:
    """Tells what drifted in each deployment, and returns the exit code."""
    drifted = [drift.run(deployment) for deployment in deployments]
    return EXIT_REFUSED if any(drifted) else EXIT_DONE


def account_code(*deployments: Deployment, as_json: bool) -> int:
    """Tells what the account of each deployment would do to its apply, and returns the exit code."""
    with console.silent(quiet=as_json):
        looks = [looking.look_alone(deployment) for deployment in deployments]
    if as_json:
        console.say(json.dumps([look.to_json() for look in looks], indent=2))
    else:
        for look in looks:
            look.tell()
    return EXIT_FAILED if any(look.stops for look in looks) else EXIT_DONE


def show_list(env: str | None, *, as_json: bool) -> int:
    """Prints the deployments, of one environment or of all."""
    found = listing.find(environments.find(env).name if env else None)
    if as_json:
        console.say(json.dumps(msgspec.to_builtins(found), indent=2))
        return EXIT_DONE
    for line in [line for each in found for line in listing.lines(each)] or ["nothing is deployed from here"]:
        console.say(line)
    return EXIT_DONE


if __name__ == "__main__":
    command.run(main, "deploy")
