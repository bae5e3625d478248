"""What the worker publishes of its deliveries."""

from __future__ import annotations

import threading
from time import monotonic

import pytest

from tools.errors import LakeError
from tools.localaws.firehose import worker as worker_module
from tools.localaws.firehose.calls import Slots
from tools.localaws.firehose.metrics import BEHIND, FRESHNESS
from tools.localaws.firehose.roles import ClientFactory
from tools.localaws.firehose.worker import Delivery, Worker
from tools.localaws.service import LocalAws
from tools.localaws.state_folder import StateFolder


@pytest.fixture
def delivery(stream, tmp_path):
    clients = ClientFactory(LocalAws("https://127.0.0.1:1", tmp_path / "ca.pem"))
    return Delivery(clients, stream, tmp_path, lambda: 1, Slots())


class Engine:
    def lag_ms(self, _now):
        return 3000.0

    def oldest_age(self, _now):
        return 41.0


def test_how_far_delivery_is_behind_is_measured_when_it_is_published(delivery):
    delivery._engine = Engine()
    samples = delivery.collect(monotonic())
    assert (list(samples[BEHIND]), list(samples[FRESHNESS])) == ([3000], [41.0])


def test_without_an_engine_it_falls_behind_from_where_it_was(delivery, monkeypatch):
    def fail():
        raise LakeError("the checkpoint is damaged")

    now = monotonic()
    delivery._engine = Engine()
    delivery.collect(now)
    delivery._engine = None
    monkeypatch.setattr(delivery, "_new_engine", fail)
    samples = delivery.collect(now + 60)
    assert list(samples[BEHIND]) == [63_000]
    assert FRESHNESS not in samples


def test_a_worker_that_stops_publishes_what_it_has_counted_last(delivery, stream, tmp_path, monkeypatch):
    folder = StateFolder(tmp_path)
    folder.create()
    local = LocalAws("https://127.0.0.1:1", folder.certificate)
    monkeypatch.setattr("tools.localaws.service.connect", lambda _home: local)
    monkeypatch.setattr(worker_module, "_REFRESH_SECONDS", 0.02)
    monkeypatch.setattr(worker_module, "_BEAT_SECONDS", 0.02)
    published = []

    class CloudWatch:
        def put_metric_data(self, **request):
            published.append(request)

    worker = Worker(folder)
    monkeypatch.setattr(worker, "_streams", lambda account: [stream] if account == stream.account_id else [])
    monkeypatch.setattr(worker._clients, "root", lambda _account, _service: CloudWatch())
    monkeypatch.setattr(Delivery, "_run", lambda _self: worker._stop.wait(10))
    running = threading.Thread(target=worker.run)
    running.start()
    deadline = monotonic() + 10
    while not worker._deliveries and monotonic() < deadline:
        worker._stop.wait(0.01)
    worker._deliveries[stream.arn]._meter.put(successful=True)
    assert not published
    worker.stop()
    running.join(10)
    names = [datum["MetricName"] for request in published for datum in request["MetricData"]]
    assert "DeliveryToS3.Success" in names
    assert "KinesisMillisBehindLatest" in names
