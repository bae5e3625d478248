"""What pip was told to do, and why it failed, in one line."""

from __future__ import annotations

import json
import sys

import pytest

from tools import pip_runner
from tools.errors import LakeError

_REFUSED = (
    "WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken "
    "by 'NewConnectionError(\"HTTPSConnection(host='index.invalid', port=443): Failed to resolve 'index.invalid' "
    "([Errno -2] Name or service not known)\")': /simple/ziglang/"
)
_NO_VERSION = "ERROR: Could not find a version that satisfies the requirement ziglang==0.17.1 (from versions: none)"
_NO_PACKAGE = "ERROR: No matching distribution found for ziglang==0.17.1"
_HASHES = (
    "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated the package "
    "versions, please update the hashes."
)


@pytest.mark.parametrize(
    ("printed", "reason"),
    [
        (
            [_REFUSED, _NO_VERSION, _NO_PACKAGE],
            "package index (Failed to resolve 'index.invalid' ([Errno -2] Name or service not known))",
        ),
        (
            [_REFUSED.replace("NewConnectionError", "Other error"), _NO_VERSION, _NO_PACKAGE],
            "no connection to the package index (Other error",
        ),
        ([_NO_VERSION, _NO_PACKAGE], "No matching distribution found for ziglang==0.17.1"),
        (
            ["ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", ""],
            "No space left on device",
        ),
        (
            ["Traceback (most recent call last):", "OSError: [Errno 28] No space left on device", "see above"],
            "No space left on device",
        ),
        ([_HASHES, "Expected sha256 00", "Got        89"], "DO NOT MATCH THE HASHES"),
        (["/usr/bin/python: No module named pip"], "No module named pip"),
    ],
    ids=[
        "no network",
        "a broken connection",
        "no such version",
        "full disk",
        "full disk in a traceback",
        "another hash",
        "no pip",
    ],
)
def test_the_reason_is_what_the_user_can_act_on(printed, reason):
    assert reason in pip_runner.reason(printed)


def test_a_package_that_does_not_exist_is_not_called_a_lost_connection():
    assert "connection" not in pip_runner.reason([_NO_VERSION, _NO_PACKAGE])


@pytest.fixture
def pip(tmp_path, monkeypatch):
    """Makes this Python's pip a program that records its arguments, prints lines and ends with a code."""

    def make(*lines, code=0):
        program = tmp_path / "python"
        program.write_text(
            f"#!{sys.executable}\n"
            "import json, os, sys\n"
            f"json.dump([sys.argv[1:], dict(os.environ)], open({str(tmp_path / 'seen')!r}, 'w'))\n"
            f"print({chr(10).join(lines)!r})\n"
            f"sys.exit({code})\n"
        )
        program.chmod(0o755)
        monkeypatch.setattr(pip_runner.sys, "executable", str(program))
        return lambda: json.loads((tmp_path / "seen").read_text())

    return make


def test_pip_works_on_another_environment_and_takes_nothing_from_our_path(pip, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    seen = pip()
    pip_runner.run(["install", "x"], failed="not installed", interpreter=tmp_path / "other")

    arguments, environment = seen()
    assert arguments[:2] == ["-m", "pip"]
    assert arguments[-4:] == ["--python", str(tmp_path / "other"), "install", "x"]
    assert "PYTHONPATH" not in environment


def test_a_failure_is_one_line_that_ends_with_the_reason(pip):
    pip("Collecting ziglang", _NO_VERSION, _NO_PACKAGE, code=1)

    with pytest.raises(LakeError) as failed:
        pip_runner.run(["install", "ziglang"], failed="the compiler cannot be installed")
    assert str(failed.value) == ("the compiler cannot be installed: No matching distribution found for ziglang==0.17.1")


def test_a_failure_without_a_word_says_so(pip):
    pip(code=3)

    with pytest.raises(LakeError, match=r"^not installed: pip ended with 3 and gave no reason$"):
        pip_runner.run(["install", "x"], failed="not installed")


def test_progress_is_told_and_is_no_reason(pip):
    seen = []
    pip("Progress 1024 of 4096", "Progress 4096 of 4096", code=1)

    with pytest.raises(LakeError, match="gave no reason"):
        pip_runner.run(["install", "x"], failed="not installed", progress=lambda *part: seen.append(part))
    assert seen == [(1024, 4096), (4096, 4096)]
