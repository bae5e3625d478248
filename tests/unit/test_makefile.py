"""`make` installs what a target needs, no more than once, and makes anew what is half made or of other locks."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from tools import paths

# Stands in for Python: says which requirements it installs, and makes a .venv that holds it.
_PYTHON = """#!/bin/bash
set -eu
echo "$*" >> "$FAKE_LOG"
case "$*" in
  *"-m venv"*) rm -rf .venv && mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
  *"$FAKE_FAILS"*) exit 1 ;;
esac
"""


@pytest.fixture
def make(tmp_path):
    """Runs make in a copy of what it reads, and returns what it made: "venv" and names of requirements."""
    shutil.copy(paths.REPOSITORY / "Makefile", tmp_path)
    shutil.copytree(paths.REQUIREMENTS, tmp_path / "requirements")
    python = tmp_path / "python"
    python.write_text(_PYTHON)
    python.chmod(0o755)
    log = tmp_path / "log"

    def run(target, fails="nothing", code=0):
        log.write_text("")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
        done = subprocess.run(
            ["make", target, f"PYTHON={python}"],
            cwd=tmp_path,
            env={**environment, "FAKE_LOG": str(log), "FAKE_FAILS": fails},
            capture_output=True,
            text=True,
            check=False,
        )
        assert bool(done.returncode) is bool(code), done.stdout + done.stderr
        run.printed = done.stdout
        return [
            "venv" if "-m venv" in line else line.partition("requirements/")[2].partition(".txt")[0]
            for line in log.read_text().splitlines()
            if "-m venv" in line or " install " in line
        ]

    return run


def add_to(tmp_path, name):
    with (tmp_path / "requirements" / f"{name}.txt").open("a") as lock:
        lock.write("# another\n")


def test_a_demo_installs_what_running_needs_alone(make):
    assert make("demo") == ["venv", "pip", "tools"]
    assert make("demo") == []
    assert make("demo-cross-account") == []


def test_testing_adds_to_what_is_there_and_keeps_it(make):
    assert make("demo") == ["venv", "pip", "tools"]
    assert make("setup") == ["dev"]
    assert make("setup") == []
    assert make("demo") == []


def test_testing_first_installs_both(make):
    assert make("check") == ["venv", "pip", "tools", "dev"]


@pytest.mark.parametrize("interrupted", ["requirements/pip.txt", "requirements/tools.txt", "requirements/dev.txt"])
def test_an_installation_that_was_interrupted_is_made_anew(make, interrupted):
    make("setup", fails=interrupted, code=2)

    assert make("setup") == ["venv", "pip", "tools", "dev"]


def test_packages_that_were_added_only_in_part_are_in_no_demo(make):
    make("demo")
    assert make("setup", fails="requirements/dev.txt", code=2) == ["dev"]

    assert make("demo") == ["venv", "pip", "tools"]


@pytest.mark.parametrize(
    ("lock", "demo", "setup"),
    [
        ("pip", ["venv", "pip", "tools"], ["dev"]),
        ("tools", ["venv", "pip", "tools"], ["dev"]),
        ("dev", [], ["venv", "pip", "tools", "dev"]),
        ("compiler", [], []),
        ("localaws", [], []),
    ],
)
def test_a_lock_that_changed_is_installed_anew_where_it_is_needed(make, tmp_path, lock, demo, setup):
    make("setup")
    add_to(tmp_path, lock)

    assert make("demo") == demo
    assert make("setup") == setup


def test_every_step_says_its_seconds_and_the_demo_those_of_all(make):
    make("demo")

    lines = make.printed.splitlines()
    for step in ("make .venv", "install pip", "install what running needs"):
        assert f"==> {step}" in lines
        assert any(line.startswith(f"    {step}: ") and line.endswith(" s") for line in lines)
    assert any(line.startswith("    demo: ") and line.endswith(" s in all") for line in lines)


def test_a_python_that_is_too_old_is_told_before_anything_is_made(make, tmp_path):
    assert make("demo", fails="sys.version_info", code=2) == []
    assert not (tmp_path / ".venv").exists()
