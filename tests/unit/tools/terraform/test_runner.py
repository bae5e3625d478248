"""How Terraform is run, with a stand-in that says and does what Terraform would."""

from __future__ import annotations

import itertools
import json
import os
from contextlib import contextmanager

import pytest

from tools.errors import LakeError, StoppedError, UsageError
from tools.terraform.runner import Terraform, Variables


@pytest.fixture
def stand_in(tmp_path):
    """Returns a function that makes `terraform` a shell script and returns the wrapper around it."""

    def make(script, **environment):
        binary = tmp_path / "bin" / "terraform"
        binary.parent.mkdir(exist_ok=True)
        binary.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\n{script}\n')
        binary.chmod(0o755)
        path = f"{binary.parent}{os.pathsep}{os.environ['PATH']}"
        return Terraform(tmp_path, tmp_path / "data", {"PATH": path, **environment})

    return make


@pytest.fixture(autouse=True)
def _found_where_the_environment_says(monkeypatch, tmp_path):
    # The parent's PATH decides what is started, so that of the test must say the same as the child's.
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")


def says(**event):
    return f"echo '{json.dumps(event)}'"


def diagnostic(summary, detail="", severity="error"):
    return says(type="diagnostic", diagnostic={"severity": severity, "summary": summary, "detail": detail})


def waits_for(file):
    """Returns shell commands that wait until `file` exists, and at most about half a minute."""
    return f"n=0; while [ ! -e {file} ] && [ $n -lt 1500 ]; do sleep 0.02; n=$((n + 1)); done"


@contextmanager
def warnings_as_files(folder):
    """Leaves a file warned-N for the Nth warning that is printed, so that a child process can wait for it."""
    count = itertools.count(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tools.cli.console.warn", lambda _: (folder / f"warned-{next(count)}").touch())
        yield


def test_a_terraform_that_is_too_old_is_refused_with_both_versions(stand_in):
    with pytest.raises(LakeError, match=r"is 1\.5\.7; this project needs 1\.11\.0 or later"):
        stand_in(says(terraform_version="1.5.7")).check_version()


@pytest.mark.parametrize(("given", "seen"), [({}, "off 1GiB"), ({"GOGC": "50", "GOMEMLIMIT": "2GiB"}, "50 2GiB")])
def test_terraform_collects_no_garbage_below_its_limit_unless_the_user_says_otherwise(stand_in, tmp_path, given, seen):
    stand_in(f'echo "$GOGC $GOMEMLIMIT" > {tmp_path}/seen; echo "{{}}"', **given).pull_state()

    assert (tmp_path / "seen").read_text() == f"{seen}\n"


def test_a_recent_terraform_passes(stand_in):
    stand_in(says(terraform_version="1.12.0-beta1")).check_version()


def test_a_missing_terraform_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(LakeError, match=r"not on PATH; install Terraform 1\.11\.0 or later"):
        Terraform(tmp_path, tmp_path / "data", {"PATH": str(tmp_path)}).check_version()


def test_an_unreachable_provider_is_one_line_that_names_the_way_out(stand_in):
    failing = stand_in(diagnostic("Failed to query available provider packages", "could not connect") + "\nexit 1")

    with pytest.raises(LakeError, match=r"registry is out of reach.*Without the Terraform registry"):
        failing.init()


def test_a_state_in_another_backend_is_told_how_to_move_with_what_the_move_needs(stand_in):
    failing = stand_in(diagnostic("Backend configuration changed", "A change has been detected") + "\nexit 1")

    command = r"into \S+/backend_override.tf and run: TF_DATA_DIR=\S+ terraform -chdir=\S+ init"
    with pytest.raises(LakeError, match=command):
        failing.init()


def test_a_damaged_state_is_named(stand_in):
    failing = stand_in(diagnostic("Error refreshing state: Unsupported state file format") + "\nexit 1")

    with pytest.raises(LakeError, match="is damaged: it is not JSON; put back a good copy"):
        failing.init()


@pytest.mark.parametrize(("code", "changed"), [(0, False), (2, True)])
def test_a_plan_tells_whether_anything_changes(stand_in, code, changed):
    assert stand_in(f"exit {code}").plan(Variables()) is changed


def test_a_refused_value_is_a_usage_error_and_a_refusal_of_aws_is_not(stand_in):
    with pytest.raises(UsageError, match="shards must be"):
        stand_in(diagnostic("Invalid value for variable", "shards must be") + "\nexit 1").plan(Variables())
    with pytest.raises(LakeError) as raised:
        stand_in(diagnostic("reading S3 Bucket: AccessDenied") + "\nexit 1").plan(Variables())
    assert not isinstance(raised.value, UsageError)


def test_a_misspelt_name_in_a_variable_file_is_refused_though_terraform_only_warns(stand_in):
    warning = diagnostic(
        "Value for undeclared variable", 'does not declare a variable named "tabels" but', severity="warning"
    )

    with pytest.raises(UsageError, match="there is no variable tabels"):
        stand_in(f"{warning}\nexit 2").plan(Variables())


def test_what_is_applied_is_the_saved_plan_and_nothing_else(stand_in, tmp_path):
    terraform = stand_in("exit 0")
    terraform.plan(Variables((tmp_path / "x.tfvars",), ("a=b c",)))
    terraform.apply()

    planned, applied = (tmp_path / "calls").read_text().splitlines()
    assert f"-out={terraform.plan_file}" in planned
    assert "-var=a=b c" in planned
    assert applied.startswith("apply ")
    assert applied.endswith(str(terraform.plan_file))
    assert "-var" not in applied


def test_ctrl_c_reaches_terraform_once_and_its_end_is_waited_for(stand_in, tmp_path):
    marks = tmp_path / "interrupts"
    # It interrupts its parent, and once more while it writes its state; then it looks for a second interrupt.
    terraform = stand_in(
        f"trap 'echo got >> {marks}' INT\n"
        "kill -INT $PPID\n"
        f"{waits_for(marks)}\n"
        "kill -INT $PPID\n"
        f"{waits_for(tmp_path / 'warned-2')}\n"
        f"echo written >> {marks}\nexit 1"
    )
    with warnings_as_files(tmp_path), pytest.raises(StoppedError, match="its state is written"):
        terraform.apply()
    assert marks.read_text().split() == ["got", "written"]


@pytest.mark.parametrize("command", ["init", "plan"])
def test_an_interrupted_init_or_plan_does_not_talk_of_state(stand_in, tmp_path, command):
    terraform = stand_in(f"trap 'touch {tmp_path}/got' INT\nkill -INT $PPID\n{waits_for(tmp_path / 'got')}\nexit 1")
    with pytest.raises(StoppedError) as raised:
        terraform.init() if command == "init" else terraform.plan(Variables())
    assert str(raised.value) == f"terraform {command} was interrupted; nothing was made or changed"


def test_an_apply_that_ctrl_c_ended_before_it_began_made_nothing(stand_in):
    terraform = stand_in("kill -INT $PPID; " + waits_for("/nonexistent"))
    with pytest.raises(StoppedError, match="nothing was made or changed"):
        terraform.apply()


def test_a_terraform_that_a_signal_killed_says_so_and_what_to_do(stand_in):
    with pytest.raises(LakeError, match=r"apply failed: killed by SIGKILL; .*may be missing in its state.*import"):
        stand_in("kill -KILL $$").apply()
    with pytest.raises(LakeError, match=r"plan failed: killed by SIGKILL$"):
        stand_in("kill -KILL $$").plan(Variables())
    with pytest.raises(LakeError, match=r"version failed: killed by SIGKILL$"):
        stand_in("kill -KILL $$").check_version()


def test_a_failure_without_a_diagnostic_shows_the_last_line_of_output(stand_in):
    with pytest.raises(LakeError, match=r"plan failed: exit code 11, no reason given: goroutine 1 \[running\]"):
        stand_in("echo panic; echo 'goroutine 1 [running]'; exit 11").plan(Variables())


def test_several_errors_are_told_in_order_and_each_once(stand_in, capsys):
    errors = [diagnostic("A", "one"), diagnostic("B", "two"), diagnostic("B", "two"), diagnostic("C", "three")]
    with pytest.raises(LakeError) as raised:
        stand_in("\n".join([*errors, "exit 1"])).plan(Variables())
    assert capsys.readouterr().err.splitlines() == ["error: A. one", "error: B. two"]
    assert str(raised.value) == "C. three"


def test_a_state_that_cannot_be_changed_is_an_error_with_terraforms_own_words(stand_in, tmp_path):
    terraform = stand_in('[ "$2" = push ] || { echo "│ Error: Invalid target"; echo "│ No such resource."; exit 1; }')

    terraform.change_state("push", "-force", "copy")
    with pytest.raises(LakeError, match=r"^terraform state rm failed: Invalid target No such resource\.$"):
        terraform.change_state("rm", 'module.table["orders"].aws_dynamodb_table.this["orders"]')
    assert "state push -force copy -no-color" in (tmp_path / "calls").read_text()
