"""Deploys one environment in one place: build, init, plan, gate, review, confirm, apply the saved plan, outputs.

Each stage takes what the one before it made. Nothing is changed before the last question is answered.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tools.core import asking, backend, console, destination, function_code, settings
from tools.core.environments import parse_outputs
from tools.core.errors import RefusedError
from tools.policy import scanner
from tools.review import guards, plan, report, text
from tools.review.review import Gate, review

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tools.core.aws import Aws
    from tools.core.deployment import Deployment
    from tools.core.environments import Outputs
    from tools.core.terraform import Terraform, Variables
    from tools.review.plan import Plan


@dataclass(frozen=True)
class Request:
    """What the user asked for."""

    variables: Variables
    backend_config: Path | None
    allow_replace: tuple[str, ...]
    plan_only: bool
    reports: tuple[Path, ...]
    yes: bool


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
        with console.stage("gate"):
            gate = run_gate(place)
        with console.stage("review"):
            show(terraform, planned, place, request, gate)
        if request.plan_only:
            console.say(f"Planned, nothing applied. The plan is kept in {terraform.plan_file}")
            console.say(f"The whole of it: terraform -chdir={place.folder} show {terraform.plan_file}")
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


def run_gate(place: Deployment) -> Gate:
    """Scans the configuration that the plan was made of."""
    found = scanner.scan([place.folder], place.folder.parents[1])
    unreadable = [f"{file} cannot be read as Terraform configuration" for file in found.unreadable]
    return Gate(found.passed, (*unreadable, *(finding.text() for finding in found.findings)))


def show(terraform: Terraform, planned: Plan, place: Deployment, request: Request, gate: Gate) -> None:
    """Shows the saved plan's review, writes the reports, and refuses what must not be applied.

    Raises:
        RefusedError: it would lose data that `--allow-replace` does not name, or the gate found something.
    """
    reviewed = review(planned, place.label, allowed=request.allow_replace, gate=gate)
    for line in text.lines(reviewed):
        console.say(line)
    for file in request.reports:
        report.write(reviewed, file)
        console.say(f"Report: {file}")
    for address in guards.unused(planned, request.allow_replace):
        console.warn(f"--allow-replace {address}: the plan does not replace or delete it")
    for line in text.refusal_lines(reviewed):
        console.fail(line)
    if reviewed.is_refused:
        terraform.plan_file.unlink(missing_ok=True)
        if reviewed.refusals:
            raise RefusedError(
                f"refused: the plan would lose data in {len(reviewed.refusals)} place(s); nothing was applied"
            )
        raise RefusedError(f"refused: the policy gate has {len(gate.findings)} finding(s); nothing was applied")
