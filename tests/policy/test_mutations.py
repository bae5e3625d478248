"""Each of these changes of our own configuration makes the scan fail, and the scan names the resource."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from tools import paths
from tools.policy import scanner

pytestmark = pytest.mark.xdist_group("policy")

MUTATIONS = yaml.safe_load((Path(__file__).parent / "mutations.yaml").read_text())


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the configuration that may be changed."""
    root = tmp_path_factory.mktemp("mutations")
    for folder in (paths.ENVIRONMENTS, paths.MODULES):
        shutil.copytree(folder, root / folder.name, ignore=shutil.ignore_patterns(".terraform", "*.tfstate*", "tests"))
    return root


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation["name"])
def test_a_mutation_is_found_and_its_resource_named(copy, mutation):
    file = copy / mutation["file"]
    whole = file.read_text()
    assert whole.count(mutation["old"]) >= 1, "this mutation changes nothing any more"
    file.write_text(whole.replace(mutation["old"], mutation["new"]))
    try:
        result = scanner.scan([copy / "envs" / mutation.get("environment", "single-account")], copy)
    finally:
        file.write_text(whole)

    named = [finding.resource for finding in result.findings]
    assert any(mutation["resource"] in resource for resource in named), (named, result.unreadable)


def test_without_a_mutation_nothing_is_found(copy):
    result = scanner.scan([copy / "envs" / "single-account", copy / "envs" / "consumer"], copy)

    assert result.is_clean, [finding.text() for finding in result.findings]
