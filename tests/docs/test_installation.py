"""The project installs as a command, in a fresh virtual environment, from a copy of the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig

import pytest

from tools import paths

COPIED = ("README.md", "LICENSE", "pyproject.toml", "tools", "envs", "modules")


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The command, installed as docs/commands.md says; what the project needs comes from this environment."""
    folder = tmp_path_factory.mktemp("installed")
    checkout, environment = folder / "checkout", folder / "venv"
    checkout.mkdir()
    for name in COPIED:
        source = paths.REPOSITORY / name
        hidden = shutil.ignore_patterns("__pycache__", ".terraform", "*.tfstate*")
        shutil.copytree(source, checkout / name, ignore=hidden) if source.is_dir() else shutil.copy(source, checkout)
    run(sys.executable, "-m", "venv", "--without-pip", environment)
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "needed.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", environment / "bin" / "python"]
    run(*pip, "install", "--quiet", "--no-deps", "--editable", checkout)
    return environment / "bin" / "dynamo-to-lake", checkout


def run(*command, cwd=None, code=0):
    done = subprocess.run(
        command,
        cwd=cwd,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == code, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


def test_the_installed_command_runs_the_verbs_of_the_checkout_from_anywhere(installed, tmp_path):
    command, checkout = installed
    assert run(command, "--version", cwd=tmp_path).stdout.startswith("dynamo-to-lake ")
    assert "finding" in run(command, "scan", "producer", cwd=tmp_path).stdout
    (checkout / "envs" / "producer" / "open.tf").write_text('resource "aws_s3_bucket" "open" {}\n')
    run(command, "scan", "producer", cwd=tmp_path, code=3)


def test_the_installed_command_names_itself_in_its_errors(installed, tmp_path):
    command, _ = installed
    said = run(command, "deploy", cwd=tmp_path, code=2).stderr
    assert said == "error: Missing argument 'ENV'. See: dynamo-to-lake deploy --help\n"
