"""Deploys one environment in one place: init, look at the account, build, plan, gate, review, confirm, apply, outputs.

Each stage takes what the one before it made. Nothing is changed before the last question is answered.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tools import paths
from tools.artifact import package_source
from tools.artifact.package_source import PreparedCode
from tools.cli import console, prompt
from tools.deployments import claims, environments, kept_plan, mask_key, memory, producer_inputs, replica_place
from tools.deployments.outputs import of_state, parse_outputs
from tools.errors import LakeError, RefusedError
from tools.lake import bucket_check, deletion_protection
from tools.operations import existing_keys, published_code
from tools.operations.preflight import looking
from tools.plan_review import budget, guards, plan, removal, report, text
from tools.plan_review.review import Gate, review
from tools.policy import deploy_gate
from tools.terraform import backend
from tools.terraform.state import State

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tools.deployments.aws import Aws
    from tools.deployments.cross_account import Pair
    from tools.deployments.deployment import Deployment
    from tools.deployments.outputs import Outputs
    from tools.deployments.settings import Claim
    from tools.plan_review.artifacts import Artifact
    from tools.plan_review.budget import Budget
    from tools.plan_review.guards import Allowed
    from tools.plan_review.plan import Plan
    from tools.terraform.runner import Terraform


@dataclass(frozen=True)
class DeployRequest:
    """What the user asked for, beside what goes into the plan."""

    allowed: Allowed
    plan_only: bool
    reports: tuple[Path, ...]
    yes: bool
    look_at_account: bool = True
    """Whether the account is looked at before the plan; local AWS never is."""
    kept_plan: Path | None = None
    """The plan to apply, which an earlier command kept; None is a new one."""
    native: bool | None = None
    """Whether the function is built with native code; None is what `archive.build` does for the place."""
    money: Budget = budget.NONE
    """How tables are used, and what a month may cost."""


def deploy(deployment: Deployment, request: DeployRequest) -> Outputs | None:
    """Runs the stages on one deployment and returns its outputs; None when it was only planned.

    A kept plan is neither built for nor planned, and shown, asked for and applied as a new one is.

    Raises:
        LakeError: a stage failed; the stages before it stand.
        RefusedError: the plan would lose data, the credentials are of another account than the deployment's, or
            another deployment has the same names.
    """
    terraform = deployment.terraform()
    variables = deployment.given.variables
    pairs = (*deployment.known_variables, *variables.pairs)
    given = deployment.given_values()
    aws = deployment.aws(given.get("region"))
    account_id = aws.account_id()
    console.say(f"{deployment.label}: account {account_id}")
    refuse_other_account(deployment, account_id, given)
    kept = kept_plan.find(deployment, request.kept_plan, terraform.plan_file) if request.kept_plan else None
    claim = kept.claim if kept else claims.wanted(deployment.environment, given, account_id)
    claims.check(deployment, claim)
    if deployment.environment.has_function and not kept:
        existing_keys.check(given.get("tables"), aws)
    with deployment.lock():
        with console.stage("init"), backend.in_s3(deployment.folder, deployment.given.backend_config):
            held = deployment.open(terraform) or State()
            deployed = held.outputs
            refuse_move(deployed, given)
            replica_place.refuse_move(held, deployment.claim, given.get("replication"))
            secrets = mask_key.recall(deployment, given, deployed)
        if not kept:
            look_at_account(deployment, held, given, request)
        code = PreparedCode() if kept else prepare_code(deployment, given, aws, native=request.native)
        with console.stage("plan"):
            made_with = replace(variables, pairs=(*pairs, *code.variables), secrets=secrets)
            changed = kept is not None or terraform.plan(made_with)
            planned = plan.parse(terraform.show())
            check_lake_bucket(planned, aws)
            aws = deployment.aws(planned.region)
            artifacts = identify_code(planned, None if kept else code, aws)
        if deployment.claim is None and not kept:
            memory.keep_first_plan(deployment)
        with console.stage("gate"):
            gate = run_gate(deployment)
        with console.stage("review"):
            show(terraform, planned, deployment, request, gate, code=artifacts)
            refuse_foreign_code(terraform, planned, artifacts, aws, deployment)
        if request.plan_only:
            keep_for_later(deployment, terraform.plan_file, claim)
            return None
        if changed:
            prompt.confirm(f"Apply this plan to {deployment.label}?", yes=request.yes)
        memory.keep_claim(deployment, claim, kept.given if kept else None)
        if changed:
            memory.keep_known(deployment, {**deployed, **planned.known_outputs()})
            apply(terraform, planned, aws)
            published_code.check_after_apply(planned, artifacts, aws.client("lambda"), deployment)
            deployed = of_state(deployment.read_state(terraform))
        outputs = tell_outputs(deployment, deployed)
        memory.keep_deployed(deployment)
    return outputs


def identify_code(planned: Plan, code: PreparedCode | None, aws: Aws) -> tuple[Artifact, ...]:
    """Returns the packages of a plan; `code` is what was prepared for it, None for a plan that was kept.

    Raises:
        LakeError: the plan does not go with its packages.
    """
    found = published_code.identify(planned, aws.client("s3"), code.artifact if code else None)
    if code:
        published_code.check_table_settings(planned, code.artifact)
    else:
        published_code.check_files(found)
    return found


def keep_for_later(deployment: Deployment, plan_file: Path, claim: Claim) -> None:
    """Keeps a saved plan that may be applied, and says how to look at it and how to apply it."""
    kept_plan.keep(deployment, plan_file, claim)
    console.say(f"Planned, nothing applied. The plan is kept in {plan_file}")
    console.say(f"The whole of it: {deployment.show_command(plan_file)}")
    console.say(f"To apply it: {deployment.command('deploy')} --apply {shlex.quote(str(plan_file))}")


def tell_outputs(deployment: Deployment, raw: Mapping[str, Any]) -> Outputs:
    """Prints and returns what was deployed, of which `raw` are the outputs."""
    with console.stage("outputs"):
        console.say(json.dumps({name: output["value"] for name, output in raw.items()}, indent=2))
    return parse_outputs(deployment.label, raw)


def apply(terraform: Terraform, planned: Plan, aws: Aws) -> None:
    """Applies the saved plan, which `planned` describes, and lets tables go that it may remove.

    Raises:
        LakeError: as `Terraform.apply`.
    """
    with console.stage("apply"):
        for table in deletion_protection.lift(aws.client("dynamodb"), removal.find(planned).protected_tables):
            console.say(f"    deletion protection of table {table} is lifted: it is removed, as --allow-replace says")
        terraform.apply()


def look_at_account(deployment: Deployment, held: State, given: Mapping[str, Any], request: DeployRequest) -> None:
    """Looks at the account, unless it is local AWS or the user does not want it.

    Raises:
        LakeError: something there would stop the apply, or a name would break a rule of AWS.
    """
    if request.look_at_account and not deployment.is_local:
        with console.stage("account"):
            looking.check(deployment, held, given)


def prepare_code(
    deployment: Deployment, given: Mapping[str, Any], aws: Aws, *, native: bool | None = None
) -> PreparedCode:
    """Builds and brings the function's code where Terraform takes it; nothing where the environment has no function."""
    with console.stage("build"):
        if not deployment.environment.has_function:
            console.say("    no function here; nothing to build")
            return PreparedCode()
        return package_source.prepare(
            given,
            local=deployment.is_local,
            aws=aws,
            folder=deployment.environment.folder,
            artifact_folder=deployment.home.artifact_folder,
            native=native,
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


def refuse_other_account(deployment: Deployment, account_id: str, given: Mapping[str, Any]) -> None:
    """Refuses credentials of another account than the one that is deployed in, or that is `given` by the user.

    Raises:
        RefusedError: `account_id` is not the deployment's.
        LakeError: it is not the one that variable `account_id` names.
    """
    named = given.get("account_id")
    if named is not None and named != account_id:
        raise LakeError(
            f"these credentials are of account {account_id}, and account_id is {named}; "
            "use the right profile, or correct account_id"
        )
    claim = deployment.claim
    if claim and claim.account_id != account_id:
        raise RefusedError(
            f"refused: these credentials are of account {account_id}, and {deployment.label} is deployed in "
            f"{claim.account_id}; use that account's credentials, or another deployment: --deployment NAME"
        )


def refuse_move(outputs: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Refuses a Region other than the deployed one before planning, which would fail on resources it cannot find.

    Raises:
        RefusedError: another Region is asked for.
    """
    deployed = outputs.get("region", {}).get("value")
    wanted = given.get("region")
    if deployed and wanted and deployed != wanted:
        raise RefusedError(f"refused: {guards.move('region', deployed, wanted)}")


def run_gate(deployment: Deployment) -> Gate:
    """Scans the configuration that the plan was made of, unless it passed before."""
    found = deploy_gate.run(deployment.folder, deployment.folder.parents[1], paths.BUILD / "passed")
    unreadable = [f"{file} cannot be read as Terraform configuration" for file in found.unreadable]
    return Gate(found.passed, (*unreadable, *(finding.text() for finding in found.findings)))


def refuse_foreign_code(
    terraform: Terraform, planned: Plan, artifacts: tuple[Artifact, ...], aws: Aws, deployment: Deployment
) -> None:
    """Throws a plan away that would point the alias to code that somebody published outside of Terraform.

    Raises:
        RefusedError: it would.
    """
    try:
        published_code.check_before_apply(planned, artifacts, aws.client("lambda"), deployment)
    except RefusedError:
        terraform.plan_file.unlink(missing_ok=True)
        raise


def show(
    terraform: Terraform,
    planned: Plan,
    deployment: Deployment,
    request: DeployRequest,
    gate: Gate,
    *,
    code: tuple[Artifact, ...] = (),
) -> None:
    """Shows the saved plan's review, writes the reports, and refuses what must not be applied.

    `code` says what each function will run.

    Raises:
        RefusedError: it would lose data that the request does not allow or cost more, or the gate found something.
    """
    reviewed = review(
        planned,
        deployment.label,
        allowed=request.allowed,
        gate=gate,
        code=code,
        left_out=deployment.left_out,
        money=request.money,
    )
    for line in text.lines(reviewed):
        console.say(line)
    for file in request.reports:
        report.write(reviewed, file)
        console.say(f"Report: {file}")
    for line in guards.unused(planned, request.allowed):
        console.warn(line)
    for line in text.refusal_lines(reviewed):
        console.fail(line)
    if reviewed.is_refused:
        terraform.plan_file.unlink(missing_ok=True)
        if reviewed.refusals:
            raise RefusedError(
                f"refused: the plan would lose data or its protection in {len(reviewed.refusals)} place(s); "
                "nothing was applied"
            )
        if reviewed.over_budget:
            raise RefusedError(
                "refused: a month would cost more than it may, or nobody can say what; nothing was applied"
            )
        raise RefusedError(f"refused: the policy gate has {len(gate.findings)} finding(s); nothing was applied")


def deploy_pair(pair: Pair, request: DeployRequest) -> None:
    """Deploys the consumer, and then the producer with what the consumer's outputs say.

    Raises:
        LakeError, RefusedError: as `deploy`; what came before stands.
    """
    outputs = deploy(pair.consumer, half_request(request, environments.CONSUMER)) or read_complete_outputs(
        pair.consumer
    )
    if outputs is None:
        console.say(f"The producer's plan needs the consumer's key: deploy first, {pair.command('deploy')}")
        return
    file = producer_inputs.write_producer_inputs(outputs, pair.producer.folder)
    console.say(f"The consumer's outputs go to the producer in {file}")
    if deploy(pair.producer, half_request(request, environments.PRODUCER)):
        console.say(f"Deployed. Try it: {pair.command('verify')}")
        console.say(pair.producer.access_hint)
        console.say(pair.consumer.access_hint)


def half_request(request: DeployRequest, half: str) -> DeployRequest:
    """Returns what is asked of one half of a pair: reports that the other half does not write over."""
    return replace(request, reports=tuple(file.with_suffix(f".{half}{file.suffix}") for file in request.reports))


def read_complete_outputs(deployment: Deployment) -> Outputs | None:
    """Returns the outputs of a deployment that is complete enough to have them; else None."""
    if not deployment.folder.is_dir():
        return None
    raw = of_state(deployment.read_state(deployment.terraform()))
    return parse_outputs(deployment.label, raw) if {"bucket_name", "kms_key_arn"} <= raw.keys() else None


def next_steps(deployment: Deployment, outputs: Outputs) -> list[str]:
    """Returns what to do next after `deployment` was deployed by itself."""
    if deployment.environment_name == environments.CONSUMER:
        return [
            f"Deployed. Whoever deploys in account {outputs.ddb_producer_account_id} now runs:",
            f"  {producer_inputs.deploy_command(outputs, deployment.options)}",
            "with the same tables, whose other settings a --var-file may hold in the place of --var tables.",
            deployment.access_hint,
        ]
    if deployment.environment_name != environments.PRODUCER:
        return [f"Deployed. Try it: {deployment.command('verify')}", deployment.access_hint]
    accounts = "" if deployment.is_local else " --producer-profile NAME --consumer-profile NAME"
    verify = f"python -m tools.verify {environments.CROSS_ACCOUNT}{deployment.options}{accounts}"
    return [f"Deployed. Try it: {verify}", deployment.access_hint]
