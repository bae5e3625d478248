from __future__ import annotations

import json
import threading
from time import monotonic, sleep

import pytest

from tools.localaws import status
from tools.localaws.firehose import worker as worker_module
from tools.localaws.firehose.calls import Slots
from tools.localaws.firehose.roles import ClientFactory
from tools.localaws.firehose.worker import Delivery, Worker
from tools.localaws.service import LocalAws
from tools.localaws.state_folder import StateFolder


class Engine:
    """Makes the call `action` in its step, which returns when `let_go` is set."""

    def __init__(self, clients, action):
        self.clients, self.action = clients, action
        self.entered, self.let_go = threading.Event(), threading.Event()
        self.blocked_by, self.backlog, self.behind_ms, self.progress = None, 0, 0, None

    def step(self, _now):
        with self.clients.calling("role", "s3:PutObject", "an object"):
            pass
        if self.action is None:
            return self._hang()
        with self.clients.calling("role", self.action, "it"):
            return self._hang()

    def finish(self, _now, _seconds):
        pass

    def _hang(self):
        self.entered.set()
        self.let_go.wait(60)
        return 1.0


@pytest.fixture
def clients(tmp_path):
    return ClientFactory(LocalAws("https://127.0.0.1:1", tmp_path / "ca.pem"))


@pytest.fixture
def deliver(clients, stream, tmp_path, monkeypatch):
    """Starts a delivery whose engine is in a call, and returns it."""
    started = []

    def start(action):
        delivery, engine = Delivery(clients, stream, tmp_path, lambda: 1, Slots()), Engine(clients, action)
        monkeypatch.setattr(delivery, "_new_engine", lambda: engine)
        delivery.start()
        assert engine.entered.wait(10)
        started.append((delivery, engine))
        return delivery, engine

    yield start
    for delivery, engine in started:
        delivery.stop()
        engine.let_go.set()
        delivery.wait(10)


def later(monkeypatch, seconds):
    """Makes the worker read a clock that is this much later."""
    monkeypatch.setattr(worker_module, "monotonic", lambda: monotonic() + seconds)


@pytest.mark.parametrize(
    ("action", "busy_for", "hung_after"),
    [("kinesis:GetRecords", 40, 70), ("lambda:InvokeFunction", 300, 340), (None, 40, 70)],
)
def test_a_step_that_cannot_take_so_long_hangs_and_a_slow_one_is_busy(
    deliver, monkeypatch, action, busy_for, hung_after
):
    delivery, _ = deliver(action)
    assert (delivery.status().state, delivery.status().busy_with) == ("delivering", None)
    later(monkeypatch, busy_for)
    found = delivery.status()
    assert (found.state, found.busy_with, found.busy_seconds) == ("delivering", action or "its own work", busy_for)
    later(monkeypatch, hung_after)
    assert delivery.status().state == "hung"


def test_a_thread_that_waits_for_its_next_step_is_not_busy(deliver, monkeypatch):
    delivery, engine = deliver("kinesis:GetRecords")
    engine.let_go.set()
    deadline = monotonic() + 10
    while delivery._step_began is not None and monotonic() < deadline:
        sleep(0.01)
    later(monkeypatch, 1_000)
    assert (delivery.status().state, delivery.status().busy_with) == ("delivering", None)


def test_a_thread_that_has_ended_is_dead(clients, stream, tmp_path):
    assert Delivery(clients, stream, tmp_path, lambda: 1, Slots()).status().state == "dead"


@pytest.fixture
def worker(tmp_path, monkeypatch):
    """A worker that finds no delivery streams, and runs."""
    folder = StateFolder(tmp_path)
    folder.create()
    local = LocalAws("https://127.0.0.1:1", folder.certificate)
    monkeypatch.setattr("tools.localaws.service.connect", lambda _home: local)
    monkeypatch.setattr(worker_module, "_BEAT_SECONDS", 0.02)
    monkeypatch.setattr(worker_module, "_REFRESH_SECONDS", 0.02)
    monkeypatch.setattr(Worker, "_streams", lambda _self, _account: [])
    made = Worker(folder)
    thread = threading.Thread(target=made.run)
    thread.start()
    yield folder
    made.stop()
    thread.join(10)


def beats(folder, seconds):
    """Returns how many heartbeats are written in this time."""
    seen, deadline = set(), monotonic() + seconds
    while monotonic() < deadline:
        if folder.delivery_status.is_file():
            seen.add(json.loads(folder.delivery_status.read_text())["monotonic"])
        sleep(0.005)
    return len(seen)


def test_the_heart_beats_though_nothing_changes(worker):
    assert beats(worker, 1.0) > 5
    found = status.read_heartbeat(worker)
    assert found.age_seconds < status.STALE_SECONDS
    assert found.streams == ()


def test_the_heart_beats_while_the_emulator_does_not_answer_and_stops_when_that_takes_too_long(worker, monkeypatch):
    answer = threading.Event()
    monkeypatch.setattr(Worker, "_streams", lambda _self, _account: answer.wait(60) and [])
    try:
        sleep(0.1)
        assert beats(worker, 0.5) > 3
        later(monkeypatch, 121)
        sleep(0.1)
        assert beats(worker, 0.5) == 1
    finally:
        answer.set()


@pytest.mark.parametrize(("streams", "mib"), [(0, 32), (1, 32), (4, 8), (16, 2), (50, 1.5)])
def test_delivery_streams_share_the_memory(tmp_path, monkeypatch, streams, mib):
    local = LocalAws("https://127.0.0.1:1", tmp_path / "ca.pem")
    monkeypatch.setattr("tools.localaws.service.connect", lambda _home: local)
    worker = Worker(StateFolder(tmp_path))
    worker._deliveries = dict.fromkeys(map(str, range(streams)))
    assert worker._share() == mib * 1024 * 1024


def test_a_call_beside_the_steps_counts_as_what_the_stream_does(deliver, monkeypatch):
    delivery, engine = deliver("kinesis:GetRecords")
    entered, let_go = threading.Event(), threading.Event()

    def invoke():
        with delivery.clients.calling("role", "lambda:InvokeFunction", "it"):
            entered.set()
            let_go.wait(60)

    delivery._calls.start(invoke)
    assert entered.wait(10)
    engine.let_go.set()
    deadline = monotonic() + 10
    while delivery._step_began is not None and monotonic() < deadline:
        sleep(0.01)
    later(monkeypatch, 300)
    assert (delivery.status().state, delivery.status().busy_with) == ("delivering", "lambda:InvokeFunction")
    later(monkeypatch, 340)
    assert delivery.status().state == "hung"
    let_go.set()
