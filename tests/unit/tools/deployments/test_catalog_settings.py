from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from tools.deployments import catalog_settings, settings
from tools.deployments.catalog_settings import CatalogSettings
from tools.deployments.settings import Settings
from tools.errors import UsageError

ENVIRONMENT = Path("/checkout/envs/single-account")


@pytest.fixture
def deployment(tmp_path, monkeypatch):
    monkeypatch.delenv("TF_VAR_columns_directory", raising=False)
    return SimpleNamespace(
        environment=SimpleNamespace(folder=ENVIRONMENT),
        folder=tmp_path / "copy",
        home=SimpleNamespace(settings_file=tmp_path / "settings.json"),
        is_local=False,
        label="single-account",
    )


def remember(deployment, text, **kept):
    file = deployment.home.settings_file.with_name("prod.tfvars")
    file.write_text(text)
    settings.write(deployment.home.settings_file, Settings((str(file),), **kept))


def test_columns_are_declared_beside_the_environment_where_nothing_else_is_said(deployment):
    assert catalog_settings.of_deployment(deployment) == CatalogSettings(ENVIRONMENT / "columns")


def test_the_variables_of_the_last_deploy_count(deployment):
    remember(
        deployment,
        'columns_directory = "/lake/columns"\n'
        'catalog = { serde = "openx" }\ntransform = { path_separator = "_", list_format = "array" }\n',
    )

    found = catalog_settings.of_deployment(deployment)

    assert found == CatalogSettings(Path("/lake/columns"), "openx", "_", "array")


def test_a_relative_folder_starts_where_terraform_runs(deployment):
    remember(deployment, 'columns_directory = "mine"\n')

    assert catalog_settings.of_deployment(deployment).folder == deployment.folder / "mine"


def test_an_exported_variable_counts_in_an_account_and_not_on_local_aws(deployment, monkeypatch):
    monkeypatch.setenv("TF_VAR_columns_directory", "/exported")
    assert catalog_settings.of_deployment(deployment).folder == Path("/exported")

    deployment.is_local = True
    assert catalog_settings.of_deployment(deployment).folder == ENVIRONMENT / "columns"


def test_a_folder_that_was_given_on_the_command_line_then_has_to_be_given_now(deployment):
    remember(deployment, "", var_names=("columns_directory",))

    with pytest.raises(UsageError, match="--columns FOLDER"):
        catalog_settings.of_deployment(deployment)
    assert catalog_settings.of_deployment(deployment, Path("/given")).folder == Path("/given")
