"""What Terraform is told in secret is on no command line, and what it writes is for this user alone."""

from __future__ import annotations

import os
import stat

import pytest

from tests.unit.tools.deployments.test_mask_key import KEY
from tools.deployments import environments
from tools.deployments.deployment import Deployment
from tools.deployments.folders import DeploymentFolder
from tools.errors import UsageError
from tools.terraform.runner import Terraform, Variables

CONFIGURATION = """
variable "mask_key" {
  type      = string
  sensitive = true
}
variable "size" {
  type = number
}
resource "terraform_data" "this" {
  input = { MASK_KEY = var.mask_key, size = var.size }
}
"""


@pytest.fixture
def deployment(tmp_path):
    """A deployment of a configuration without a provider, in a place whose files everybody may read."""
    before = os.umask(0o022)
    folder = tmp_path / "configuration"
    folder.mkdir()
    (folder / "main.tf").write_text(CONFIGURATION + 'terraform {\n  backend "local" {}\n}\n')
    (folder / ".terraform.lock.hcl").touch()
    home = DeploymentFolder(tmp_path / "single-account" / "default")
    home.path.mkdir(parents=True)
    environment = {"PATH": os.environ["PATH"], "TF_CLI_CONFIG_FILE": os.devnull}
    yield Deployment(environments.find("single-account"), home, folder, home.data_folder, environment)
    os.umask(before)


def readable(folder, value):
    """Returns the files under a folder that hold a text, those that others than their owner may read first."""
    found = [file for file in folder.rglob("*") if file.is_file() and value.encode() in file.read_bytes()]
    return [file.name for file in found if stat.S_IMODE(file.stat().st_mode) & 0o077], [file.name for file in found]


def test_states_backups_and_plans_are_for_their_owner_alone_and_commands_hold_no_secret(
    deployment, tmp_path, monkeypatch
):
    calls = []
    made = Terraform._argv
    monkeypatch.setattr(
        Terraform, "_argv", lambda *given, **options: calls.append(made(*given, **options)) or calls[-1]
    )
    terraform = deployment.terraform()
    deployment.open(terraform)
    for size in ("1", "2"):
        assert terraform.plan(Variables(pairs=(f"size={size}",), secrets={"mask_key": KEY}))
        assert stat.S_IMODE(terraform.plan_file.stat().st_mode) == 0o600
        assert terraform.show()["variables"]["mask_key"]["value"] == KEY
        terraform.apply()

    open_to_others, holding = readable(tmp_path, KEY)
    assert (open_to_others, sorted(holding)) == ([], ["terraform.tfstate", "terraform.tfstate.backup"])
    assert KEY not in str(calls)


def test_a_state_that_others_could_read_is_closed_to_them(deployment):
    for name in ("terraform.tfstate", "terraform.tfstate.backup"):
        (deployment.home.path / name).write_text('{"version": 4}')
        (deployment.home.path / name).chmod(0o644)
    deployment.open(deployment.terraform())

    assert {stat.S_IMODE(file.stat().st_mode) for file in deployment.home.path.glob("*.tfstate*")} == {0o600}


def test_a_value_of_the_users_own_wins_over_the_secret(deployment, tmp_path):
    (tmp_path / "own.tfvars").write_text('mask_key = "own"\n')
    terraform = deployment.terraform()
    deployment.open(terraform)
    terraform.plan(Variables((tmp_path / "own.tfvars",), ("size=1",), secrets={"mask_key": KEY}))

    assert terraform.show()["variables"]["mask_key"]["value"] == "own"


def test_variables_do_not_show_their_secrets():
    assert KEY not in repr(Variables(secrets={"mask_key": KEY}))


def test_an_error_about_other_values_shows_no_secret(deployment, capsys):
    terraform = deployment.terraform()
    deployment.open(terraform)
    with pytest.raises(UsageError) as refusal:
        terraform.plan(Variables(pairs=("size=x",), secrets={"mask_key": KEY}))

    said = capsys.readouterr()
    assert KEY not in f"{refusal.value}{said.out}{said.err}"
