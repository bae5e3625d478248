from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tools import paths
from tools.deployments import configuration
from tools.deployments.environments import Environment
from tools.deployments.folders import DeploymentFolder


@pytest.fixture
def environment(tmp_path, monkeypatch):
    folder = tmp_path / "checkout" / "envs" / "lake"
    folder.mkdir(parents=True)
    for name in ("main.tf", ".terraform.lock.hcl", "terraform.tfvars", "terraform.tfstate", "backend_override.tf"):
        (folder / name).write_text(f"{name} of the default deployment")
    modules = tmp_path / "checkout" / "modules" / "bucket"
    modules.mkdir(parents=True)
    (modules / "main.tf").write_text("bucket")
    monkeypatch.setattr(paths, "MODULES", modules.parent)
    return Environment("lake", folder)


@pytest.fixture
def home(tmp_path):
    home = DeploymentFolder(tmp_path / "deployments" / "lake" / "prod")
    home.path.mkdir(parents=True)
    return home


def test_a_copy_holds_the_configuration_and_nothing_of_the_default_deployment(environment, home):
    configuration.refresh(environment, home)

    assert sorted(path.name for path in home.terraform_folder.iterdir()) == [".terraform.lock.hcl", "main.tf"]
    assert (home.configuration / "modules" / "bucket" / "main.tf").read_text() == "bucket"


def test_a_copy_holds_the_files_of_columns_that_there_are_now(environment, home):
    (environment.folder / "columns").mkdir()
    for name in ("orders.json", "gone.json"):
        (environment.folder / "columns" / name).write_text("{}")
    configuration.refresh(environment, home)
    (environment.folder / "columns" / "gone.json").unlink()

    configuration.refresh(environment, home)

    assert [path.name for path in (home.terraform_folder / "columns").iterdir()] == ["orders.json"]


def test_a_new_copy_follows_the_checkout_and_keeps_what_the_deployment_received(environment, home):
    configuration.refresh(environment, home)
    for name in ("consumer.auto.tfvars.json", "backend_override.tf"):
        (home.terraform_folder / name).write_text("its own")
    (environment.folder / "main.tf").rename(environment.folder / "other.tf")
    (home.path / "configuration-cut-short").mkdir()

    configuration.refresh(environment, home)

    assert sorted(path.name for path in home.terraform_folder.iterdir()) == [
        ".terraform.lock.hcl",
        "backend_override.tf",
        "consumer.auto.tfvars.json",
        "other.tf",
    ]
    assert (home.terraform_folder / "backend_override.tf").read_text() == "its own"
    assert [path.name for path in home.path.iterdir()] == ["configuration"]


class KilledError(BaseException):
    """The process is killed."""


@pytest.mark.parametrize("killed_at", range(8))
def test_what_the_deployment_received_survives_a_kill_at_every_step(environment, home, monkeypatch, killed_at):
    configuration.refresh(environment, home)
    (home.terraform_folder / "backend_override.tf").write_text("its own")
    steps = []

    def killable(step):
        def run(*arguments, **options):
            steps.append(step)
            if len(steps) > killed_at:
                raise KilledError
            return step(*arguments, **options)

        return run

    with monkeypatch.context() as patched:
        for module, name in ((shutil, "copytree"), (shutil, "rmtree"), (Path, "rename"), (shutil, "copy2")):
            patched.setattr(module, name, killable(getattr(module, name)))
        with pytest.raises(KilledError):
            configuration.refresh(environment, home)

    configuration.refresh(environment, home)
    assert (home.terraform_folder / "backend_override.tf").read_text() == "its own"
    assert [path.name for path in home.path.iterdir()] == ["configuration"]
