"""A state is opened with one command of Terraform where that was done before, and rightly everywhere else."""

from __future__ import annotations

import os

import pytest

from tools.deployments import environments
from tools.deployments.deployment import Deployment
from tools.deployments.folders import DeploymentFolder
from tools.errors import LakeError
from tools.terraform import backend
from tools.terraform.runner import Terraform, Variables

BACKEND = 'terraform {\n  backend "local" {}\n}\n'
CONFIGURATION = """
output "account_id" {
  value = "111111111111"
}
output "region" {
  value = "eu-west-1"
}
"""


@pytest.fixture
def deployed(tmp_path):
    """A deployment without a resource, in whose state are outputs."""
    folder = tmp_path / "configuration"
    folder.mkdir()
    (folder / "main.tf").write_text(CONFIGURATION)
    (folder / "backend.tf").write_text(BACKEND)
    (folder / ".terraform.lock.hcl").touch()
    home = DeploymentFolder(tmp_path / "single-account" / "default")
    home.path.mkdir(parents=True)
    environment = {"PATH": os.environ["PATH"], "TF_CLI_CONFIG_FILE": os.devnull}
    deployment = Deployment(environments.find("single-account"), home, folder, home.data_folder, environment)
    terraform = deployment.terraform()
    deployment.open(terraform)
    terraform.plan(Variables())
    terraform.apply()
    return deployment


@pytest.fixture
def commands(monkeypatch):
    """The commands of Terraform that run from now on."""
    found = []
    made = Terraform._argv
    monkeypatch.setattr(
        Terraform,
        "_argv",
        lambda self, command, *given, **options: found.append(command) or made(self, command, *given, **options),
    )
    return found


def test_a_state_that_was_opened_before_is_read_at_once(deployed, commands):
    assert deployed.outputs().region == "eu-west-1"
    assert commands == ["version", "state"]


def test_where_terraforms_folder_is_gone_the_state_is_opened_again(deployed, commands):
    (deployed.data_folder / "terraform.tfstate").unlink()

    assert deployed.outputs().region == "eu-west-1"
    assert commands == ["version", "init", "state"]


def test_a_state_in_another_place_than_the_last_is_not_taken_for_nothing(deployed, tmp_path, commands):
    moved = tmp_path / "moved"
    deployed.home.path.parent.rename(moved)
    home = DeploymentFolder(moved / "default")
    place = Deployment(deployed.environment, home, deployed.folder, home.data_folder, deployed.environment_variables)

    with pytest.raises(LakeError, match="lies in another backend"):
        place.outputs()
    assert commands == ["version", "init"]


def test_a_configuration_that_names_another_backend_since_then_is_told_by_init(deployed, commands):
    (deployed.folder / backend.OVERRIDE).write_text(BACKEND.replace("{}", '{\n    path = "elsewhere"\n  }'))

    with pytest.raises(LakeError, match="lies in another backend"):
        deployed.outputs()
    assert commands == ["version", "state", "init"]


def opened_with(deployment, commands):
    """Returns the commands that opening takes."""
    commands.clear()
    deployment.open(deployment.terraform())
    return commands[1:]


def test_what_init_read_before_is_not_initialised_again(deployed, commands):
    assert opened_with(deployed, commands) == ["state"]

    (deployed.folder / "part").mkdir()
    (deployed.folder / "part" / "main.tf").write_text('output "part" {\n  value = 1\n}\n')
    (deployed.folder / "more.tf").write_text('module "part" {\n  source = "./part"\n}\n')
    assert opened_with(deployed, commands) == ["init", "state"]
    assert opened_with(deployed, commands) == ["state"]

    # In a module, which only the last init knows of.
    (deployed.folder / "part" / "more.tf").write_text('output "more" {\n  value = 2\n}\n')
    assert opened_with(deployed, commands) == ["init", "state"]


def test_a_provider_that_is_gone_is_installed_again(deployed, commands):
    provider = deployed.data_folder / "providers" / "example.com" / "hashicorp" / "aws" / "1.0.0" / "linux_amd64"
    provider.parent.mkdir(parents=True)
    provider.symlink_to(deployed.folder)
    deployed.open(deployed.terraform())
    assert opened_with(deployed, commands) == ["state"]

    provider.unlink()
    provider.symlink_to(deployed.folder / "gone")
    assert opened_with(deployed, commands) == ["init", "state"]
