"""What is installed for running is what running imports, pinned by hash, and testing only adds to it."""

from __future__ import annotations

import ast
import functools
import re
import sys
from importlib import metadata

import pytest

from tools import paths
from tools.artifact import compiler
from tools.localaws import installation

_PINNED = re.compile(r"^([a-z0-9._-]+)==(\S+)", re.MULTILINE)
_OF_ANOTHER_ENVIRONMENT = paths.REPOSITORY / "tools" / "localaws" / "emulator"
LOCKS = sorted(paths.REQUIREMENTS.glob("*.txt"))


def pinned(name):
    return dict(_PINNED.findall((paths.REQUIREMENTS / f"{name}.txt").read_text()))


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def nodes_that_run(node):
    """Yields a node of a module and all below it but what only the type checker reads."""
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from nodes_that_run(child)


def imported_packages():
    """Returns the packages that the modules of `tools` outside of the emulator import when they run."""
    found = set()
    for file in (paths.REPOSITORY / "tools").rglob("*.py"):
        if _OF_ANOTHER_ENVIRONMENT in file.parents:
            continue
        for node in nodes_that_run(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - {"tools", "lake_transform"}


@functools.cache
def distributions():
    """Returns the names of the distributions that each importable package comes from."""
    return metadata.packages_distributions()


@pytest.mark.parametrize("package", sorted(imported_packages()))
def test_what_the_tools_import_is_installed_for_running(package):
    (distribution, *_) = distributions()[package]

    assert canonical(distribution) in pinned("tools")


def test_testing_adds_to_what_running_needs_and_changes_nothing_of_it():
    running, testing = pinned("tools"), pinned("dev")

    assert running.items() < testing.items()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda file: file.name)
def test_every_package_is_pinned_with_a_hash(lock):
    entries = re.split(r"(?m)^(?=[a-z0-9])", lock.read_text())[1:]

    assert entries
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_only_native_code_needs_the_compiler():
    assert pinned("compiler").keys() == {"ziglang"}
    assert compiler.ENVIRONMENT.requirements == paths.REQUIREMENTS / "compiler.txt"
    assert [lock.name for lock in LOCKS if "ziglang" in pinned(lock.stem)] == ["compiler.txt"]


def test_the_emulator_has_an_environment_of_its_own():
    assert installation.EMULATOR.requirements == paths.REQUIREMENTS / "localaws.txt"
    assert "ministack" in pinned("localaws")
