"""`python -m tools.deploy ENV`: build, init, plan, show, confirm, apply the saved plan, outputs."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tools.core import asking, backend, cli, console, environments, function_code, options, settings
from tools.core.errors import RefusedError
from tools.core.terraform import Terraform, Variables
from tools.localaws import places
from tools.review import guards, plan, summary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.core.deployment import Deployment


@dataclass(frozen=True)
class Request:
    """What the user asked for."""

    files: tuple[Path, ...]
    pairs: tuple[str, ...]
    backend_config: Path | None
    allow_replace: tuple[str, ...]
    plan_only: bool
    yes: bool


@click.command(context_settings=cli.CONTEXT)
@options.environment
@options.local
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
    files: tuple[Path, ...],
    pairs: tuple[str, ...],
    plan_only: bool,
    backend_config: Path | None,
    allow_replace: tuple[str, ...],
    yes: bool,
) -> None:
    """Deploy environment ENV: build the function, plan, show the plan, ask, apply exactly that plan.

    A plan that would lose data (a table, stream, streaming destination, bucket or key replaced or deleted) is refused.

    \b
    Examples:
      python -m tools.deploy single-account --local
      python -m tools.deploy single-account --var region=eu-central-1 --plan-only
      python -m tools.deploy single-account --backend-config state.s3.tfbackend --yes
    """
    environment = environments.find(env)
    settings.check_files(files)
    settings.check_pairs(pairs)
    if backend_config and local:
        raise click.UsageError("--backend-config is for an account; local AWS keeps its state beside it.")
    # Before anything is started for it.
    Terraform(environment.folder, environment.folder / ".terraform", os.environ).check_version()
    place = places.choose(environment, local=local, start=True)
    deploy(place, Request(files, pairs, backend_config, allow_replace, plan_only, yes))


def deploy(place: Deployment, request: Request) -> None:
    """Runs the stages on one place.

    Raises:
        LakeError: a stage failed; the stages before it stand.
        RefusedError: the plan would lose data.
    """
    terraform = place.terraform()
    given = settings.given(place.folder, request.files, request.pairs, place.environment_variables)
    aws = place.aws(given.get("region"))
    console.say(f"{place.label}: account {aws.account_id()}")
    with place.lock():
        with console.stage("build"):
            code = function_code.prepare(given, local=place.is_local, aws=aws, folder=place.environment.folder)
        with console.stage("init"), backend.in_s3(place.folder, request.backend_config):
            place.init(terraform)
            refuse_move(terraform, given)
        with console.stage("plan"):
            variables = Variables(request.files, (*place.own_variables, *request.pairs, *code))
            changed = terraform.plan(variables)
        with console.stage("show"):
            show(terraform, request)
        if request.plan_only:
            console.say(f"Planned, nothing applied. The plan is kept in {terraform.plan_file}")
            return
        if changed:
            asking.confirm(f"Apply this plan to {place.label}?", yes=request.yes)
            with console.stage("apply"):
                terraform.apply()
        with console.stage("outputs"):
            raw = terraform.output()
            console.say(json.dumps({name: output["value"] for name, output in raw.items()}, indent=2))
    console.say(f"Deployed. Try it: {place.command('verify')}")
    console.say(place.hint)


def refuse_move(terraform: Terraform, given: Mapping[str, Any]) -> None:
    """Refuses a Region other than the deployed one before planning, which would fail on resources it cannot find.

    Raises:
        RefusedError: another Region is asked for.
    """
    deployed = terraform.output().get("region", {}).get("value")
    wanted = given.get("region")
    if deployed and wanted and deployed != wanted:
        raise RefusedError(f"refused: {guards.move('region', deployed, wanted)}")


def show(terraform: Terraform, request: Request) -> None:
    """Shows the saved plan, and refuses it when it would lose data.

    Raises:
        RefusedError: it would lose data that `--allow-replace` does not name.
    """
    planned = plan.parse(terraform.show())
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
