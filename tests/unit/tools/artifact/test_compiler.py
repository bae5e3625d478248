"""The compiler of native code comes from its own environment, with its version and licence."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tools import paths, tool_environments
from tools.artifact import compiler
from tools.errors import LakeError


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """The folder of an environment's packages, which no pip has filled."""
    monkeypatch.setattr(paths, "TOOL_ENVIRONMENTS", tmp_path)
    monkeypatch.setattr(tool_environments, "interpreter", lambda environment: environment.folder(tmp_path) / "python")
    folder = tool_environments.site_packages(compiler.ENVIRONMENT)
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def package(packages):
    records = packages / "ziglang-9.8.7.dist-info"
    (records / "licenses" / "ziglang").mkdir(parents=True)
    (records / "METADATA").write_text("Metadata-Version: 2.1\nName: ziglang\nVersion: 9.8.7\n")
    (records / "licenses" / "ziglang" / "LICENSE").write_text("The MIT License")
    return records


def test_version_licence_and_command_are_those_of_the_installed_package(package):
    found = compiler.installed()

    assert found.version == "9.8.7"
    assert found.licence == ("ziglang-9.8.7.dist-info/licenses/ziglang/LICENSE", b"The MIT License")
    assert found.command == (str(package.parents[3] / "python"), "-P", "-m", "ziglang")


def test_an_environment_without_the_package_is_told_with_the_way_to_repair_it(packages):
    folder = compiler.ENVIRONMENT.folder(paths.TOOL_ENVIRONMENTS)

    with pytest.raises(LakeError, match=f"holds no ziglang; remove {folder}, and the next build installs it again"):
        compiler.installed()


def test_the_module_runs_the_compiler_with_its_arguments_and_exit_code(package, monkeypatch):
    seen = []
    monkeypatch.setattr(
        subprocess, "run", lambda command, **_: seen.append(command) or subprocess.CompletedProcess(command, 7)
    )
    monkeypatch.setattr(sys, "argv", ["compiler", "fmt", "--check", "lambda/native"])

    assert compiler.main() == 7
    assert seen[0][-5:] == ["-m", "ziglang", "fmt", "--check", "lambda/native"]


def test_without_network_the_way_out_is_a_build_without_native_code():
    assert "--without-native" in compiler.ENVIRONMENT.way_out
    assert "MB" in compiler.ENVIRONMENT.size
