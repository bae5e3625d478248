from __future__ import annotations

import json
import os
from time import monotonic

import psutil
import pytest

from tools import files
from tools.localaws import service, status
from tools.localaws.state_folder import StateFolder


def test_status_of_what_does_not_run_is_not_running(tmp_path):
    found = status.read(tmp_path)
    assert not found.is_running
    assert status.to_json(found)["running"] is False
    assert all("not running" in line for line in status.lines(found))


STREAM = {
    "account_id": "111111111111",
    "name": "blog-delivery-stream",
    "state": "delivering",
    "delivered_records": 10,
    "failed_records": 2,
    "dropped_records": 1,
    "delivered_objects": 3,
    "backlog_records": 4,
    "behind_milliseconds": 0,
    "last_delivery": None,
    "last_error": None,
    "last_error_at": None,
    "busy_with": None,
    "busy_seconds": 0,
    "call_seconds": {"s3:PutObject": 1.5},
}


@pytest.fixture
def worker(tmp_path, monkeypatch):
    """A folder whose processes run, this one in the place of both, and whose emulator answers."""
    own, folder = psutil.Process(), StateFolder(tmp_path)
    folder.create()
    for part in service.PARTS:
        record = {"pid": own.pid, "created": own.create_time() - psutil.boot_time()}
        files.write_json(folder.process_file(part), record)
    files.write_json(folder.settings_file, {"port": 4566})
    monkeypatch.setattr("tools.localaws.service.is_healthy", lambda _local: True)
    return folder


def beat(folder, *streams, seconds_ago=0.0, pid=None):
    content = {
        "pid": pid or os.getpid(),
        "at": "2026-01-01T00:00:10+00:00",
        "monotonic": monotonic() - seconds_ago,
        "streams": streams,
    }
    files.write_json(folder.delivery_status, content)


def test_all_is_well_while_heart_beats_and_every_stream_delivers(worker):
    beat(worker, STREAM, seconds_ago=5.0)
    found = status.read(worker.root)
    assert found.is_running
    assert found.is_well
    assert "hang" not in "\n".join(status.lines(found))


@pytest.mark.parametrize("state", ["held", "hung", "dead"])
def test_all_is_not_well_when_a_stream_does_not_get_on(worker, state):
    beat(worker, STREAM, {**STREAM, "state": state})
    found = status.read(worker.root)
    assert found.is_running
    assert not found.is_well
    assert status.to_json(found)["well"] is False


@pytest.mark.parametrize(
    "heartbeat",
    [
        {"seconds_ago": status.STALE_SECONDS + 1},
        {"seconds_ago": -60.0},  # from before the machine started again
        {"pid": 1},
    ],
)
def test_without_a_heartbeat_the_worker_hangs_and_nothing_is_shown_as_current(worker, heartbeat):
    beat(worker, STREAM, **heartbeat)
    found = status.read(worker.root)
    assert found.worker_hangs
    assert not found.is_running
    assert not found.is_well
    text = "\n".join(status.lines(found))
    assert f"hangs, pid {os.getpid()}, last heartbeat 2026-01-01T00:00:10+00:00; start it again with" in text
    assert "unknown since 2026-01-01T00:00:10+00:00; until then" in text
    assert ": delivering" not in text
    assert status.to_json(found)["streams"][0]["state"] == "unknown"


@pytest.mark.parametrize("content", ["", "garbage", "{}", '{"pid": 1, "at": "x", "monotonic": 1, "streams": [{}]}'])
def test_a_heartbeat_that_cannot_be_read_is_none(worker, content):
    worker.delivery_status.write_text(content)
    found = status.read(worker.root)
    assert found.worker_hangs
    assert found.streams == ()
    assert "last heartbeat never" in "\n".join(status.lines(found))


def test_what_a_worker_wrote_that_has_ended_is_not_current(worker):
    beat(worker, STREAM)
    worker.process_file("delivery").unlink()
    (stream,) = status.read(worker.root).streams
    assert stream.state == "unknown"


def test_a_call_that_takes_long_is_told_and_is_no_fault(worker):
    beat(worker, {**STREAM, "busy_with": "lambda:InvokeFunction", "busy_seconds": 70})
    found = status.read(worker.root)
    assert found.is_well
    assert "delivering, busy with lambda:InvokeFunction for 70 s" in "\n".join(status.lines(found))


def test_status_tells_how_each_delivery_stream_is_doing(worker):
    stream = {
        **STREAM,
        "state": "held",
        "last_error": "S3.AccessDenied: denied",
        "last_error_at": "2026-01-01T00:00:00",
    }
    beat(worker, stream)
    found = status.read(worker.root)
    text = "\n".join(status.lines(found))
    assert "blog-delivery-stream (account 111111111111): held" in text
    assert "delivered 10 records in 3 objects, failed 2, dropped 1, backlog 4" in text
    assert "S3.AccessDenied: denied" in text
    assert json.loads(json.dumps(status.to_json(found)))["streams"][0] == stream


def test_a_process_without_a_record_is_told_with_its_id(tmp_path, monkeypatch):
    monkeypatch.setattr("tools.localaws.process_lock.find_holder", lambda file: 42 if "delivery" in str(file) else None)
    monkeypatch.setattr("tools.localaws.process.is_alive", lambda _pid: True)
    found = status.read(tmp_path)
    assert status.to_json(found)["orphan_pids"] == {"delivery": 42}
    assert any("pid 42" in line and "kill 42" in line for line in status.lines(found))
