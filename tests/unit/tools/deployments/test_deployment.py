from __future__ import annotations

from types import SimpleNamespace

import pytest

from tools.deployments import environments
from tools.deployments.deployment import Deployment
from tools.deployments.folders import DeploymentFolder
from tools.errors import LakeError
from tools.terraform import lock_file


def deployment(root, name="prod", *, is_local=False):
    environment = environments.find("consumer")
    home = DeploymentFolder(root / "consumer" / name)
    return Deployment(environment, home, home.terraform_folder, home.data_folder, {}, is_local=is_local)


def test_commands_for_a_deployment_name_it(tmp_path):
    assert deployment(tmp_path).command("verify") == "python -m tools.verify consumer --deployment prod"
    local = deployment(tmp_path, "default", is_local=True)
    assert local.command("destroy") == "python -m tools.destroy consumer --local"


def test_the_command_that_shows_a_plan_names_terraforms_data_folder(tmp_path):
    place = deployment(tmp_path / "a folder")

    command = place.show_command(place.data_folder / "lake.tfplan")

    assert command.startswith(f"TF_DATA_DIR='{place.data_folder}' terraform '-chdir={place.folder}' show '")
    assert command.endswith("lake.tfplan'")


def test_a_deployment_that_does_not_exist_is_named_and_nothing_is_made_for_it(tmp_path):
    with pytest.raises(LakeError, match=r"consumer --deployment prod is not deployed here.*deploy --list"):
        deployment(tmp_path).outputs()

    assert list(tmp_path.iterdir()) == []


def test_a_deployment_whose_first_deploy_is_at_work_is_not_called_not_deployed(tmp_path, monkeypatch):
    terraform = SimpleNamespace(init=lambda _: None, pull_state=str)
    monkeypatch.setattr(Deployment, "terraform", lambda _self: terraform)
    prod = deployment(tmp_path)

    with prod.lock(), pytest.raises(LakeError, match="another command is at work on consumer --deployment prod"):
        prod.outputs()
    with pytest.raises(LakeError, match="is not deployed here"):
        prod.outputs()


def test_one_command_at_a_time_works_on_a_deployment_and_others_do_not_wait(tmp_path):
    prod, dev = deployment(tmp_path), deployment(tmp_path, "dev")

    at_work = pytest.raises(LakeError, match="at work on consumer --deployment prod")
    with prod.lock(), dev.lock(), at_work, prod.lock():
        pass
    with prod.lock():
        pass


def test_the_configuration_is_copied_under_the_lock_alone(tmp_path):
    prod = deployment(tmp_path)
    with prod.lock():
        (prod.folder / "in-use.tf").touch()
        with pytest.raises(LakeError), prod.lock():
            pass
        assert (prod.folder / "in-use.tf").is_file()


@pytest.mark.parametrize("is_local", [True, False])
def test_the_checksums_of_the_provider_are_compared_once_on_local_aws_and_with_each_command_elsewhere(
    tmp_path, is_local
):
    seen = []
    prod = deployment(tmp_path, is_local=is_local)
    look = lambda: seen.append("hashes" in (prod.folder / lock_file.NAME).read_text()) or ""  # noqa: E731
    terraform = SimpleNamespace(init=lambda _: look(), pull_state=look)

    for _ in range(2):
        with prod.lock():
            prod.open(terraform)

    assert seen == [True, not is_local, True, not is_local]
