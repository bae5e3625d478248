from __future__ import annotations

import io
import json

import pytest

from tools import local
from tools.cli import command
from tools.localaws import service
from tools.localaws.state_folder import StateFolder


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("LAKE_LOCAL_HOME", str(tmp_path / "home"))

    def call(*arguments):
        def invoke():
            result = local.main.main(args=list(arguments), prog_name="local", standalone_mode=False)
            return result if isinstance(result, int) else 0

        code = command.outcome(invoke, "python -m tools.local")
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call


def test_status_fails_when_local_aws_does_not_run(run):
    assert run("status")[0] == 1
    code, out, _ = run("status", "--json")
    assert code == 1
    assert json.loads(out)["running"] is False


def test_env_says_how_to_start_when_local_aws_does_not_run(run):
    code, _, err = run("env")
    assert code == 1
    assert "python -m tools.local up" in err


def test_env_refuses_what_is_not_an_account(run):
    assert run("env", "--account", "12")[0] == 2


def test_env_prints_lines_that_a_shell_can_read(run, tmp_path, monkeypatch):
    found = service.LocalAws("https://127.0.0.1:1", tmp_path / "a folder" / "ca.pem")
    monkeypatch.setattr(service, "connect", lambda _home: found)
    code, out, _ = run("env", "--account", "222222222222")
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "unset AWS_PROFILE AWS_SESSION_TOKEN"
    assert f"export AWS_CA_BUNDLE='{found.ca_bundle}'" in lines
    assert "export AWS_ACCESS_KEY_ID=222222222222" in lines


def test_logs_print_the_last_lines_of_the_part_that_is_asked_for(run, tmp_path):
    folder = StateFolder(tmp_path / "home")
    folder.create()
    folder.log("delivery").write_text("one\ntwo\n")
    folder.log("emulator").write_text("three\n")
    assert run("logs", "-n", "1")[1] == "two\n"
    assert run("logs", "emulator")[1] == "three\n"
    assert run("logs", "nothing")[0] == 2


def test_down_says_whether_anything_ran(run):
    assert run("down") == (0, "local AWS was not running\n", "")


def test_purge_asks_first_and_removes_nothing_on_no(run, tmp_path, monkeypatch):
    StateFolder(tmp_path / "home").create()
    terminal = io.StringIO("n\n")
    terminal.isatty = lambda: True
    monkeypatch.setattr("sys.stdin", terminal)
    code, _, err = run("down", "--purge")
    assert (code, err) == (1, "error: not done: the answer was no\n")
    assert (tmp_path / "home" / "emulator").is_dir()
    assert run("down", "--purge", "--yes")[0] == 0
    assert not (tmp_path / "home" / "emulator").exists()


def test_purge_without_a_terminal_to_ask_on_removes_nothing_and_says_what_to_pass(run, tmp_path, monkeypatch):
    StateFolder(tmp_path / "home").create()
    monkeypatch.setattr("sys.stdin", io.StringIO(""))

    code, _, err = run("down", "--purge")

    assert code == 2
    assert "no terminal to ask on; pass --yes" in err
    assert (tmp_path / "home" / "emulator").is_dir()


def test_a_port_that_cannot_be_is_a_usage_error(run):
    assert run("up", "--port", "0")[0] == 2
