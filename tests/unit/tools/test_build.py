"""A build for an environment makes the package that Terraform needs there with the same variables."""

from __future__ import annotations

import json

import pytest

from tools import build, paths
from tools.artifact import archive, glue
from tools.artifact.target import LOCAL, lambda_target
from tools.cli import command
from tools.errors import EXIT_DONE, EXIT_USAGE

FILE = """
tables = {
  orders = { before = true, rules = { email = { as = "hash" } } }
}
transform = { runtime = "python3.12", architecture = "x86_64", hook = "masking:mask", hook_source = "masking.py" }
"""


@pytest.fixture
def built(monkeypatch, tmp_path):
    """Stands in for the build, and keeps what was asked of it."""
    seen = []

    def fake(target, folder=paths.BUILD, hook=None, *, native=None, settings=None, through_bucket=False):
        seen.append((target, folder, hook and hook.reference, native, settings))
        return archive.Artifact(tmp_path / "x.zip", 1, "", has_native_code=True, table_settings=settings)

    monkeypatch.setattr(archive, "build", fake)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lake.tfvars").write_text(FILE)
    (tmp_path / "masking.py").write_text("def mask(row, change):\n    return row\n")
    return seen


def run(monkeypatch, *words):
    monkeypatch.setattr("sys.argv", ["build", *words])
    with pytest.raises(SystemExit) as ended:
        command.run(build.main, "build")
    return ended.value.code


@pytest.mark.parametrize("env", ["single-account", "producer"])
def test_the_variables_of_an_environment_decide_what_is_built(monkeypatch, built, capsys, env):
    code = run(monkeypatch, env, "--var-file", "lake.tfvars", "--var", "log_retention_days=30", "--without-native")

    settings = b'{"orders":{"before":true,"rules":{"email":"hash"}}}'
    assert built == [(lambda_target("python3.12", "x86_64"), paths.BUILD, "masking:mask", False, settings)]
    assert code == EXIT_DONE
    assert "  tables  orders\n" in capsys.readouterr().out


def test_an_environment_is_built_for_this_machine_when_asked_for(monkeypatch, built):
    run(monkeypatch, "single-account", "--local", "--var", 'tables={orders={rules={email={as="drop"}}}}')

    assert built == [(LOCAL, paths.BUILD, None, None, b'{"orders":{"rules":{"email":"drop"}}}')]


def test_without_an_environment_nothing_of_a_table_is_packaged(monkeypatch, built, capsys):
    code = run(monkeypatch, "--json")

    assert built == [(lambda_target("python3.13", "arm64"), paths.BUILD, None, None, None)]
    assert (code, json.loads(capsys.readouterr().out)["size"]) == (EXIT_DONE, 1)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["consumer"], "consumer has no function; build for single-account or producer"),
        (["--var-file", "lake.tfvars"], "name it: python -m tools.build ENV"),
        (["single-account", "--runtime", "python3.12"], "stand in the variable transform of ENV"),
        (["single-account", "--hook", "masking.py"], "stand in the variable transform of ENV"),
        (["single-account", "--var", "tables"], "is not of the form NAME=VALUE"),
        (
            ["single-account", "--var", 'tables={orders={rules={email={as="mask"}}}}'],
            "tables.orders.rules.email.as (--var): use one of json, text, hash, drop",
        ),
        (
            ["producer", "--var", 'tables={orders={rules={id={as="drop"}}}}'],
            "tables.orders.rules.id (--var): this attribute is the table's key, which cannot be dropped",
        ),
        (["elsewhere"], "elsewhere"),
        (["--for", "glue", "--without-native"], "--for glue: the job has one Python and processor"),
        (["--for", "glue", "--var-file", "lake.tfvars"], "name it: python -m tools.build ENV"),
        (["single-account", "--for", "glue", "--hook", "masking.py"], "stand in the variable transform of ENV"),
        (["consumer", "--for", "glue"], "consumer has no function; build for single-account or producer"),
    ],
)
def test_what_cannot_be_built_is_refused_in_one_line(monkeypatch, built, capsys, words, says):
    assert run(monkeypatch, *words) == EXIT_USAGE

    (line,) = capsys.readouterr().err.splitlines()
    assert says in line
    assert built == []


@pytest.mark.parametrize(
    ("words", "settings"),
    [
        (("single-account", "--var-file", "lake.tfvars"), b'{"orders":{"before":true,"rules":{"email":"hash"}}}'),
        (("--hook", "masking.py", "--hook-function", "masking:mask"), None),
    ],
    ids=["an environment", "a hook alone"],
)
def test_the_glue_job_gets_the_hook_and_the_settings_of_the_function(monkeypatch, built, capsys, words, settings):
    seen = []

    def fake(folder=paths.BUILD, hook=None, *, settings=None):
        seen.append((folder, hook.reference, settings))
        return glue.Wheel(folder / glue.NAME, 7, "ab")

    monkeypatch.setattr(glue, "build", fake)
    code = run(monkeypatch, "--for", "glue", "--json", *words)

    assert (code, seen) == (EXIT_DONE, [(paths.BUILD, "masking:mask", settings)])
    assert json.loads(capsys.readouterr().out) == {"path": str(paths.BUILD / glue.NAME), "size": 7, "sha256": "ab"}
    assert not built
