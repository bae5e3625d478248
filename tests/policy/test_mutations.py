"""Each of these changes of our own configuration makes the scan fail, and the scan names the resource."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from tools import paths
from tools.policy import scanner

pytestmark = pytest.mark.xdist_group("policy")

MUTATIONS = yaml.safe_load((Path(__file__).parent / "mutations.yaml").read_text())


def batches(mutations):
    """Returns the mutations in batches that are scanned together: each changes a module that no other one changes.

    A finding is told by its folder, so that none can stand for another's. What changes more than a module is alone.
    """
    found = []
    for mutation in mutations:
        environment, folder = mutation.get("environment", "single-account"), folder_of(mutation["file"])
        fitting = (
            batch
            for scanned, batch in found
            if scanned == environment and folder not in batch and is_module(folder) and all(map(is_module, batch))
        )
        batch = next(fitting, None)
        if batch is None:
            batch = {}
            found.append((environment, batch))
        batch[folder] = mutation
    return found


def folder_of(file):
    return str(Path(file).parent)


def is_module(folder):
    return folder.startswith("modules/")


BATCHES = batches(MUTATIONS)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the configuration that may be changed."""
    root = tmp_path_factory.mktemp("mutations")
    for folder in (paths.ENVIRONMENTS, paths.MODULES):
        shutil.copytree(folder, root / folder.name, ignore=shutil.ignore_patterns(".terraform", "*.tfstate*", "tests"))
    return root


@pytest.fixture(scope="module")
def scanned(copy):
    """Returns the scan of the batch that a mutation is in, which runs once."""
    batch_of = {mutation["name"]: batch for _, batch in BATCHES for mutation in batch.values()}
    results = {}

    def scan(mutation):
        batch = batch_of[mutation["name"]]
        if id(batch) not in results:
            environment = mutation.get("environment", "single-account")
            with mutated(copy, batch.values()):
                results[id(batch)] = scanner.scan([copy / "envs" / environment], copy)
        return results[id(batch)]

    return scan


@contextmanager
def mutated(copy, mutations):
    whole = {}
    try:
        for mutation in mutations:
            file = copy / mutation["file"]
            whole[file] = file.read_text()
            assert mutation["old"] in whole[file], f"{mutation['name']}: this mutation changes nothing any more"
            file.write_text(whole[file].replace(mutation["old"], mutation["new"]))
        yield
    finally:
        for file, text in whole.items():
            file.write_text(text)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation["name"])
def test_a_mutation_is_found_and_its_resource_named(scanned, mutation):
    result = scanned(mutation)
    folder = folder_of(mutation["file"])

    assert not result.unreadable
    named = [each.resource for each in result.findings if not is_module(folder) or folder_of(each.file) == folder]
    assert any(mutation["resource"] in resource for resource in named), named


def test_mutations_that_are_scanned_together_change_modules_of_their_own():
    together = [list(batch) for _, batch in BATCHES]

    assert sum(map(len, together)) == len(MUTATIONS) == len({mutation["name"] for mutation in MUTATIONS})
    assert all(len(batch) == 1 or all(map(is_module, batch)) for batch in together)


def test_without_a_mutation_nothing_is_found(copy):
    result = scanner.scan([copy / "envs" / "single-account", copy / "envs" / "consumer"], copy)

    assert result.is_clean, [finding.text() for finding in result.findings]
