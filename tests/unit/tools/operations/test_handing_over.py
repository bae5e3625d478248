from __future__ import annotations

import json
import re

import pytest

from tests.unit.tools.plan_review.plans import change
from tools.deployments import environments, settings
from tools.deployments.deployment import Deployment
from tools.deployments.folders import DeploymentFolder
from tools.deployments.recall import Given
from tools.deployments.settings import Claim, Settings
from tools.errors import LakeError, RefusedError, UsageError
from tools.operations import handing_over
from tools.terraform import state, tfvars
from tools.terraform.runner import Variables

CLAIM = Claim("111111111111", "us-east-1", "n", ("orders",))
TABLE = 'module.pipeline.module.table["orders"].aws_dynamodb_table.this["orders"]'
DESTINATION = 'module.pipeline.module.table["orders"].aws_dynamodb_kinesis_streaming_destination.this'
TABLES = {"orders": {"key": {"hash_key": "n"}, "stream": {"shards": 1}}, "events": {}}


def resource(address):
    """Returns a resource as a state holds it."""
    module, kind, name = re.fullmatch(r"(.*)\.(\w+)\.(.*)", address).groups()
    name, _, index = name.rstrip("]").partition("[")
    instance = {"index_key": json.loads(index)} if index else {}
    return {"mode": "managed", "module": module, "type": kind, "name": name, "instances": [instance]}


def addresses(text):
    return [each.address for each in state.parse(text).resources]


class Terraform:
    """Holds a state, which commands change, and plans `changes`; dies at a step where `dies_at` names it."""

    def __init__(self, folder, *held, changes=(), dies_at=None):
        self.held, self.changes, self.dies_at = list(held), changes, dies_at
        self.plan_file = folder / "plan"
        self.planned = []

    def init(self, _backend):
        pass

    def pull_state(self):
        return json.dumps({"version": 4, "resources": [resource(address) for address in self.held]})

    def change_state(self, word, *arguments):
        if self.dies_at == word:
            raise KeyboardInterrupt
        if word == "rm":
            self.held.remove(arguments[0])
        else:
            assert (word, arguments[0]) == ("push", "-force")
            with open(arguments[1]) as copy:  # noqa: PTH123  # as Terraform is given it
                self.held = addresses(copy.read())

    def plan(self, variables):
        if self.dies_at == "plan":
            raise KeyboardInterrupt
        self.planned.append(variables)

    def show(self):
        return {"format_version": "1.2", "resource_changes": list(self.changes)}


@pytest.fixture
def deployed(tmp_path, monkeypatch):
    """Returns a function that makes a deployment of two tables, with the Terraform that it runs."""
    running = {}
    monkeypatch.setattr(Deployment, "terraform", lambda _self: running["terraform"])

    def make(*changes, held=(TABLE, DESTINATION), dies_at=None):
        home = DeploymentFolder(tmp_path / "single-account" / "dev")
        settings.write(home.settings_file, Settings(claim=CLAIM))
        given = Given(Variables(pairs=(tfvars.pair("tables", TABLES),)))
        terraform = running["terraform"] = Terraform(tmp_path, *held, changes=changes, dies_at=dies_at)
        environment = environments.find("single-account")
        place = Deployment(environment, home, home.terraform_folder, home.data_folder, {}, claim=CLAIM, given=given)
        return place, terraform

    return make


def copies(deployment):
    return list(deployment.home.path.glob("*.tfstate"))


def test_the_table_alone_leaves_the_state_and_goes_on_as_one_that_exists(deployed, capsys):
    dev, terraform = deployed()

    handing_over.hand_over(dev, "orders", yes=True)

    assert terraform.held == [DESTINATION]
    given = tfvars.given(dev.folder, (), terraform.planned[0].pairs, {})
    assert given["tables"] == {"orders": {"stream": {"shards": 1}, "existing": True}, "events": {}}
    said = capsys.readouterr().out
    assert 'tables = {"orders":{"stream":{"shards":1},"existing":true},"events":{}}' in said
    (copy,) = copies(dev)
    assert addresses(copy.read_text()) == [TABLE, DESTINATION]
    assert copy.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "loss",
    [
        change(DESTINATION, "aws_dynamodb_kinesis_streaming_destination", ["delete", "create"], {}, {}),
        change(TABLE, "aws_dynamodb_table", ["create"], None, {}),
        change("module.bucket.aws_s3_bucket.this", "aws_s3_bucket", ["forget"], {}, None),
    ],
    ids=["a loss", "a second table", "something forgotten"],
)
def test_where_what_is_left_would_lose_anything_the_state_is_put_back(deployed, loss):
    dev, terraform = deployed(loss)

    with pytest.raises(RefusedError, match="the state is as it was"):
        handing_over.hand_over(dev, "orders", yes=True)
    assert terraform.held == [TABLE, DESTINATION]
    assert copies(dev) == []


def test_where_terraform_would_look_for_the_replica_elsewhere_nothing_is_begun(deployed):
    key = "arn:aws:kms:us-west-2:111111111111:key/1"
    dev, terraform = deployed()
    pulled = json.loads(terraform.pull_state())
    pulled["resources"].append({**resource("r.aws_kms_key.this"), "instances": [{"attributes": {"arn": key}}]})
    terraform.pull_state = lambda: json.dumps(pulled)

    with pytest.raises(RefusedError, match="the replica of this deployment is in us-west-2"):
        handing_over.hand_over(dev, "orders", yes=True)
    assert terraform.held == [TABLE, DESTINATION]
    assert copies(dev) == []


@pytest.mark.parametrize("step", ["rm", "plan"])
def test_a_run_that_was_killed_is_finished_by_the_same_call(deployed, step):
    dev, killed = deployed(dies_at=step)
    with pytest.raises(KeyboardInterrupt):
        handing_over.hand_over(dev, "orders", yes=True)

    dev, again = deployed(held=killed.held)
    handing_over.hand_over(dev, "orders", yes=True)

    assert again.held == [DESTINATION]
    assert addresses(copies(dev)[0].read_text()) == [TABLE, DESTINATION]


def test_what_is_not_in_our_hands_is_not_handed_over(deployed):
    dev, _ = deployed(held=(DESTINATION,))

    with pytest.raises(UsageError, match="made no table orders"):
        handing_over.hand_over(dev, "orders", yes=True)
    with pytest.raises(UsageError, match="nobody is not among `tables`"):
        handing_over.hand_over(dev, "nobody", yes=True)
    dev, _ = deployed(held=())
    with pytest.raises(LakeError, match="not deployed here"):
        handing_over.hand_over(dev, "orders", yes=True)


def test_without_a_terminal_nothing_is_handed_over(deployed):
    dev, terraform = deployed()

    with pytest.raises(UsageError, match="pass --yes"):
        handing_over.hand_over(dev, "orders", yes=False)
    assert terraform.held == [TABLE, DESTINATION]
