"""Terraform is told where its provider lies only where it would not find it by itself."""

from __future__ import annotations

import stat

import pytest

from tools import paths
from tools.terraform import provider_mirror

VERSION = "5.100.0"


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """A mirror with the locked provider, the only one on this machine."""
    folder = tmp_path / "mirror"
    for version in provider_mirror.locked_versions(paths.ENVIRONMENTS):
        (folder / provider_mirror.PROVIDER / version / provider_mirror._platform()).mkdir(parents=True)
    monkeypatch.setattr(provider_mirror, "find_mirror", lambda _: folder)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    return folder


def test_a_mirror_is_named_to_init(mirror):
    merged = provider_mirror.plugin_environment({"PATH": "/bin"})
    assert merged == {"PATH": "/bin", "TF_CLI_ARGS_init": f"-plugin-dir={mirror}"}


def test_arguments_that_are_there_already_stay(mirror):
    merged = provider_mirror.plugin_environment({"TF_CLI_ARGS_init": "-upgrade=false"})
    assert merged["TF_CLI_ARGS_init"] == f"-upgrade=false -plugin-dir={mirror}"


def test_the_given_environment_is_not_changed(mirror):
    base = {"TF_CLI_CONFIG_FILE": "/no/such/file"}
    provider_mirror.plugin_environment(base)
    assert base == {"TF_CLI_CONFIG_FILE": "/no/such/file"}


def test_a_configuration_file_that_does_not_exist_is_left_out(mirror):
    assert "TF_CLI_CONFIG_FILE" not in provider_mirror.plugin_environment({"TF_CLI_CONFIG_FILE": "/no/such/file"})


def test_a_configuration_with_its_own_sources_wins(mirror, tmp_path):
    config = tmp_path / "terraform.rc"
    config.write_text("provider_installation {\n  direct {}\n}\n")
    base = {"TF_CLI_CONFIG_FILE": str(config)}
    assert provider_mirror.plugin_environment(base) == base


def test_a_configuration_without_sources_does_not_hide_the_mirror(mirror, tmp_path):
    config = tmp_path / "terraform.rc"
    config.write_text("disable_checkpoint = true\n")
    merged = provider_mirror.plugin_environment({"TF_CLI_CONFIG_FILE": str(config)})
    assert merged["TF_CLI_CONFIG_FILE"] == str(config)
    assert merged["TF_CLI_ARGS_init"] == f"-plugin-dir={mirror}"


def test_a_plugin_folder_of_the_users_wins(mirror):
    base = {"TF_CLI_ARGS_init": "-plugin-dir=/elsewhere"}
    assert provider_mirror.plugin_environment(base) == base


@pytest.mark.parametrize("place", ["home/.terraform.d/plugins", "data/terraform/plugins", "dirs/terraform/plugins"])
def test_nothing_is_added_where_terraform_looks_by_itself(mirror, tmp_path, place):
    (tmp_path / place / provider_mirror.PROVIDER).mkdir(parents=True)
    base = {"XDG_DATA_HOME": str(tmp_path / "data"), "XDG_DATA_DIRS": f"/nowhere:{tmp_path / 'dirs'}"}
    assert provider_mirror.plugin_environment(base) == base


def test_without_a_mirror_the_registry_is_asked(mirror, monkeypatch):
    monkeypatch.setattr(provider_mirror, "find_mirror", lambda _: None)
    assert provider_mirror.plugin_environment({"PATH": "/bin"}) == {"PATH": "/bin"}


def test_the_locked_version_is_read_from_the_lock_files():
    assert provider_mirror.locked_versions(paths.ENVIRONMENTS) == {VERSION}


def test_a_mirror_of_another_version_or_platform_is_passed_over(tmp_path):
    here = provider_mirror._platform()
    (tmp_path / provider_mirror.PROVIDER / "5.99.0" / here).mkdir(parents=True)
    (tmp_path / provider_mirror.PROVIDER / VERSION / "plan9_amd64").mkdir(parents=True)
    assert not provider_mirror.holds(tmp_path, frozenset({VERSION}))
    assert provider_mirror.search(str(tmp_path), VERSION) == []


@pytest.mark.parametrize("packed", [False, True])
def test_the_search_finds_unpacked_and_packed_mirrors(tmp_path, packed):
    folder = tmp_path / "deep" / "down" / "mirror"
    provider = folder / provider_mirror.PROVIDER
    if packed:
        provider.mkdir(parents=True)
        (provider / f"terraform-provider-aws_{VERSION}_{provider_mirror._platform()}.zip").touch()
    else:
        (provider / VERSION / provider_mirror._platform()).mkdir(parents=True)
    assert provider_mirror.search(str(tmp_path), VERSION) == [folder]
    assert provider_mirror.holds(folder, frozenset({VERSION}))


def test_the_search_passes_over_terraforms_own_folders(tmp_path):
    (tmp_path / ".terraform" / "providers" / provider_mirror.PROVIDER / VERSION / provider_mirror._platform()).mkdir(
        parents=True
    )
    assert provider_mirror.search(str(tmp_path), VERSION) == []


def test_a_search_that_takes_too_long_is_given_up(tmp_path, monkeypatch):
    slow = tmp_path / "find"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(slow.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(provider_mirror, "SEARCH_SECONDS", 0.05)
    assert provider_mirror.search("/", VERSION) == []
