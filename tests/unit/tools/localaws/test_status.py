from __future__ import annotations

import json

from tools import files
from tools.localaws import status
from tools.localaws.state_folder import StateFolder


def test_status_of_what_does_not_run_is_not_running(tmp_path):
    found = status.read(tmp_path)
    assert not found.is_running
    assert status.to_json(found)["running"] is False
    assert all("not running" in line for line in status.lines(found))


def test_status_tells_how_each_delivery_stream_is_doing(tmp_path):
    stream = {
        "account_id": "111111111111",
        "name": "blog-delivery-stream",
        "state": "held",
        "delivered_records": 10,
        "failed_records": 2,
        "dropped_records": 1,
        "delivered_objects": 3,
        "backlog_records": 4,
        "behind_milliseconds": 0,
        "last_delivery": None,
        "last_error": "S3.AccessDenied: denied",
        "last_error_at": "2026-01-01T00:00:00+00:00",
    }
    files.write_json(StateFolder(tmp_path).delivery_status, {"pid": 1, "streams": [stream]})
    found = status.read(tmp_path)
    text = "\n".join(status.lines(found))
    assert "blog-delivery-stream (account 111111111111): held" in text
    assert "delivered 10 records in 3 objects, failed 2, dropped 1, backlog 4" in text
    assert "S3.AccessDenied: denied" in text
    assert json.loads(json.dumps(status.to_json(found)))["streams"][0] == stream


def test_a_process_without_a_record_is_told_with_its_id(tmp_path, monkeypatch):
    monkeypatch.setattr("tools.localaws.process_lock.find_holder", lambda file: 42 if "delivery" in str(file) else None)
    found = status.read(tmp_path)
    assert status.to_json(found)["orphan_pids"] == {"delivery": 42}
    assert any("pid 42" in line and "kill 42" in line for line in status.lines(found))
