from __future__ import annotations

import pytest

from tools.deployments import folders
from tools.deployments.folders import DeploymentFolder
from tools.errors import UsageError


@pytest.mark.parametrize("name", ["", "a b", "../dev", ".hidden", "a/b", "é", "x" * 65])
def test_a_name_that_is_no_folder_of_its_own_is_a_usage_error(name):
    with pytest.raises(UsageError, match="letters, digits, - and _"):
        folders.check_name(name)


def test_letters_digits_hyphen_and_underscore_make_a_name():
    assert folders.check_name("Prod-eu_2") == "Prod-eu_2"


def test_only_a_deployment_that_is_not_the_default_is_named_in_commands(tmp_path):
    default, prod = (DeploymentFolder(tmp_path / "single-account" / name) for name in ("default", "prod"))

    assert default.label(local=False) == "single-account"
    assert default.label(local=True) == "single-account --local"
    assert prod.label(local=False) == "single-account --deployment prod"
    assert prod.label(local=True) == "single-account --local --deployment prod"


def test_existing_deployments_are_found_without_what_is_being_removed(tmp_path):
    for path in ("single-account/prod", "consumer/default", ".removed-x/dev"):
        (tmp_path / path).mkdir(parents=True)
    (tmp_path / "claims.lock").touch()

    found = [(folder.environment_name, folder.name) for folder in folders.existing(tmp_path)]

    assert found == [("consumer", "default"), ("single-account", "prod")]
    assert folders.existing(tmp_path / "absent") == []
