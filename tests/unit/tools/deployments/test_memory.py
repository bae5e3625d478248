from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tools.deployments import environments, memory, settings
from tools.deployments.deployment import Deployment
from tools.deployments.folders import DeploymentFolder
from tools.deployments.recall import Given
from tools.deployments.settings import Claim, Settings
from tools.errors import LakeError, RefusedError
from tools.terraform.runner import Variables
from tools.terraform.state import Resource, State

CLAIM = Claim("111111111111", "us-east-1", "n", ("t",))


@pytest.fixture
def dev(tmp_path):
    home = DeploymentFolder(tmp_path / "single-account" / "dev")
    given = Given(Variables((Path("/dev.tfvars"),)))
    environment = environments.find("single-account")
    return Deployment(environment, home, home.terraform_folder, home.data_folder, {}, given=given)


def kept(deployment):
    return settings.read(deployment.home.settings_file)


def test_a_plan_is_remembered_without_a_claim_and_an_apply_with_one(dev):
    memory.keep_first_plan(dev)
    assert kept(dev) == Settings(var_files=("/dev.tfvars",))

    memory.keep_claim(dev, CLAIM)
    assert kept(dev) == Settings(var_files=("/dev.tfvars",), claim=CLAIM, is_unfinished=True)
    assert memory.is_unfinished(dev)

    memory.keep_deployed(dev)
    assert kept(dev).claim == CLAIM
    assert kept(dev).deployed_at.endswith("+00:00")
    assert not memory.is_unfinished(dev)


def test_the_next_deploys_options_take_the_place_of_the_last_ones(dev):
    memory.keep_claim(dev, CLAIM)
    memory.keep_deployed(dev)
    deployed_at = kept(dev).deployed_at

    memory.keep_claim(replace(dev, given=Given()), CLAIM)

    assert kept(dev) == Settings(claim=CLAIM, deployed_at=deployed_at, is_unfinished=True)


def test_a_claim_that_another_deployment_holds_by_now_is_refused_and_not_written(dev, tmp_path):
    settings.write(tmp_path / "single-account" / "prod" / "settings.json", Settings(claim=CLAIM))

    with pytest.raises(RefusedError, match="--deployment prod"):
        memory.keep_claim(dev, CLAIM)
    assert kept(dev) is None


def test_nothing_stays_of_a_deployment_that_is_forgotten_and_others_stay(dev, tmp_path):
    memory.keep_first_plan(dev)
    other = tmp_path / "single-account" / "prod"
    other.mkdir()

    memory.forget(dev)
    memory.forget(dev)

    assert list((tmp_path / "single-account").iterdir()) == [other]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["single-account"]


def test_what_is_deployed_is_what_the_state_holds_whatever_outputs_say(dev):
    assert memory.is_deployed(dev, State({}, (Resource("aws_kms_key.this", "aws_kms_key"),)))
    assert not memory.is_deployed(dev, State({"region": {"value": "us-east-1"}}))
    assert not memory.is_deployed(dev, None)


def test_a_state_that_is_gone_is_not_taken_for_an_empty_one(dev):
    memory.keep_claim(dev, CLAIM)
    memory.keep_deployed(dev)

    with pytest.raises(LakeError, match="there is no state of it"):
        memory.is_deployed(dev, None)
    assert not memory.is_deployed(dev, State())


def test_a_destroy_that_was_cut_short_finds_the_outputs_that_terraform_has_removed(dev):
    raw = {"region": {"value": "us-east-1"}}

    assert memory.keep_outputs(dev, {}) == {}
    assert memory.keep_outputs(dev, raw) == raw
    assert memory.keep_outputs(dev, {}) == raw


def test_what_was_known_before_an_apply_fills_the_gaps_of_one_that_failed(dev):
    memory.keep_known(dev, {"region": {"value": "us-east-1"}, "bucket_name": {"value": "b"}})

    found = memory.keep_outputs(dev, {"region": {"value": "eu-west-1"}})

    assert found == {"region": {"value": "eu-west-1"}, "bucket_name": {"value": "b"}}
    assert memory.keep_outputs(dev, {}) == found
