from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tools import paths
from tools.errors import LakeError
from tools.localaws import process_lock

HOLD = """
import subprocess, sys
from pathlib import Path
from tools.localaws import process_lock
process_lock.hold(Path(sys.argv[1]))
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "process.lock"


@pytest.fixture
def holder(file):
    command = [sys.executable, "-c", HOLD, str(file)]
    running = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=paths.REPOSITORY, env=os.environ
    )
    child = int(running.stdout.readline())
    yield running
    os.kill(child, 9)
    running.kill()
    running.communicate()


def test_a_lock_names_the_process_that_holds_it(holder, file):
    assert process_lock.find_holder(file) == holder.pid


def test_a_second_process_is_refused_and_told_of_the_first(holder, file, monkeypatch):
    monkeypatch.setattr(process_lock, "_RETRY_SECONDS", 0.1)
    with pytest.raises(LakeError, match=f"process {holder.pid} works in .* already; end it with: kill {holder.pid}"):
        process_lock.hold(file)
    assert process_lock.find_holder(file) == holder.pid


def test_a_lock_ends_with_its_process_though_what_that_started_goes_on(holder, file):
    holder.kill()
    holder.wait()
    assert process_lock.find_holder(file) is None


def test_to_look_at_a_lock_does_not_keep_the_next_process_from_it(file):
    file.write_text("999999999")
    assert process_lock.find_holder(file) is None
    command = [sys.executable, "-c", HOLD.partition("child =")[0], str(file)]
    subprocess.run(command, cwd=paths.REPOSITORY, env=os.environ, check=True)


def test_no_file_means_no_holder(file):
    assert process_lock.find_holder(file) is None


def test_a_folder_that_is_not_there_says_so(tmp_path):
    with pytest.raises(LakeError, match="cannot be locked"):
        process_lock.hold(tmp_path / "none" / "process.lock")
