from __future__ import annotations

import ast
import json
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter

import pytest

from tools import paths

TOOLS = paths.REPOSITORY / "tools"
LAYERS = (
    ("errors", "paths", "files", "locking", "cli"),
    ("iam", "terraform", "artifact", "deployments"),
    ("lake", "plan_review", "policy", "sizing"),
    ("operations",),
)
"""Rooms of `tools`, from the ground up: a room imports from its own layer and those before it only."""
VERBS = sorted(file.stem for file in TOOLS.glob("*.py") if "click.command" in file.read_text() and file.stem != "local")


def module_of(file):
    return ".".join(file.relative_to(paths.REPOSITORY).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(file): file for file in TOOLS.rglob("*.py")}


def imports(file):
    """Yields the modules of `tools` that a file imports, in functions and for the type checker too."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in MODULES else node.module for name in names if node.module.startswith("tools"))
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)


GRAPH = {module: set(imports(file)) - {module} for module, file in MODULES.items()}


def room_of(module):
    return module.split(".")[1] if "." in module else ""


def test_no_modules_import_each_other_in_a_circle():
    try:
        TopologicalSorter(GRAPH).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_rooms_import_only_from_rooms_on_their_own_level_or_below():
    level = {room: number for number, rooms in enumerate(LAYERS) for room in rooms}
    wrong = [
        f"{module} imports {other}"
        for module, others in GRAPH.items()
        for other in others
        if room_of(module) in level and level.get(room_of(other), -1) > level[room_of(module)]
    ]
    assert not wrong


def test_only_local_aws_itself_and_the_choice_of_a_deployment_know_local_aws():
    wrong = [
        f"{module} imports {other}"
        for module, others in GRAPH.items()
        for other in others
        if room_of(other) == "localaws" and room_of(module) not in ("localaws", "local")
    ]
    assert sorted({each.partition(" ")[0] for each in wrong}) == ["tools.deployments.choose"]


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_loads_nothing_of_local_aws_on_the_way_to_an_account(verb):
    code = f"import json, sys, tools.{verb}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=paths.REPOSITORY
    )
    loaded = json.loads(done.stdout)
    assert not [name for name in loaded if name.startswith(("tools.localaws", "psutil"))]
