from __future__ import annotations

import threading
from time import monotonic, sleep

import pytest

from tools.localaws.firehose import calls
from tools.localaws.firehose.calls import CallLog, Calls, Slots
from tools.localaws.firehose.interfaces import BlockedError


def test_calls_go_on_side_by_side_and_each_end_is_told():
    ended, let_go = [], threading.Event()
    made = Calls("stream", lambda: ended.append(1), Slots())
    slow, quick = made.start(lambda: let_go.wait(10)), made.start(lambda: "answer")
    assert quick.result(10) == "answer"
    assert len(made.threads()) >= 1
    let_go.set()
    assert slow.result(10) is True
    deadline = monotonic() + 10
    while len(ended) < 2 and monotonic() < deadline:
        sleep(0.01)
    assert (len(ended), made.threads()) == (2, [])


def test_what_a_call_raises_is_raised_where_its_result_is_taken():
    def fail():
        raise BlockedError("S3.AccessDenied", "denied")

    with pytest.raises(BlockedError, match="denied"):
        Calls("stream", lambda: None, Slots()).start(fail).result(10)


def test_the_seconds_of_calls_are_summed_by_role_and_action(monkeypatch):
    now = 100.0
    monkeypatch.setattr(calls, "monotonic", lambda: now)
    log = CallLog()
    for role, action, seconds in (("a", "s3:PutObject", 1), ("b", "s3:PutObject", 2), ("c", "s3:PutObject", 4)):
        began = log.begin(action)
        assert log.last(threading.get_ident()).action == action
        now += seconds
        log.end(role, action, began)
    assert log.seconds({"a", "b", "nobody"}) == {"s3:PutObject": 3.0}
    assert (log.last(threading.get_ident()).action, log.last(None)) == (None, None)


def test_few_calls_of_all_streams_go_on_at_a_time_but_those_that_take_long_do_not_count(monkeypatch):
    now = 100.0
    monkeypatch.setattr(calls, "monotonic", lambda: now)
    slots, let_go = Slots(2), threading.Event()
    one, other = (Calls("stream", lambda: None, slots) for _ in range(2))
    first = one.start(lambda: let_go.wait(10))
    assert other.may_start()
    other.start(lambda: let_go.wait(10))
    assert not one.may_start()
    now += 4
    assert not other.may_start()
    now += 2
    assert one.may_start()
    third, fourth = one.start(lambda: let_go.wait(10)), one.start(lambda: let_go.wait(10))
    assert not other.may_start()
    let_go.set()
    for each in (first, third, fourth):
        each.result(10)
    deadline = monotonic() + 10
    while not other.may_start() and monotonic() < deadline:
        sleep(0.01)
    assert other.may_start()
