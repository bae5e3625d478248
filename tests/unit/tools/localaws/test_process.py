from __future__ import annotations

import json
import os
import sys

import psutil
import pytest

from tools.errors import LakeError
from tools.localaws import process
from tools.localaws.process import Process


@pytest.fixture
def started(tmp_path):
    process_file, log = tmp_path / "part" / "process.json", tmp_path / "part" / "part.log"
    command = [
        sys.executable,
        "-c",
        "import sys; print('said', flush=True); sys.stdin.read(); __import__('time').sleep(600)",
    ]
    running = process.start(command, os.environ, tmp_path, log, process_file)
    yield running, process_file, log
    process.stop(process_file, 0.0)


def test_a_started_process_is_recorded_and_ended(started):
    running, process_file, _ = started
    assert process.find_recorded(process_file) == running
    assert process.stop(process_file, 5.0)
    assert running.find() is None
    assert not process_file.exists()
    assert not process.stop(process_file, 5.0)


def test_it_is_detached_from_the_terminal(started):
    running, _, _ = started
    assert os.getsid(running.pid) == running.pid


def test_another_process_with_the_same_id_is_never_taken_for_ours(tmp_path):
    process_file = tmp_path / "process.json"
    own = psutil.Process()
    created = own.create_time() - psutil.boot_time()
    process_file.write_text(json.dumps({"pid": own.pid, "created": created - 3600}))
    assert process.find_recorded(process_file) is None
    assert not process.stop(process_file, 0.0)
    assert own.is_running()


def test_a_process_that_ended_is_not_found(tmp_path):
    process_file = tmp_path / "process.json"
    process_file.write_text(json.dumps({"pid": 2**22 + 1, "created": 1.0}))
    assert process.find_recorded(process_file) is None


@pytest.mark.parametrize("content", ["garbage", "[]"])
def test_a_damaged_file_says_where_and_what_to_do(tmp_path, content):
    process_file = tmp_path / "process.json"
    process_file.write_text(content)
    with pytest.raises(LakeError, match=r"process\.json.*remove it"):
        process.find_recorded(process_file)


@pytest.mark.parametrize("content", ["{}", '{"pid": "x", "created": 1}'])
def test_a_file_without_a_process_names_none(tmp_path, content):
    process_file = tmp_path / "process.json"
    process_file.write_text(content)
    assert process.find_recorded(process_file) is None


def test_the_end_of_a_log_is_its_last_lines(tmp_path):
    log = tmp_path / "x.log"
    log.write_text("\n".join(f"line {number}" for number in range(5000)))
    assert process.last_lines(log, 2) == ["line 4998", "line 4999"]
    assert process.last_lines(tmp_path / "none.log", 2) == []
    assert process.last_lines(log, 0) == []


def test_a_process_knows_its_own_end():
    own = psutil.Process()
    assert Process(own.pid, own.create_time() - psutil.boot_time()).find() is not None


@pytest.mark.parametrize("step", [-60.0, 60.0])
def test_a_process_is_found_after_the_clock_was_set(started, monkeypatch, step):
    running, process_file, _ = started
    boot_time = psutil.boot_time()
    # The time of day at which the machine started is computed from the clock.
    for module in (psutil, psutil._psplatform):
        monkeypatch.setattr(module, "boot_time", lambda: boot_time + step)
    assert process.find_recorded(process_file) == running
