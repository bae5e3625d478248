"""Takes a deployment down: says what will be lost, asks, stops delivery, empties the bucket, removes everything."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tools.cli import console, prompt
from tools.cli.console import mib
from tools.deployments import mask_key, memory, producer_inputs
from tools.deployments.outputs import not_deployed, parse_outputs
from tools.errors import LakeError, RefusedError
from tools.lake import purge, writers
from tools.plan_review import plan, text
from tools.plan_review.review import review

if TYPE_CHECKING:
    from tools.deployments.aws import Aws
    from tools.deployments.cross_account import Pair
    from tools.deployments.deployment import Deployment
    from tools.deployments.outputs import Outputs
    from tools.lake.purge import Contents
    from tools.terraform.runner import Terraform, Variables

DELIVERY: Final = "module.pipeline.module.delivery"
"""Address of what writes to the bucket, the same in every environment that has a pipeline."""


@dataclass(frozen=True)
class DestroyRequest:
    """What the user asked for."""

    purge_bucket: bool
    yes: bool
    producer_is_gone: bool = False


def destroy_pair(pair: Pair, request: DestroyRequest) -> None:
    """Takes the producer down, then the consumer.

    Raises:
        RefusedError: the lake is not empty and `purge_bucket` was not given; then the producer stays too.
        LakeError: as `destroy`.
    """
    pair = pair.in_their_accounts()
    lake, source = read_outputs(pair.consumer), read_outputs(pair.producer)
    if lake is None and source is None:
        raise LakeError(f"{pair.label} is not deployed here")
    if lake and lake.own_bucket_name and not request.purge_bucket:
        contents = purge.contents(pair.consumer.aws(lake.region).client("s3"), lake.own_bucket_name)
        refuse_to_lose(lake.own_bucket_name, contents)
    if source:
        destroy(pair.producer, request)
        (pair.producer.folder / producer_inputs.FILE_NAME).unlink(missing_ok=True)
    if lake:
        destroy(pair.consumer, request, pair.producer.aws(lake.region))


def read_outputs(deployment: Deployment) -> Outputs | None:
    """Returns what is deployed as `deployment`; None when nothing is."""
    if not deployment.exists:
        return None
    terraform = deployment.terraform()
    with deployment.lock():
        deployment.init(terraform)
        raw = memory.keep_outputs(deployment, terraform)
    return parse_outputs(deployment.label, raw) if raw else None


def destroy(deployment: Deployment, request: DestroyRequest, producer: Aws | None = None) -> None:
    """Takes one deployment down: what delivers first, then the lake's objects, then everything else, its folder last.

    `producer` is access to the account that delivers to a consumer.

    Raises:
        RefusedError: the bucket is not empty and `purge_bucket` was not given, or a producer delivers to it.
        LakeError: not deployed, or a stage failed; the same command goes on from there.
    """
    if not deployment.exists:
        raise not_deployed(deployment.label)
    terraform = deployment.terraform()
    with deployment.lock():
        with console.stage("init"):
            deployment.init(terraform)
            raw = memory.keep_outputs(deployment, terraform)
            if not raw:
                memory.forget_plan(deployment)
            outputs = parse_outputs(deployment.label, raw)
        if outputs.ddb_producer_account_id and outputs.bucket_name and not request.producer_is_gone:
            writers.check_ended(producer, outputs.ddb_producer_account_id, outputs.bucket_name, outputs.region)
        aws = deployment.aws(outputs.region)
        # What is deployed decides where to look, whatever the variables say today: elsewhere Terraform would find
        # nothing, and forget what exists.
        variables = deployment.given.variables
        pairs = (*variables.pairs, *deployment.known_variables, *outputs.inputs())
        variables = replace(variables, pairs=pairs, secrets=mask_key.ANY)
        with console.stage("plan"):
            terraform.plan(variables, destroy=True)
            planned = plan.parse(terraform.show())
        loses_lake = any(change.type == "aws_s3_bucket" for change in planned.changes())
        contents = purge.contents(aws.client("s3"), outputs.bucket_name or "") if loses_lake else purge.Contents()
        announce_removal(deployment, outputs, contents, planned)
        if not request.purge_bucket:
            refuse_to_lose(outputs.bucket_name or "", contents)
        prompt.confirm(f"Destroy {describe(deployment, outputs)} and all of that?", yes=request.yes)
        if contents.total:
            _empty_bucket(terraform, variables, aws, outputs)
        with console.stage("destroy"):
            terraform.plan(variables, destroy=True)
            terraform.apply()
        memory.forget(deployment)
    console.say(f"Destroyed {deployment.label}.")


def describe(deployment: Deployment, outputs: Outputs) -> str:
    """Returns which deployment would go: its name, account, Region and tables."""
    tables = ", ".join(sorted(outputs.tables)) or "none"
    return (
        f"{deployment.label} (deployment {deployment.home.name} in account {outputs.account_id}, {outputs.region}; "
        f"tables: {tables})"
    )


def refuse_to_lose(bucket: str, contents: Contents) -> None:
    """Raises RefusedError when a bucket that would go holds anything."""
    if contents.total:
        raise RefusedError(
            f"refused: {bucket} holds {_describe_contents(contents)}; keep them, or add --purge-bucket to remove them"
        )


def announce_removal(deployment: Deployment, outputs: Outputs, contents: Contents, planned: plan.Plan) -> None:
    """Prints what the command would remove, with what holds data named first."""
    for line in text.lines(review(planned, deployment.label)):
        console.say(line)
    removed = {change.type for change in planned.changes()}
    own_tables = [
        str((change.change.before or {}).get("name"))
        for change in planned.changes()
        if change.type == "aws_dynamodb_table"
    ]
    console.say(f"Destroying {describe(deployment, outputs)} removes:")
    for name in own_tables:
        console.say(f"  table   {name} and every item in it")
    if "aws_s3_bucket" in removed and outputs.bucket_name:
        console.say(f"  bucket  {outputs.bucket_name} with {_describe_contents(contents)}")
    if "aws_kms_key" in removed:
        console.say(f"  key     {outputs.kms_key_arn} (scheduled for deletion)")


def _empty_bucket(terraform: Terraform, variables: Variables, aws: Aws, outputs: Outputs) -> None:
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


def _describe_contents(contents: Contents) -> str:
    return f"{contents.versions:,} object versions and {contents.markers:,} delete markers ({mib(contents.size)})"
