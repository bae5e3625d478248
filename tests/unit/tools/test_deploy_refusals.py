"""The real command lines: what can be known at once is refused before anything is loaded, started or written."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tools import paths

TOO_SLOW_FOR_A_REFUSAL = ("boto3", "checkov")
RUN = f"""
import atexit, runpy, sys
loaded = lambda: [name for name in {TOO_SLOW_FOR_A_REFUSAL} if name in sys.modules]
atexit.register(lambda: print("loaded:", *loaded(), file=sys.stderr))
module, sys.argv = sys.argv[1], sys.argv[1:]
runpy.run_module(module, run_name="__main__")
"""
PREFIXES = ("AWS_", "TF_")

SETTING = "tables.orders.shard (--var): there is no such setting; did you mean stream.shards?"
FROM_CONSUMER = "consumer_account_id, cross_account_datalake_bucket, cross_account_kms_key_arn"
NO_TERMINAL = "there is no terminal to ask on; pass --yes to go ahead without asking"


def everything_below(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if "__pycache__" not in path.parts}


@pytest.fixture
def refused(tmp_path):
    """Runs a verb without a terminal and returns the lines that it is refused with."""

    def run(verb, *options, **environ):
        home = tmp_path / "local"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIXES)}
        before = [everything_below(folder) for folder in (paths.ENVIRONMENTS, paths.DEPLOYMENTS)]
        done = subprocess.run(
            [sys.executable, "-c", RUN, f"tools.{verb}", *options],
            cwd=paths.REPOSITORY,
            env={**kept, "LAKE_LOCAL_HOME": str(home), **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        *lines, loaded = done.stderr.splitlines()
        assert done.returncode == 2, done.stderr
        assert done.stdout == ""
        assert loaded == "loaded:"
        assert not home.exists()
        assert [everything_below(folder) for folder in (paths.ENVIRONMENTS, paths.DEPLOYMENTS)] == before
        assert all(line.startswith("error: ") for line in lines)
        return [line.removeprefix("error: ") for line in lines]

    return run


@pytest.mark.parametrize(
    "command",
    [
        ("deploy", "single-account", "--local", "--yes"),
        ("deploy", "single-account", "--plan-only"),
        ("deploy", "single-account", "--check-drift"),
        ("deploy", "single-account", "--deployment", "prod"),
        ("deploy", "cross-account", "--local", "--yes"),
        ("deploy", "consumer"),
        ("destroy", "single-account", "--local"),
        ("destroy", "cross-account", "--local"),
    ],
    ids=" ".join,
)
def test_a_misspelt_setting_is_refused_by_every_verb_that_takes_values(refused, command):
    first, *_ = refused(*command, "--var", "tables={orders={shard=2}}")

    assert first == SETTING


def test_a_misspelt_setting_is_refused_from_files_and_the_environment_with_its_source(refused, tmp_path):
    (tmp_path / "a.tfvars").write_text("tables = {\n  orders = {\n    shard = 2\n  }\n}\n")
    (tmp_path / "b.tfvars.json").write_text('{"transform": {"memory": 1}}')
    files = ("--var-file", str(tmp_path / "a.tfvars"), "--var-file", str(tmp_path / "b.tfvars.json"))

    lines = refused("deploy", "single-account", "--yes", *files, TF_VAR_tags="[]", TF_VAR_tabels="{}")

    assert [line.partition(": ")[0] for line in lines] == [
        "TF_VAR_tabels",
        "tags (TF_VAR_tags)",
        f"tables.orders.shard ({tmp_path / 'a.tfvars'}, line 3)",
        f"transform.memory ({tmp_path / 'b.tfvars.json'})",
    ]


def test_an_old_flat_name_is_refused_with_its_place(refused):
    assert refused("deploy", "single-account", "--local", "--yes", "--var", "tables={orders={shards=2}}") == [
        "tables.orders.shards (--var): there is no such setting: its place is stream.shards, "
        "written stream = { shards = ... }"
    ]


def test_unknown_variables_and_wrong_types_are_refused_together(refused):
    values = ("--var", "tabels={}", "--var", "log_retention_days=many", "--var", "tags=[]")

    assert refused("deploy", "single-account", "--local", "--yes", *values) == [
        "tabels (--var): there is no such variable; did you mean tables?",
        'log_retention_days (--var): needs a number, not the text "many"',
        "tags (--var): needs a map ({ NAME = VALUE }), not a list of 0 values",
    ]


@pytest.mark.parametrize("local", [(), ("--local",)], ids=["account", "local"])
def test_what_the_producer_lacks_points_at_what_prints_it(refused, local):
    command = " ".join(("python -m tools.deploy consumer", *local))

    assert refused("deploy", "producer", "--yes", *local) == [
        f"producer needs {FROM_CONSUMER}; `{command}` prints the command line with all of them"
    ]


def test_without_a_terminal_and_without_yes_a_deploy_is_refused(refused):
    assert refused("deploy", "single-account", "--local") == [NO_TERMINAL]


def test_a_backend_file_without_a_key_is_refused(refused, tmp_path):
    (tmp_path / "s3.tfbackend").write_text('bucket = "b"\nregion = "us-east-1"\n')

    assert refused("deploy", "single-account", "--yes", "--backend-config", str(tmp_path / "s3.tfbackend")) == [
        "--backend-config: the file does not set key"
    ]


def test_a_variable_file_that_cannot_be_parsed_is_refused_with_its_line(refused, tmp_path):
    (tmp_path / "a.tfvars").write_text('name = "x"\ntables = {\n  orders = \n}\n')
    (tmp_path / "b.tfvars.json").write_text("{\n  x")
    files = [tmp_path / name for name in ("a.tfvars", "b.tfvars.json", "absent.tfvars")]
    options = [word for file in files for word in ("--var-file", str(file))]

    first, second, third = refused("deploy", "single-account", "--yes", *options)

    assert first.startswith(f"{files[0]}, line 3: ")
    assert second.startswith(f"{files[1]}, line 2: is not JSON")
    assert third == f"{files[2]}: cannot be read (No such file or directory)"


def test_a_pair_without_an_equals_sign_is_refused(refused):
    assert refused("deploy", "single-account", "--yes", "--var", "region") == [
        "--var: 'region' is not of the form NAME=VALUE"
    ]
