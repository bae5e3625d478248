from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from tools.deployments.outputs import Outputs, Table
from tools.errors import LakeError
from tools.localaws.load import running
from tools.localaws.load.metering import Use
from tools.localaws.load.running import Load, Result
from tools.localaws.status import Heartbeat, StreamStatus

STREAM = StreamStatus("111111111111", "t-delivery-stream", "held", 10, 1, 2, 3, 0, 0, None, "S3.AccessDenied: x", None)
RESULT = Result(2_000, 4_000_000, 8_000_000, 4.0, 8.0, 3, (), {"put": 1.5}, {"delivery": Use(100 * 2**20, 2.5)})


def table(**described):
    keys = [{"AttributeName": name, "KeyType": "HASH"} for name in described]
    types = [{"AttributeName": name, "AttributeType": kind} for name, kind in described.items()]
    return SimpleNamespace(describe_table=lambda **_: {"Table": {"KeySchema": keys, "AttributeDefinitions": types}})


def load(monkeypatch, dynamodb=None, streams=(STREAM,), rules=None):
    outputs = Outputs(
        "us-east-1",
        "111111111111",
        "lake",
        tables={"t": Table("t-delivery-stream", "role", "data/t/", "errors/t/", rules=rules or {})},
    )
    heartbeat = Heartbeat(1, "now", 0.0, tuple(streams))
    monkeypatch.setattr(running.status, "read_heartbeat", lambda _folder: heartbeat)
    return Load(None, dynamodb, None, outputs, None, quiet=True)


@pytest.mark.parametrize(
    ("described", "rules"), [({"id": "N"}, {}), ({"id": "S", "at": "S"}, {}), ({"id": "S"}, {"pin": "hash"})]
)
def test_a_table_whose_records_cannot_be_judged_is_refused(monkeypatch, described, rules):
    with pytest.raises(LakeError, match=r"table t is none for a load.*--table NAME"):
        load(monkeypatch, table(**described), rules=rules)._key_name()


def test_the_key_is_the_tables_own(monkeypatch):
    assert load(monkeypatch, table(Customer="S"))._key_name() == "Customer"


def test_the_status_is_that_of_the_tables_own_delivery_stream(monkeypatch):
    other = replace(STREAM, name="other-delivery-stream")
    assert load(monkeypatch, streams=(other, STREAM, other))._stream() == STREAM


def test_a_delivery_stream_that_the_worker_does_not_know_is_an_error(monkeypatch):
    with pytest.raises(LakeError, match="does not know t-delivery-stream yet"):
        load(monkeypatch, streams=())._stream()


def test_changes_that_do_not_arrive_are_an_error_that_says_why(monkeypatch):
    monkeypatch.setattr(running, "_QUIET_SECONDS", 0.1)
    monkeypatch.setattr(running, "_POLL_SECONDS", 0.05)
    with pytest.raises(LakeError, match=r"5 of 5 changes do not arrive; held: S3\.AccessDenied: x"):
        load(monkeypatch)._wait(STREAM, 5, lambda _: None)


def test_the_rates_are_of_the_seconds_that_each_took():
    shown = "\n".join(running.lines(RESULT))
    assert "2,000 changes, 4.0 MB of items, 8.0 MB of change records" in shown
    assert "written         4.0 s    500 changes/s             1.00        2.00 MB/s" in shown
    assert "delivered       8.0 s    250 changes/s             0.50        1.00 MB/s" in shown
    assert "2.5 s delivery, 100 MiB at most" in shown
    assert "3 records were delivered more than once" in shown
