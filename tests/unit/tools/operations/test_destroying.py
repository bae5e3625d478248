from __future__ import annotations

from types import SimpleNamespace

import pytest

from tools.deployments import environments, settings
from tools.deployments.deployment import Deployment
from tools.deployments.folders import DeploymentFolder
from tools.deployments.outputs import Outputs, Table
from tools.deployments.settings import Claim, Settings
from tools.errors import LakeError
from tools.operations import destroying
from tools.operations.destroying import DestroyRequest

A = "111111111111"


@pytest.fixture
def dev(tmp_path, monkeypatch):
    """A deployment whose Terraform has no outputs."""
    terraform = SimpleNamespace(output=dict, init=lambda _backend: None)
    monkeypatch.setattr(Deployment, "terraform", lambda _self: terraform)
    home = DeploymentFolder(tmp_path / "single-account" / "dev")
    return Deployment(environments.find("single-account"), home, home.terraform_folder, home.data_folder, {})


def test_what_would_go_is_named_with_its_account_region_and_tables(dev):
    table = Table("s", "arn:role", "data/", "errors/")
    outputs = Outputs("eu-west-1", A, tables={"orders": table, "events": table})

    said = destroying.describe(dev, outputs)

    named = f"(deployment dev in account {A}, eu-west-1; tables: events, orders)"
    assert said == f"single-account --deployment dev {named}"


def test_destroying_what_was_never_deployed_gives_its_tables_free(dev):
    settings.write(dev.home.settings_file, Settings(claim=Claim(A, "us-east-1", "n", ("t",))))

    with pytest.raises(LakeError, match="not deployed here"):
        destroying.destroy(dev, DestroyRequest(purge_bucket=False, yes=True))
    assert not dev.home.path.exists()


def test_a_deployment_whose_state_is_empty_though_it_was_deployed_is_not_forgotten(dev):
    kept = Settings(claim=Claim(A, "us-east-1", "n", ("t",)), deployed_at="2026-01-01T00:00:00+00:00")
    settings.write(dev.home.settings_file, kept)

    with pytest.raises(LakeError, match="not deployed here"):
        destroying.destroy(dev, DestroyRequest(purge_bucket=False, yes=True))
    assert settings.read(dev.home.settings_file) == kept


def test_a_half_of_which_a_cut_short_destroy_left_something_is_seen(dev):
    dev.home.path.mkdir(parents=True)
    dev.home.outputs_file.write_text(f'{{"region": {{"value": "us-east-1"}}, "account_id": {{"value": "{A}"}}}}')

    assert destroying.read_outputs(dev) == Outputs("us-east-1", A)


def test_nothing_is_made_for_a_deployment_that_does_not_exist(dev, tmp_path):
    assert destroying.read_outputs(dev) is None
    with pytest.raises(LakeError, match="not deployed here"):
        destroying.destroy(dev, DestroyRequest(purge_bucket=False, yes=True))
    assert list(tmp_path.iterdir()) == []


def test_a_destroy_needs_no_key_of_hashes(dev, monkeypatch):
    """Terraform wants one wherever rules hash, and gives it to nothing that is removed."""
    seen = []

    def plan(variables, **_):
        seen.append(variables.secrets)
        raise LakeError("planned")

    outputs = {"region": {"value": "us-east-1"}, "account_id": {"value": A}}
    terraform = SimpleNamespace(output=lambda: outputs, init=lambda _backend: None, plan=plan)
    monkeypatch.setattr(Deployment, "terraform", lambda _self: terraform)
    dev.home.path.mkdir(parents=True)

    with pytest.raises(LakeError, match="planned"):
        destroying.destroy(dev, DestroyRequest(purge_bucket=False, yes=True))
    assert [set(secrets) for secrets in seen] == [{"mask_key"}]
