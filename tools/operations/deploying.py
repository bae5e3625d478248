"""Deploys one environment in one place: build, init, plan, gate, review, confirm, apply the saved plan, outputs.

Each stage takes what the one before it made. Nothing is changed before the last question is answered.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tools.artifact import package_source
from tools.artifact.package_source import PreparedCode
from tools.cli import console, prompt
from tools.deployments import environments, producer_inputs
from tools.deployments.outputs import parse_outputs
from tools.errors import RefusedError
from tools.lake import bucket_check
from tools.plan_review import guards, plan, report, text
from tools.plan_review.review import Gate, review
from tools.policy import scanner
from tools.terraform import backend, tfvars

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tools.deployments.aws import Aws
    from tools.deployments.cross_account import Pair
    from tools.deployments.deployment import Deployment
    from tools.deployments.outputs import Outputs
    from tools.plan_review.plan import Plan
    from tools.terraform.runner import Terraform, Variables


@dataclass(frozen=True)
class DeployRequest:
    """What the user asked for."""

    variables: Variables
    backend_config: Path | None
    allow_replace: tuple[str, ...]
    plan_only: bool
    reports: tuple[Path, ...]
    yes: bool
    native: bool | None = None
    """Whether the function is built with native code; None is what `archive.build` does for the place."""


def deploy(deployment: Deployment, request: DeployRequest) -> Outputs | None:
    """Runs the stages on one deployment and returns its outputs; None when it was only planned.

    Raises:
        LakeError: a stage failed; the stages before it stand.
        RefusedError: the plan would lose data.
    """
    terraform = deployment.terraform()
    given_variables = request.variables
    given = tfvars.given(
        deployment.folder, given_variables.files, given_variables.pairs, deployment.environment_variables
    )
    aws = deployment.aws(given.get("region"))
    console.say(f"{deployment.label}: account {aws.account_id()}")
    with deployment.lock():
        with console.stage("build"):
            code = prepare_code(deployment, given, aws, native=request.native)
        with console.stage("init"), backend.in_s3(deployment.folder, request.backend_config):
            deployment.init(terraform)
            refuse_move(terraform, given)
        with console.stage("plan"):
            variables = replace(
                given_variables, pairs=(*deployment.own_variables, *given_variables.pairs, *code.variables)
            )
            changed = terraform.plan(variables)
            planned = plan.parse(terraform.show())
            check_lake_bucket(planned, aws)
        with console.stage("gate"):
            gate = run_gate(deployment)
        with console.stage("review"):
            show(terraform, planned, deployment, request, gate, described_code=code.description)
        if request.plan_only:
            console.say(f"Planned, nothing applied. The plan is kept in {terraform.plan_file}")
            console.say(f"The whole of it: terraform -chdir={deployment.folder} show {terraform.plan_file}")
            return None
        if changed:
            prompt.confirm(f"Apply this plan to {deployment.label}?", yes=request.yes)
            with console.stage("apply"):
                terraform.apply()
        with console.stage("outputs"):
            raw = terraform.output()
            console.say(json.dumps({name: output["value"] for name, output in raw.items()}, indent=2))
    return parse_outputs(deployment.label, raw)


def prepare_code(
    deployment: Deployment, given: Mapping[str, Any], aws: Aws, *, native: bool | None = None
) -> PreparedCode:
    """Builds and brings the function's code where Terraform takes it; nothing where the environment has no function."""
    if "transformation_lambda_file" not in deployment.environment.variables():
        console.say("    no function here; nothing to build")
        return PreparedCode()
    return package_source.prepare(
        given, local=deployment.is_local, aws=aws, folder=deployment.environment.folder, native=native
    )


def check_lake_bucket(planned: Plan, aws: Aws) -> None:
    """Looks at the bucket of another account that a plan would deliver to.

    Raises:
        LakeError: it does not exist, or cannot be the one.
    """
    bucket = planned.variable("cross_account_datalake_bucket")
    if bucket:
        account, region = planned.output_after("account_id"), planned.output_after("region")
        bucket_check.check(aws.client("s3"), bucket, account_id=account, region=region)


def refuse_move(terraform: Terraform, given: Mapping[str, Any]) -> None:
    """Refuses a Region other than the deployed one before planning, which would fail on resources it cannot find.

    Raises:
        RefusedError: another Region is asked for.
    """
    deployed = terraform.output().get("region", {}).get("value")
    wanted = given.get("region")
    if deployed and wanted and deployed != wanted:
        raise RefusedError(f"refused: {guards.move('region', deployed, wanted)}")


def run_gate(deployment: Deployment) -> Gate:
    """Scans the configuration that the plan was made of."""
    found = scanner.scan([deployment.folder], deployment.folder.parents[1])
    unreadable = [f"{file} cannot be read as Terraform configuration" for file in found.unreadable]
    return Gate(found.passed, (*unreadable, *(finding.text() for finding in found.findings)))


def show(
    terraform: Terraform,
    planned: Plan,
    deployment: Deployment,
    request: DeployRequest,
    gate: Gate,
    *,
    described_code: str = "",
) -> None:
    """Shows the saved plan's review, writes the reports, and refuses what must not be applied.

    `described_code` says what the function will run; "" where there is none.

    Raises:
        RefusedError: it would lose data that `--allow-replace` does not name, or the gate found something.
    """
    reviewed = review(
        planned, deployment.label, allowed=request.allow_replace, gate=gate, described_code=described_code
    )
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


def deploy_pair(pair: Pair, of_consumer: DeployRequest, of_producer: DeployRequest) -> None:
    """Deploys the consumer, and then the producer with what the consumer's outputs say.

    Raises:
        LakeError, RefusedError: as `deploy`; what came before stands.
    """
    outputs = deploy(pair.consumer, of_consumer) or read_complete_outputs(pair.consumer)
    if outputs is None:
        console.say(f"The producer's plan needs the consumer's key: deploy first, {pair.command('deploy')}")
        return
    file = producer_inputs.write_producer_inputs(outputs, pair.producer.folder)
    console.say(f"The consumer's outputs go to the producer in {file}")
    if deploy(pair.producer, of_producer):
        console.say(f"Deployed. Try it: {pair.command('verify')}")
        console.say(pair.producer.hint)
        console.say(pair.consumer.hint)


def share_request(request: DeployRequest, variables: Variables, half: str) -> DeployRequest:
    """Returns what is asked of one half: its own variables, and reports that the other does not write over."""
    reports = tuple(file.with_suffix(f".{half}{file.suffix}") for file in request.reports)
    return replace(request, variables=variables, reports=reports)


def read_complete_outputs(deployment: Deployment) -> Outputs | None:
    """Returns the outputs of a deployment that is complete enough to have them; else None."""
    raw = deployment.terraform().output()
    return parse_outputs(deployment.label, raw) if {"bucket_name", "kms_key_arn"} <= raw.keys() else None


def next_steps(deployment: Deployment, outputs: Outputs) -> list[str]:
    """Returns what to do next after `deployment` was deployed by itself."""
    if deployment.name == environments.CONSUMER:
        return [
            f"Deployed. Whoever deploys in account {outputs.ddb_producer_account_id} now runs:",
            f"  {producer_inputs.deploy_command(outputs, deployment.flags)}",
            "with the same tables, whose other settings a --var-file may hold in the deployment of --var tables.",
            deployment.hint,
        ]
    whole = environments.CROSS_ACCOUNT if deployment.name == environments.PRODUCER else deployment.name
    accounts = (
        "" if deployment.is_local or whole == deployment.name else " --producer-profile NAME --consumer-profile NAME"
    )
    return [f"Deployed. Try it: python -m tools.verify {whole}{deployment.flags}{accounts}", deployment.hint]
