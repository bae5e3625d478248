"""Takes a deployment down: says what will be lost, asks, lets delivery end, empties the bucket, removes everything.

What is deployed is what the state holds, so that a deploy or a destroy that failed at any point is finished by the same
command.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tools.cli import console, prompt
from tools.deployments import choose, mask_key, memory, producer_inputs, replica_place
from tools.deployments.outputs import NO_CODE, not_deployed, parse_known
from tools.errors import LakeError
from tools.lake import deletion_protection, delivery_end, delivery_time, purge, writers
from tools.operations import draining, name_leftovers, network_leftovers, removal_report
from tools.operations.preflight.account import Account
from tools.plan_review import plan, removal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mypy_boto3_s3 import S3Client

    from tools.deployments.aws import Aws
    from tools.deployments.cross_account import Pair
    from tools.deployments.deployment import Deployment
    from tools.deployments.outputs import Outputs
    from tools.lake.purge import Contents
    from tools.plan_review.removal import Removal
    from tools.terraform.runner import Terraform, Variables
    from tools.terraform.state import State


@dataclass(frozen=True)
class DestroyRequest:
    """What the user asked for."""

    purge_bucket: bool
    yes: bool
    producer_is_gone: bool = False
    now: bool = False
    """Whether the last changes are given up, and not waited for."""


@dataclass(frozen=True)
class Held:
    """A deployment whose state holds something: what is known of it, and Terraform, ready to work."""

    deployment: Deployment
    terraform: Terraform
    state: State
    outputs: Outputs


def destroy_pair(pair: Pair, request: DestroyRequest) -> None:
    """Takes the producer down, then the consumer: not while the producer's state holds anything.

    Raises:
        RefusedError: the lake is not empty and `purge_bucket` was not given; then the producer stays too.
        LakeError: as `destroy`.
    """
    pair = pair.in_their_accounts()
    with ExitStack() as both:
        lake = both.enter_context(opened(pair.consumer))
        source = None if request.producer_is_gone else both.enter_context(opened(pair.producer))
        if not (lake or source or pair.consumer.home.path.is_dir() or pair.producer.home.path.is_dir()):
            raise not_deployed(pair.label)
        if lake and not request.purge_bucket:
            removal_report.refuse_to_lose(contents_of(pair.consumer, replica_place.buckets(lake.state)))
        if not request.producer_is_gone:
            take_down(pair.producer, source, request)
            (pair.producer.folder / producer_inputs.FILE_NAME).unlink(missing_ok=True)
        take_down(pair.consumer, lake, request, pair.producer.aws(lake.outputs.region if lake else None))


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
    with opened(deployment) as held:
        if held is None and not deployment.home.path.is_dir():
            raise not_deployed(deployment.label)
        take_down(deployment, held, request, producer)


@contextmanager
def opened(deployment: Deployment) -> Iterator[Held | None]:
    """Keeps other commands from a deployment, and yields what its state holds; None where that is nothing.

    Raises:
        LakeError: the state is gone, or it is not known where what it holds is.
    """
    if not deployment.exists:
        yield None
        return
    terraform = deployment.terraform()
    with deployment.lock():
        with console.stage("init"):
            state = deployment.open(terraform)
            is_deployed = memory.is_deployed(deployment, state)
        yield Held(deployment, terraform, state, known(deployment, state)) if state and is_deployed else None


def known(deployment: Deployment, state: State) -> Outputs:
    """Returns what is known of a deployment whose state holds something.

    Raises:
        LakeError: it is not known in which account and Region that is.
    """
    found = parse_known(memory.keep_outputs(deployment, state.outputs), deployment.claim)
    if found is None:
        raise LakeError(
            f"the state of {deployment.label} holds resources, and neither outputs nor {deployment.home.settings_file} "
            "say in which account and Region; deploy it again, which says so, and then destroy it"
        )
    return found


def take_down(deployment: Deployment, held: Held | None, request: DestroyRequest, producer: Aws | None = None) -> None:
    """Removes what a deployment's state holds, and then its folder; where it holds nothing, the folder alone.

    What is applied in the end is the plan that was shown. Meanwhile nothing but AWS changes, so it does not get stale.

    Raises:
        RefusedError, LakeError: as `destroy`.
    """
    if held is None:
        if deployment.home.path.is_dir():
            memory.forget(deployment)
            console.say(f"Nothing is deployed as {deployment.label}; what was remembered of it is removed.")
        return
    outputs, terraform = held.outputs, held.terraform
    if outputs.ddb_producer_account_id and outputs.bucket_name and not request.producer_is_gone:
        writers.check_ended(producer, outputs.ddb_producer_account_id, outputs.bucket_name, outputs.region)
    aws = deployment.aws(outputs.region)
    try:
        with console.stage("plan"):
            elsewhere = replica_place.inputs(held.state, outputs.region)
            terraform.plan(variables_of(deployment, outputs, *elsewhere), destroy=True)
            planned = plan.parse(terraform.show())
        removed = removal.find(planned)
        if deployment.environment.has_function:  # The tables of a consumer are in another account.
            claimed = deployment.claim.tables if deployment.claim else ()
            staying = sorted({*outputs.tables, *claimed} - {*removed.tables})
            deletion_protection.refuse_to_lock_out(aws.client("dynamodb"), staying, removed.key_arns)
        contents = contents_of(deployment, removed.buckets)
        named = removal_report.describe(deployment, outputs)
        removal_report.announce(planned, deployment, removed, contents, named)
        account = Account(aws.impatient_client)
        leftovers = network_leftovers.find(account, held.state, outputs.function_name)
        network_leftovers.tell(leftovers)
        if not request.purge_bucket:
            removal_report.refuse_to_lose(contents)
        prompt.confirm(f"Destroy {named} and all of that?", yes=request.yes)
        network_leftovers.remove(account, leftovers)
        _Stages(deployment, request, terraform, aws, removed, contents).run()
    finally:
        terraform.plan_file.unlink(missing_ok=True)
    if memory.is_unfinished(deployment):
        name_leftovers.tell(deployment, aws, outputs.region)
    memory.forget(deployment)
    console.say(f"Destroyed {deployment.label}.")


def contents_of(deployment: Deployment, buckets: Mapping[str, str | None]) -> dict[str, Contents]:
    """Returns what each of a deployment's buckets holds; `buckets` are by name, with their Regions."""
    return {name: purge.contents(deployment.aws(region).client("s3"), name) for name, region in buckets.items()}


def variables_of(deployment: Deployment, outputs: Outputs, *more: str) -> Variables:
    """Returns the variables with which Terraform finds all that is deployed again; `more` are inputs as NAME=VALUE.

    What is deployed decides where to look, whatever the variables say today: elsewhere Terraform would find nothing,
    and forget what exists.
    """
    given = deployment.given.variables
    code = (NO_CODE,) if deployment.environment.has_function else ()
    pairs = (*given.pairs, *deployment.known_variables, *outputs.inputs(), *more, *code)
    return replace(given, pairs=pairs, secrets=mask_key.ANY)


@dataclass(frozen=True)
class _Stages:
    """The stages that remove something, in their order; each does nothing where an earlier run has done it."""

    deployment: Deployment
    request: DestroyRequest
    terraform: Terraform
    aws: Aws
    removed: Removal
    contents: Mapping[str, Contents]

    def run(self) -> None:
        if self.removed.delivery_streams:
            self._end_delivery()
        if self.removed.buckets:
            self._empty()
        if self.removed.protected_tables:
            with console.stage("lift deletion protection"):
                for table in deletion_protection.lift(self.aws.client("dynamodb"), self.removed.protected_tables):
                    console.say(f"    table {table} can be deleted")
        with console.stage("destroy"):
            self.terraform.apply()

    def _end_delivery(self) -> None:
        if self.removed.destinations:
            with console.stage("stop changes"):
                delivery_end.stop_changes(self.aws.client("dynamodb"), self.removed.destinations)
        if self.request.now:
            console.warn("--now: changes that have not come to the lake yet are lost")
            return
        choose.require_delivery_worker(self.deployment)
        passage = choose.passage_seconds(self.deployment, delivery_time.SPARE_SECONDS)
        with console.stage("wait for delivery"):
            draining.wait(self.aws, self.removed.delivery_streams, passage)

    def _empty(self) -> None:
        if not self.request.purge_bucket:
            # What was waited for may have come into a bucket that was empty when the user was asked.
            removal_report.refuse_to_lose(contents_of(self.deployment, self.removed.buckets))
            return
        if self.removed.delivery_streams:
            with console.stage("stop delivery"):
                # Objects delivered after the purge would keep the bucket from being deleted.
                delivery_end.remove_delivery_streams(self.aws.client("firehose"), self.removed.delivery_streams)
        if self.removed.replicated_buckets:
            with console.stage("stop replication"):
                # So would what is replicated after it.
                for bucket in self.removed.replicated_buckets:
                    self.aws.client("s3").delete_bucket_replication(Bucket=bucket)
        with console.stage("purge bucket"):
            for bucket, region in self.removed.buckets.items():
                self._purge(self.deployment.aws(region).client("s3"), bucket)

    def _purge(self, s3: S3Client, bucket: str) -> None:
        counted = self.contents[bucket]
        # As counted when the user was asked: to count a large lake again takes hours.
        with console.counting(f"removing {counted.total:,} versions and markers", counted.total) as advance:
            holds_any = counted.total or purge.contents(s3, bucket).total
            gone = purge.purge(s3, bucket, advance) if holds_any else 0
        console.say(f"    removed {gone:,} object versions and delete markers from {bucket}")
