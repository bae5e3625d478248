from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from tools.errors import LakeError
from tools.operations import draining


class NotFoundError(Exception):
    pass


@pytest.fixture
def time(monkeypatch):
    """A clock that only sleeping moves: the seconds that were slept."""
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(draining, "monotonic", lambda: clock.now)
    monkeypatch.setattr(draining, "sleep", lambda seconds: setattr(clock, "now", clock.now + seconds))
    return clock


@pytest.fixture
def aws():
    def describe_delivery_stream(**request):
        seconds = {"orders": 120, "events": 900}.get(request["DeliveryStreamName"])
        if seconds is None:
            raise NotFoundError
        destination = {"ExtendedS3DestinationDescription": {"BufferingHints": {"IntervalInSeconds": seconds}}}
        return {"DeliveryStreamDescription": {"Destinations": [destination]}}

    exceptions = SimpleNamespace(ResourceNotFoundException=NotFoundError)
    firehose = SimpleNamespace(describe_delivery_stream=describe_delivery_stream, exceptions=exceptions)
    return SimpleNamespace(client=lambda name: firehose if name == "firehose" else None)


def behind(monkeypatch, answer):
    monkeypatch.setattr(draining, "behind_latest", lambda _client, name: timedelta(seconds=answer(name)))


def test_both_buffers_of_the_slowest_stream_and_the_passage_are_waited_for(aws, time, monkeypatch, capsys):
    behind(monkeypatch, lambda _name: 0)

    draining.wait(aws, ["orders", "events"], 180)

    assert time.now == 900 + 60 + 180
    assert "up to 1140 s to the lake: 960 s in the buffers of events, 180 s through" in capsys.readouterr().out


def test_a_stream_that_is_gone_is_not_waited_for(aws, time):
    draining.wait(aws, ["gone"], 180)

    assert time.now == 0


def test_a_stream_that_is_behind_is_waited_for_until_it_has_read_to_the_end(aws, time, monkeypatch):
    behind(monkeypatch, lambda _name: 400 if time.now < 500 else 0)

    draining.wait(aws, ["orders"], 180)

    assert 500 <= time.now < 540


def test_a_stream_that_stays_behind_is_an_error_that_says_what_was_removed(aws, time, monkeypatch):
    behind(monkeypatch, lambda _name: 5000)

    with pytest.raises(LakeError, match="orders is 5000 s behind its stream"):
        draining.wait(aws, ["orders"], 180)


def test_where_it_cannot_be_seen_the_buffers_alone_are_waited_for(aws, time, monkeypatch, capsys):
    def denied(_name):
        raise LakeError("it cannot be seen how far orders is behind: denied")

    behind(monkeypatch, denied)

    draining.wait(aws, ["orders"], 180)

    assert time.now == 120 + 60 + 180
    assert capsys.readouterr().err.count("only the buffers are waited for") == 1
