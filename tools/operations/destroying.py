"""Takes a deployment down: says what will be lost, asks, lets delivery end, empties the bucket, removes everything.

What is deployed is what the state holds, so that a deploy or a destroy that failed at any point is finished by the same
command.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tools.cli import console, prompt
from tools.deployments import choose, mask_key, memory, producer_inputs
from tools.deployments.outputs import NO_CODE, not_deployed, parse_known
from tools.errors import LakeError
from tools.lake import deletion_protection, delivery_time, purge, writers
from tools.operations import draining, removal_report
from tools.plan_review import plan, removal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tools.deployments.aws import Aws
    from tools.deployments.cross_account import Pair
    from tools.deployments.deployment import Deployment
    from tools.deployments.outputs import Outputs
    from tools.lake.purge import Contents
    from tools.plan_review.removal import Removal
    from tools.terraform.runner import Terraform, Variables


@dataclass(frozen=True)
class DestroyRequest:
    """What the user asked for."""

    purge_bucket: bool
    yes: bool
    producer_is_gone: bool = False
    now: bool = False
    """Whether the last changes are given up, and not waited for."""


def destroy_pair(pair: Pair, request: DestroyRequest) -> None:
    """Takes the producer down, then the consumer: not while the producer's state holds anything.

    Raises:
        RefusedError: the lake is not empty and `purge_bucket` was not given; then the producer stays too.
        LakeError: as `destroy`.
    """
    pair = pair.in_their_accounts()
    lake = find(pair.consumer)
    source = None if request.producer_is_gone else find(pair.producer)
    if lake is None and source is None:
        raise LakeError(f"{pair.label} is not deployed here")
    if lake and lake.own_bucket_name and not request.purge_bucket:
        contents = purge.contents(pair.consumer.aws(lake.region).client("s3"), lake.own_bucket_name)
        removal_report.refuse_to_lose({lake.own_bucket_name: contents})
    if source:
        destroy(pair.producer, request)
        (pair.producer.folder / producer_inputs.FILE_NAME).unlink(missing_ok=True)
    if lake:
        destroy(pair.consumer, request, pair.producer.aws(lake.region))


def find(deployment: Deployment) -> Outputs | None:
    """Returns what is known of `deployment`, of which the state holds something; None when it holds nothing.

    Raises:
        LakeError: the state is gone, or it is not known where what it holds is.
    """
    if not deployment.exists:
        return None
    terraform = deployment.terraform()
    with deployment.lock():
        deployment.init(terraform)
        return known(deployment, terraform) if memory.is_deployed(deployment, terraform) else None


def known(deployment: Deployment, terraform: Terraform) -> Outputs:
    """Returns what is known of a deployment whose state holds something.

    Raises:
        LakeError: it is not known in which account and Region that is.
    """
    found = parse_known(memory.keep_outputs(deployment, terraform), deployment.claim)
    if found is None:
        raise LakeError(
            f"the state of {deployment.label} holds resources, and neither outputs nor {deployment.home.settings_file} "
            "say in which account and Region; deploy it again, which says so, and then destroy it"
        )
    return found


def destroy(deployment: Deployment, request: DestroyRequest, producer: Aws | None = None) -> None:
    """Takes one deployment down: what delivers first, then the lake's objects, then everything else, its folder last.

    `producer` is access to the account that delivers to a consumer.

    Raises:
        RefusedError: a bucket is not empty and `purge_bucket` was not given, a producer delivers to it, or a table that
            stays would lose its key.
        LakeError: not deployed, or a stage failed; the same command goes on from there.
    """
    if not deployment.exists:
        raise not_deployed(deployment.label)
    terraform = deployment.terraform()
    with deployment.lock():
        with console.stage("init"):
            deployment.init(terraform)
            if not memory.is_deployed(deployment, terraform):
                if not deployment.home.path.is_dir():
                    raise not_deployed(deployment.label)
                memory.forget(deployment)
                console.say(f"Nothing is deployed as {deployment.label}; what was remembered of it is removed.")
                return
            outputs = known(deployment, terraform)
        if outputs.ddb_producer_account_id and outputs.bucket_name and not request.producer_is_gone:
            writers.check_ended(producer, outputs.ddb_producer_account_id, outputs.bucket_name, outputs.region)
        aws = deployment.aws(outputs.region)
        stages = _Stages(deployment, request, terraform, variables_of(deployment, outputs), aws)
        with console.stage("plan"):
            planned = stages.plan()
        removed = removal.find(planned)
        if deployment.environment.has_function:  # The tables of a consumer are in another account.
            claimed = deployment.claim.tables if deployment.claim else ()
            staying = sorted({*outputs.tables, *claimed} - {*removed.tables})
            deletion_protection.refuse_to_lock_out(aws.client("dynamodb"), staying, removed.key_arns)
        contents = purge.contents_of(aws.client("s3"), removed.buckets)
        named = removal_report.describe(deployment, outputs)
        removal_report.announce(planned, deployment, removed, contents, named)
        if not request.purge_bucket:
            removal_report.refuse_to_lose(contents)
        prompt.confirm(f"Destroy {named} and all of that?", yes=request.yes)
        stages.run(removed, contents)
        memory.forget(deployment)
    console.say(f"Destroyed {deployment.label}.")


def variables_of(deployment: Deployment, outputs: Outputs) -> Variables:
    """Returns the variables with which Terraform finds all that is deployed again.

    What is deployed decides where to look, whatever the variables say today: elsewhere Terraform would find nothing,
    and forget what exists.
    """
    given = deployment.given.variables
    code = (NO_CODE,) if deployment.environment.has_function else ()
    pairs = (*given.pairs, *deployment.known_variables, *outputs.inputs(), *code)
    return replace(given, pairs=pairs, secrets=mask_key.ANY)


@dataclass(frozen=True)
class _Stages:
    """The stages that remove something, in their order; each does nothing where an earlier run has done it."""

    deployment: Deployment
    request: DestroyRequest
    terraform: Terraform
    variables: Variables
    aws: Aws

    def plan(self) -> plan.Plan:
        self.terraform.plan(self.variables, destroy=True)
        return plan.parse(self.terraform.show())

    def run(self, removed: Removal, contents: Mapping[str, Contents]) -> None:
        if removed.delivery_streams:
            self._end_delivery(removed)
        if removed.buckets:
            self._empty(removed, contents)
        if removed.protected_tables:
            with console.stage("lift deletion protection"):
                for table in deletion_protection.lift(self.aws.client("dynamodb"), removed.protected_tables):
                    console.say(f"    table {table} can be deleted")
        with console.stage("destroy"):
            self.terraform.plan(self.variables, destroy=True)
            self.terraform.apply()

    def _end_delivery(self, removed: Removal) -> None:
        if removed.destinations:
            with console.stage("stop changes"):
                self._remove(removed.destinations)
        if self.request.now:
            console.warn("--now: changes that have not come to the lake yet are lost")
            return
        choose.require_delivery_worker(self.deployment)
        passage = choose.passage_seconds(self.deployment, delivery_time.SPARE_SECONDS)
        with console.stage("wait for delivery"):
            draining.wait(self.aws, removed.delivery_streams, passage)

    def _empty(self, removed: Removal, contents: Mapping[str, Contents]) -> None:
        s3 = self.aws.client("s3")
        if not self.request.purge_bucket:
            # What was waited for may have come into a bucket that was empty when the user was asked.
            removal_report.refuse_to_lose(purge.contents_of(s3, removed.buckets))
            return
        if removed.delivery_addresses:
            with console.stage("stop delivery"):
                # Objects delivered after the purge would keep the bucket from being deleted.
                self._remove(removed.delivery_addresses)
        with console.stage("purge bucket"):
            for bucket, counted in contents.items():
                # As counted when the user was asked: to count a large lake again takes hours.
                with console.counting(f"removing {counted.total:,} versions and markers", counted.total) as advance:
                    holds_any = counted.total or purge.contents(s3, bucket).total
                    gone = purge.purge(s3, bucket, advance) if holds_any else 0
                console.say(f"    removed {gone:,} object versions and delete markers from {bucket}")

    def _remove(self, addresses: Sequence[str]) -> None:
        if self.terraform.plan(self.variables, destroy=True, targets=addresses):
            self.terraform.apply()
