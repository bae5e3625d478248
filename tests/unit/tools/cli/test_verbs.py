from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib

import pytest
from click.testing import CliRunner

from tests.unit.tools.plan_review import plans
from tools import paths
from tools.cli import verbs

SOURCES = {file.stem: file for file in (paths.REPOSITORY / "tools").glob("*.py") if file.name != "__main__.py"}
VERBS = sorted(name for name, file in SOURCES.items() if f'command.run(main, "{name}")' in file.read_text())


def run(*arguments, cwd=paths.REPOSITORY):
    return subprocess.run(
        [sys.executable, "-m", "tools", *arguments], capture_output=True, text=True, check=False, cwd=cwd
    )


def test_every_verb_is_listed_with_the_first_sentence_of_its_own_help():
    listed = " ".join(CliRunner().invoke(verbs.main, []).output.partition("Verbs:")[2].split())
    context = verbs.main.make_context("python -m tools", ["--help"], resilient_parsing=True)
    assert verbs.main.list_commands(context) == VERBS
    assert {"build", "deploy", "destroy", "local", "review", "scan", "verify"} <= set(VERBS)
    for name in VERBS:
        sentence = verbs.main.get_command(context, name).help.partition(". ")[0].partition(".\n")[0].rstrip(".")
        assert f"{name} {' '.join(sentence.split())}" in listed


def test_the_version_is_the_projects():
    project = tomllib.loads((paths.REPOSITORY / "pyproject.toml").read_text())["project"]
    assert CliRunner().invoke(verbs.main, ["--version"]).output == f"dynamo-to-lake {project['version']}\n"


def test_a_verb_ends_with_its_own_exit_code(tmp_path):
    loss = plans.change("aws_dynamodb_table.orders", "aws_dynamodb_table", ["delete"], before={"name": "orders"})
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({"format_version": "1.2", "resource_changes": [loss]}))
    alone = subprocess.run(
        [sys.executable, "-m", "tools.review", plan], capture_output=True, text=True, check=False, cwd=paths.REPOSITORY
    )
    under_one_command = run("review", str(plan))
    assert alone.returncode == 3
    assert (under_one_command.returncode, under_one_command.stderr) == (3, alone.stderr)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["nothing"], "python -m tools --help"),
        (["deploy"], "python -m tools deploy --help"),
        (["local", "up", "--nothing"], "python -m tools local up --help"),
        (["paths"], "python -m tools --help"),
        (["localaws"], "python -m tools --help"),
    ],
)
def test_a_wrong_call_is_one_line_that_names_the_help_to_read(arguments, hint):
    result = run(*arguments)
    assert result.returncode == 2
    assert result.stdout == ""
    assert re.fullmatch(rf"error: .*See: {re.escape(hint)}\n", result.stderr)


def test_a_verb_that_is_named_is_the_only_one_that_is_loaded():
    code = (
        "import json, sys\nfrom tools.cli import verbs\nsys.argv = ['dynamo-to-lake', 'review', '--help']\n"
        "try:\n    verbs.run()\nfinally:\n    print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=paths.REPOSITORY
    )
    loaded = json.loads(done.stderr)
    assert "Usage: dynamo-to-lake review" in done.stdout
    assert [name for name in VERBS if f"tools.{name}" in loaded] == ["review"]
    assert not [name for name in loaded if name.startswith("tools.localaws")]


def test_a_copy_of_the_modules_alone_says_that_it_needs_a_checkout(tmp_path):
    shutil.copytree(paths.REPOSITORY / "tools", tmp_path / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    result = run("deploy", "single-account", cwd=tmp_path)
    assert result.returncode == 1
    assert re.fullmatch(r"error: dynamo-to-lake runs from a checkout, .*\n", result.stderr)
