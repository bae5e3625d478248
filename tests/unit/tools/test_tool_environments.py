"""A virtual environment of the tools' own is made once, whole, and by one command at a time."""

from __future__ import annotations

import errno
import threading
from dataclasses import replace

import pytest

from tools import pip_runner, tool_environments
from tools.errors import LakeError
from tools.tool_environments import ToolEnvironment


@pytest.fixture
def environment(tmp_path):
    requirements = tmp_path / "thing.txt"
    requirements.write_text("thing==1 --hash=sha256:00\n")
    return ToolEnvironment("thing", requirements, "4 MB to download", "do without it")


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "environments"


class _Pip:
    """Stands in for pip: installs a file, after what `before` does."""

    def __init__(self):
        self.runs = []
        self.before = lambda: None

    def __call__(self, arguments, *, failed, interpreter, progress):
        self.runs.append(arguments)
        (interpreter.parent / "thing").write_text("half")
        self.before()
        (interpreter.parent / "thing").write_text("whole")


@pytest.fixture
def pip(monkeypatch):
    stand_in = _Pip()
    monkeypatch.setattr(pip_runner, "run", stand_in)
    return stand_in


def installed(interpreter):
    return (interpreter.parent / "thing").read_text()


def test_it_is_made_once_from_the_pinned_requirements(environment, cache, pip, capsys):
    interpreters = {tool_environments.interpreter(environment, cache) for _ in range(2)}

    (interpreter,) = interpreters
    assert installed(interpreter) == "whole"
    (arguments,) = pip.runs
    assert "--require-hashes" in arguments
    assert arguments[-1] == str(environment.requirements)
    assert "install the thing (once, 4 MB to download)" in capsys.readouterr().out


def test_other_requirements_and_another_python_have_an_environment_of_their_own(environment, cache, pip, monkeypatch):
    folders = {environment.folder(cache)}
    environment.requirements.write_text("thing==2 --hash=sha256:00\n")
    folders.add(environment.folder(cache))
    monkeypatch.setattr(tool_environments.sys, "version", "another")
    folders.add(environment.folder(cache))
    monkeypatch.setattr(tool_environments.sys, "base_prefix", "/elsewhere")
    folders.add(environment.folder(cache))

    assert len(folders) == 4


def test_one_that_was_left_half_made_is_made_again_from_nothing(environment, cache, pip):
    folder = environment.folder(cache)
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").touch()
    (folder / "left over").touch()

    assert installed(tool_environments.interpreter(environment, cache)) == "whole"
    assert not (folder / "left over").exists()


@pytest.mark.parametrize("failure", [KeyboardInterrupt(), LakeError("not installed: no network")])
def test_what_was_not_finished_is_removed_and_made_by_the_next_command(environment, cache, pip, failure):
    def fail():
        raise failure

    pip.before = fail
    with pytest.raises(type(failure)):
        tool_environments.interpreter(environment, cache)
    assert not environment.folder(cache).exists()

    pip.before = lambda: None
    assert installed(tool_environments.interpreter(environment, cache)) == "whole"


def test_a_failure_ends_with_the_way_out(environment, cache, pip):
    def fail():
        raise LakeError("the thing cannot be installed: no network")

    pip.before = fail
    with pytest.raises(LakeError, match=r"^the thing cannot be installed: no network; do without it$"):
        tool_environments.interpreter(environment, cache)
    with pytest.raises(LakeError, match=r"^the thing cannot be installed: no network$"):
        tool_environments.interpreter(replace(environment, way_out=""), cache)


def test_a_full_disk_is_one_line(environment, cache, pip, monkeypatch):
    def create(folder, **_options):
        raise OSError(errno.ENOSPC, "No space left on device", f"{folder}/bin/python")

    monkeypatch.setattr(tool_environments.venv, "create", create)

    with pytest.raises(LakeError, match=r"^the thing cannot be installed .*: No space left on device \(.*bin/python\)"):
        tool_environments.interpreter(environment, cache)


def test_a_folder_that_cannot_be_written_is_one_line(environment, tmp_path, pip):
    (tmp_path / "file").touch()

    with pytest.raises(LakeError, match=r"^the thing cannot be installed .*: Not a directory .*; do without it$"):
        tool_environments.interpreter(environment, tmp_path / "file" / "environments")
    assert pip.runs == []


def test_of_two_commands_at_once_one_makes_it_and_the_other_waits(environment, cache, pip, monkeypatch):
    waits, found = threading.Event(), []
    monkeypatch.setattr(tool_environments.console, "say", lambda line: waits.set() if "another command" in line else 0)

    def second():
        found.append(tool_environments.interpreter(environment, cache))

    other = threading.Thread(target=second)

    def start_the_other():
        other.start()
        assert waits.wait(30)
        assert found == []

    pip.before = start_the_other
    first = tool_environments.interpreter(environment, cache)
    other.join(30)

    assert found == [first]
    assert len(pip.runs) == 1
