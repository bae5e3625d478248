"""How Terraform is run, with a stand-in that says and does what Terraform would."""

from __future__ import annotations

import json
import os
import signal
import threading

import pytest

from tools.errors import LakeError, StoppedError, UsageError
from tools.terraform.runner import Terraform, Variables


@pytest.fixture
def stand_in(tmp_path):
    """Returns a function that makes `terraform` a shell script and returns the wrapper around it."""

    def make(script):
        binary = tmp_path / "bin" / "terraform"
        binary.parent.mkdir(exist_ok=True)
        binary.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\n{script}\n')
        binary.chmod(0o755)
        path = f"{binary.parent}{os.pathsep}{os.environ['PATH']}"
        return Terraform(tmp_path, tmp_path / "data", {"PATH": path})

    return make


@pytest.fixture(autouse=True)
def _found_where_the_environment_says(monkeypatch, tmp_path):
    # The parent's PATH decides what is started, so that of the test must say the same as the child's.
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")


def says(**event):
    return f"echo '{json.dumps(event)}'"


def diagnostic(summary, detail="", severity="error"):
    return says(type="diagnostic", diagnostic={"severity": severity, "summary": summary, "detail": detail})


def test_a_terraform_that_is_too_old_is_refused_with_both_versions(stand_in):
    with pytest.raises(LakeError, match=r"is 1\.5\.7; this project needs 1\.11\.0 or later"):
        stand_in(says(terraform_version="1.5.7")).check_version()


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
    terraform = stand_in(
        f"trap 'echo got >> {marks}; sleep 0.3; echo written >> {marks}; exit 1' INT\n"
        f"touch {tmp_path}/started\nwhile :; do sleep 0.05; done"
    )

    def interrupt_twice():
        while not (tmp_path / "started").exists():
            threading.Event().wait(0.02)
        os.kill(os.getpid(), signal.SIGINT)
        while not marks.exists():
            threading.Event().wait(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt_twice, daemon=True).start()

    with pytest.raises(StoppedError, match="its state is written"):
        terraform.apply()
    assert marks.read_text().split() == ["got", "written"]
