"""Each module keeps its own promises, and its README says how to call it."""

from __future__ import annotations

import re
import shutil

import pytest

from tools import paths
from tools.deployments import environments

NAMES = sorted(folder.name for folder in paths.MODULES.iterdir() if (folder / "main.tf").is_file())
ROOTS = [paths.MODULES / name for name in NAMES] + [paths.ENVIRONMENTS / name for name in environments.names()]


@pytest.fixture(scope="module")
def outcomes(sandbox):
    """Module -> outcome of `terraform test` on its own tests."""
    tested = [name for name in NAMES if list((paths.MODULES / name / "tests").glob("*.tftest.hcl"))]
    return {name: sandbox.run(sandbox.folder(f"modules/{name}"), "test", "-no-color") for name in tested}


@pytest.mark.parametrize("name", NAMES)
def test_the_modules_own_tests_pass(outcomes, name):
    done = outcomes[name]
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"Success! [1-9]\d* passed, 0 failed", done.stdout)


def blocks(readme):
    return re.findall(r"```hcl\n(.*?)```", readme.read_text(), re.DOTALL)


def test_the_usage_in_every_readme_is_valid(sandbox):
    folder = sandbox.root / "envs" / "readme"
    folder.mkdir()
    shutil.copy2(paths.ENVIRONMENTS / "single-account" / "versions.tf", folder)
    (folder / "provider.tf").write_text('provider "aws" {\n  alias = "replica"\n}\n')
    for name in NAMES:
        (usage,) = blocks(paths.MODULES / name / "README.md")
        assert re.search(rf'source\s+= "../../modules/{name}"', usage)
        (folder / f"{name}.tf").write_text(usage)
    done = sandbox.run(sandbox.folder("envs/readme"), "validate", "-no-color")
    assert done.returncode == 0, done.stdout + done.stderr


def declared(root, kind):
    text = "".join(file.read_text() for file in sorted(root.glob("*.tf")))
    return set(re.findall(rf'^{kind} "([^"]+)"', text, re.MULTILINE))


def documented(root, heading):
    """Returns the names in the first column of the table under a heading."""
    section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", (root / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    return set(re.findall(r"^\| `([^`]+)`", section.group(1), re.MULTILINE)) if section else set()


@pytest.mark.parametrize("root", ROOTS, ids=lambda root: root.name)
def test_the_readme_names_exactly_the_variables_and_outputs_that_exist(root):
    assert documented(root, "Inputs") == declared(root, "variable")
    assert documented(root, "Outputs") == declared(root, "output")


@pytest.mark.parametrize("root", ROOTS, ids=lambda root: root.name)
def test_every_variable_and_output_is_described(root):
    for file in (*root.glob("variables*.tf"), root / "outputs.tf"):
        for kind, name, body in re.findall(
            r'^(variable|output) "(\w+)" \{\n(.*?)^\}', file.read_text(), re.DOTALL | re.MULTILINE
        ):
            assert re.search(r'^  description\s+= "[A-Z`].{10,}"$', body, re.MULTILINE), f"{root.name}: {kind} {name}"
            if kind == "variable":
                assert re.search(r"^  type\s+= ", body, re.MULTILINE), f"{root.name}: {name} has no type"


def test_only_the_pipeline_and_the_replica_call_siblings():
    for name in set(NAMES) - {"pipeline", "replica"}:
        text = "".join(file.read_text() for file in (paths.MODULES / name).glob("*.tf"))
        assert not re.search(r'^module "', text, re.MULTILINE), name
