from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from tests.unit.tools.plan_review.plans import change
from tools.deployments import environments, settings
from tools.deployments.cross_account import Pair
from tools.deployments.deployment import Deployment
from tools.deployments.folders import DeploymentFolder
from tools.deployments.outputs import Outputs
from tools.deployments.settings import Claim, Settings
from tools.errors import LakeError, RefusedError
from tools.lake.purge import Contents
from tools.operations import destroying
from tools.operations.destroying import DestroyRequest

A = "111111111111"
CLAIM = Claim(A, "us-east-1", "n", ("orders",))
REQUEST = DestroyRequest(purge_bucket=True, yes=True)
STREAM = "arn:aws:kinesis:us-east-1:111111111111:stream/orders-data-stream"
STOP = "stop orders"
REMOVE = "remove orders-delivery-stream"
WAIT = "wait orders-delivery-stream"
HELD = {"version": 4, "resources": [{"mode": "managed", "type": "t", "name": "n", "instances": [{}]}]}
EMPTY = {"version": 4, "resources": [{"mode": "data", "type": "aws_region", "name": "this", "instances": [{}]}]}
EVERYTHING = (
    change(
        "aws_dynamodb_table.this",
        "aws_dynamodb_table",
        ["delete"],
        {"name": "orders", "deletion_protection_enabled": True},
    ),
    change(
        "aws_dynamodb_kinesis_streaming_destination.this",
        "aws_dynamodb_kinesis_streaming_destination",
        ["delete"],
        {"table_name": "orders", "stream_arn": STREAM},
    ),
    change(
        "aws_kinesis_firehose_delivery_stream.this",
        "aws_kinesis_firehose_delivery_stream",
        ["delete"],
        {"name": "orders-delivery-stream"},
    ),
    change("aws_s3_bucket.this", "aws_s3_bucket", ["delete"], {"bucket": "lake"}),
)
REPLICA = (
    change("r.aws_s3_bucket.this", "aws_s3_bucket", ["delete"], {"bucket": "copy", "region": "us-west-2"}),
    change("l.aws_s3_bucket.this", "aws_s3_bucket", ["delete"], {"bucket": "lake", "region": "us-east-1"}),
    change(
        "r.aws_s3_bucket_replication_configuration.this",
        "aws_s3_bucket_replication_configuration",
        ["delete"],
        {"bucket": "lake"},
    ),
)


def with_buckets(**regions):
    """Returns a state that holds buckets, by name with their Regions."""
    instances = [{"attributes": {"bucket": name, "region": region}} for name, region in regions.items()]
    return {**HELD, "resources": [{"mode": "managed", "type": "aws_s3_bucket", "name": "n", "instances": instances}]}


class Terraform:
    """Holds `changes` in its state, unless `state` is another, and notes what is done, also by the other stages."""

    def __init__(self, plan_file, *changes, output=None, state=HELD, fails_at=None):
        self.plan_file, self.changes, self.fails_at = plan_file, changes, fails_at
        self.state = state and json.dumps({**state, "outputs": output or {}})
        self.done, self.variables = [], []

    def init(self, _backend):
        pass

    def pull_state(self):
        return self.state or ""

    def plan(self, variables, *, destroy):
        assert destroy
        assert not self.variables, "one plan serves"
        self.variables.append(variables)
        self.plan_file.touch()

    def show(self):
        return {"format_version": "1.2", "resource_changes": list(self.changes)}

    def apply(self):
        self.note("apply")

    def note(self, what):
        if what == self.fails_at:
            raise LakeError(f"failed at {what}")
        self.done.append(what)


@pytest.fixture
def plan_file(tmp_path_factory):
    return tmp_path_factory.mktemp("data") / "plan"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Returns a function that makes a deployment of an environment, with the Terraform that it runs."""
    terraforms = {}
    monkeypatch.setattr(Deployment, "terraform", lambda self: terraforms[self.environment_name])

    def make(terraform, environment="single-account", claim=CLAIM):
        terraforms[environment] = terraform
        home = DeploymentFolder(tmp_path / environment / "dev")
        found = environments.find(environment)
        return Deployment(found, home, home.terraform_folder, home.data_folder, {}, claim=claim)

    return make


@pytest.fixture
def stages(monkeypatch):
    """Returns a function that makes the other stages note what they do in a Terraform's list."""

    def watch(terraform, contents=Contents(2)):  # noqa: B008  # it cannot change
        monkeypatch.setattr(
            Deployment, "aws", lambda *_: SimpleNamespace(client=lambda name: name, impatient_client=None)
        )
        stop = lambda _client, destinations: [terraform.note(f"stop {table}") for table, _ in destinations]  # noqa: E731
        monkeypatch.setattr(destroying.delivery_end, "stop_changes", stop)
        monkeypatch.setattr(destroying.draining, "wait", lambda _aws, names, _: terraform.note(f"wait {names[0]}"))
        remove = lambda _client, names: terraform.note(f"remove {names[0]}")  # noqa: E731
        monkeypatch.setattr(destroying.delivery_end, "remove_delivery_streams", remove)
        lock_out = lambda _client, tables, keys: terraform.note(f"look at {tables}, {keys}") if keys else None  # noqa: E731
        monkeypatch.setattr(destroying.deletion_protection, "refuse_to_lock_out", lock_out)
        lift = lambda _client, tables: terraform.note(f"lift {tables[0]}") or tables  # noqa: E731
        monkeypatch.setattr(destroying.deletion_protection, "lift", lift)
        monkeypatch.setattr(destroying.purge, "contents", lambda *_: contents)
        monkeypatch.setattr(destroying.purge, "purge", lambda *_: terraform.note("purge") or 2)

    return watch


def begun(deployment, **settings_):
    settings.write(deployment.home.settings_file, Settings(claim=CLAIM, **settings_))
    return deployment


def test_delivery_ends_before_the_lake_is_emptied_and_that_before_all_else(place, stages, plan_file):
    terraform = Terraform(plan_file, *EVERYTHING)
    stages(terraform)
    dev = begun(place(terraform))

    destroying.destroy(dev, REQUEST)

    assert terraform.done == [STOP, WAIT, REMOVE, "purge", "lift orders", "apply"]
    assert not dev.home.path.exists()


class S3:
    """A Region's S3, which notes with its Region what is done to a bucket."""

    def __init__(self, terraform, region):
        self.region, self._note = region, terraform.note

    def delete_bucket_replication(self, *, Bucket):  # noqa: N803  # boto3's spelling
        self._note(f"stop replication of {Bucket} in {self.region}")


@pytest.fixture
def two_regions(monkeypatch, stages):
    """Returns a function that makes each purge note its bucket and Region; `contents` are by bucket."""

    def watch(terraform, **contents):
        stages(terraform)
        monkeypatch.setattr(
            Deployment,
            "aws",
            lambda _, region: SimpleNamespace(client=lambda _: S3(terraform, region), impatient_client=None),
        )
        monkeypatch.setattr(destroying.purge, "contents", lambda _s3, bucket: contents[bucket])
        monkeypatch.setattr(
            destroying.purge, "purge", lambda s3, bucket, _: terraform.note(f"purge {bucket} in {s3.region}") or 1
        )

    return watch


def test_replication_ends_before_the_lake_is_emptied_and_that_before_its_replica(place, two_regions, plan_file):
    terraform = Terraform(plan_file, *REPLICA, state=with_buckets(copy="us-west-2", lake="us-east-1"))
    two_regions(terraform, lake=Contents(1), copy=Contents(1))

    destroying.destroy(begun(place(terraform)), REQUEST)

    ends = "stop replication of lake in us-east-1"
    assert terraform.done == [ends, "purge lake in us-east-1", "purge copy in us-west-2", "apply"]
    # Whatever the variables say today, Terraform looks where the replica is.
    assert 'replication={"region": "us-west-2"}' in terraform.variables[0].pairs


@pytest.mark.parametrize(("lake", "copy"), [(0, 1), (1, 0)])
def test_a_replica_that_holds_anything_is_kept_as_the_lake_is(place, two_regions, plan_file, lake, copy):
    terraform = Terraform(plan_file, *REPLICA, state=with_buckets(copy="us-west-2", lake="us-east-1"))
    two_regions(terraform, lake=Contents(lake), copy=Contents(copy))

    with pytest.raises(RefusedError, match=f"{'lake' if lake else 'copy'} holds 1 object versions"):
        destroying.destroy(begun(place(terraform)), replace(REQUEST, purge_bucket=False))
    assert terraform.done == []


def test_where_the_last_changes_are_given_up_they_are_not_waited_for(place, stages, plan_file):
    terraform = Terraform(plan_file, *EVERYTHING)
    stages(terraform)

    destroying.destroy(begun(place(terraform)), replace(REQUEST, now=True))

    assert terraform.done == [STOP, REMOVE, "purge", "lift orders", "apply"]


@pytest.mark.parametrize("stage", [STOP, WAIT, REMOVE, "purge", "lift orders", "apply"])
def test_a_stage_that_fails_leaves_what_the_same_command_needs(place, stages, stage, plan_file):
    terraform = Terraform(plan_file, *EVERYTHING, fails_at=stage)
    stages(terraform)
    dev = begun(place(terraform))
    with pytest.raises(LakeError, match=f"failed at {stage}"):
        destroying.destroy(dev, REQUEST)
    assert not plan_file.exists()
    assert settings.read(dev.home.settings_file).claim == CLAIM

    again = Terraform(plan_file, *EVERYTHING)
    stages(again)
    destroying.destroy(place(again), REQUEST)
    assert again.done[-1] == "apply"


def test_what_came_into_an_empty_bucket_while_it_was_waited_for_keeps_the_bucket(place, stages, monkeypatch, plan_file):
    terraform = Terraform(plan_file, *EVERYTHING)
    stages(terraform)
    found = iter([Contents(), Contents(1)])
    monkeypatch.setattr(destroying.purge, "contents", lambda *_: next(found))

    with pytest.raises(RefusedError, match="lake holds 1 object versions"):
        destroying.destroy(begun(place(terraform)), replace(REQUEST, purge_bucket=False))
    assert terraform.done == [STOP, WAIT]


def test_a_deploy_that_failed_before_it_had_outputs_is_found_by_what_was_kept_before(place, stages, plan_file):
    terraform = Terraform(plan_file, *EVERYTHING)
    stages(terraform)

    destroying.destroy(begun(place(terraform)), REQUEST)

    given = {"region=us-east-1", f"account_id={A}", "transformation_lambda_file=versions.tf"}
    assert all(given <= set(variables.pairs) for variables in terraform.variables)
    # Terraform wants a key wherever rules hash, and gives it to nothing that is removed.
    assert {tuple(variables.secrets) for variables in terraform.variables} == {("mask_key",)}


@pytest.mark.parametrize("is_unfinished", [True, False])
def test_what_an_unfinished_deploy_may_have_left_is_looked_for_at_the_end(
    place, stages, plan_file, monkeypatch, is_unfinished
):
    terraform = Terraform(plan_file, *EVERYTHING)
    stages(terraform)
    monkeypatch.setattr(destroying.name_leftovers, "tell", lambda _dev, _aws, region: terraform.note(f"look: {region}"))

    destroying.destroy(begun(place(terraform), is_unfinished=is_unfinished), REQUEST)

    assert terraform.done[-2:] == (["apply", "look: us-east-1"] if is_unfinished else ["lift orders", "apply"])


def test_a_key_is_kept_from_going_while_a_table_that_stays_is_encrypted_under_it(place, stages, plan_file):
    key = change("aws_kms_key.this", "aws_kms_key", ["delete"], {"arn": "arn:key"})
    terraform = Terraform(plan_file, key, fails_at="look at ['orders'], ('arn:key',)")
    stages(terraform)

    with pytest.raises(LakeError, match="failed at look"):
        destroying.destroy(begun(place(terraform)), REQUEST)


def test_a_folder_without_any_resource_is_cleaned_up(place, capsys, plan_file):
    for state in (EMPTY, None):
        dev = begun(place(Terraform(plan_file, state=state)))

        destroying.destroy(dev, REQUEST)

        assert "Nothing is deployed as single-account --deployment dev" in capsys.readouterr().out
        assert not dev.home.path.exists()


def test_a_state_that_is_gone_forgets_nothing(place, plan_file):
    dev = begun(place(Terraform(plan_file, state=None)), deployed_at="2026-01-01T00:00:00+00:00")

    with pytest.raises(LakeError, match="there is no state of it"):
        destroying.destroy(dev, REQUEST)
    assert settings.read(dev.home.settings_file).claim == CLAIM


def test_nothing_is_made_for_a_deployment_that_does_not_exist(place, tmp_path, plan_file):
    dev = place(Terraform(plan_file))

    with destroying.opened(dev) as held:
        assert held is None
    with pytest.raises(LakeError, match="not deployed here"):
        destroying.destroy(dev, REQUEST)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def pair(place, stages, monkeypatch, plan_file):
    """Returns a function that makes a pair of the two states, and the list of what is done in both."""
    monkeypatch.setattr(Pair, "in_their_accounts", lambda self: self)
    monkeypatch.setattr(destroying.writers, "check_ended", lambda *_: None)

    def make(producer=HELD, consumer=HELD, **more):
        half = Terraform(plan_file, *EVERYTHING[1:3], state=producer, **more)
        lake = Terraform(plan_file, EVERYTHING[3], state=consumer)
        lake.done = half.done
        stages(half)
        both = Pair(begun(place(lake, "consumer")), begun(place(half, "producer")))
        return both, half

    return make


def test_the_consumer_goes_after_a_producer_whose_outputs_are_lost(pair):
    both, half = pair()

    destroying.destroy_pair(both, REQUEST)

    assert half.done == [STOP, WAIT, "apply", "purge", "apply"]
    assert not both.producer.home.path.exists()


@pytest.mark.parametrize("bucket", ["lake", "copy"])
def test_the_producer_stays_where_the_lake_or_its_replica_would_be_lost(pair, monkeypatch, bucket):
    both, half = pair(consumer=with_buckets(copy="us-west-2", lake="us-east-1"))
    monkeypatch.setattr(destroying.purge, "contents", lambda _s3, name: Contents(int(name == bucket)))

    with pytest.raises(RefusedError, match=f"{bucket} holds 1 object versions"):
        destroying.destroy_pair(both, replace(REQUEST, purge_bucket=False))
    assert half.done == []


def test_of_a_pair_that_is_gone_the_folders_go_too(pair, capsys):
    both, half = pair(EMPTY, None)

    destroying.destroy_pair(both, REQUEST)

    assert half.done == []
    assert not both.producer.home.path.exists()
    assert not both.consumer.home.path.exists()
    assert "Nothing is deployed as consumer --deployment dev" in capsys.readouterr().out
    with pytest.raises(LakeError, match="cross-account is not deployed here"):
        destroying.destroy_pair(both, REQUEST)


def test_the_consumer_is_not_touched_while_the_producers_state_holds_anything(pair):
    both, half = pair(fails_at="apply")
    with pytest.raises(LakeError, match="failed at apply"):
        destroying.destroy_pair(both, REQUEST)
    assert "purge" not in half.done

    both, half = pair(None)
    begun(both.producer, deployed_at="2026-01-01T00:00:00+00:00")
    with pytest.raises(LakeError, match="there is no state of it"):
        destroying.destroy_pair(both, REQUEST)
    assert half.done == []

    destroying.destroy_pair(both, replace(REQUEST, producer_is_gone=True))
    assert half.done == ["purge", "apply"]


def test_what_is_known_of_a_deployment_is_completed_by_what_it_holds(place, plan_file):
    dev = begun(place(Terraform(plan_file, output={"bucket_name": {"value": "lake"}})))

    with destroying.opened(dev) as held:
        assert held.outputs == Outputs("us-east-1", A, bucket_name="lake")
