from __future__ import annotations

import json
import re
import threading

import pytest

from tests.unit.tools.lake.versioned_bucket import NAME, Bucket, Killed
from tools.errors import LakeError
from tools.lake import lease
from tools.lake.lease import LeaseLostError

KEY = "ledger/orders/lease.json"


@pytest.fixture
def s3():
    return Bucket()


def held(s3, host="a", seconds=300):
    return lease.held(s3, NAME, "orders", who="arn:aws:iam::1:user/adam", host=host, verb="compact", seconds=seconds)


def by(s3, host):
    return lease.Lease(s3, NAME, "orders", who="w", host=host, verb="replay", seconds=300)


def test_it_says_whose_it_is_while_it_is_held_and_is_gone_then(s3):
    with held(s3):
        written = json.loads(s3.body(KEY))
    assert {name: written[name] for name in ("who", "host", "verb", "seconds")} == {
        "who": "arn:aws:iam::1:user/adam",
        "host": "a",
        "verb": "compact",
        "seconds": 300,
    }
    assert written["since"] < written["until"]
    assert s3.keys() == []


def test_a_second_run_is_told_in_one_line_who_holds_it(s3):
    with held(s3), pytest.raises(LakeError) as error, held(s3, "b"):
        pytest.fail("taken twice")
    said = str(error.value)
    assert re.search(r"^table orders: compact is at work since \S+ on a, as arn:aws:iam::1:user/adam; wait ", said)
    assert f"s3://lake/{KEY}" in said
    assert error.value.exit_code == 1
    assert "\n" not in said


def test_a_lease_is_given_back_after_an_error_and_not_by_a_killed_run(s3):
    with pytest.raises(ValueError, match="work"), held(s3):
        raise ValueError("work")
    assert s3.keys() == []

    s3.dies_at = len(s3.calls) + 2
    with pytest.raises(Killed), held(s3):
        s3.get_object(Bucket=NAME, Key="any")
    assert s3.keys() == [KEY]


def test_a_stale_lease_is_taken_over_and_a_fresh_one_is_not(s3):
    dead = by(s3, "dead")
    dead.take()
    s3.wait(seconds=300)
    with pytest.raises(LakeError, match="on dead"):
        by(s3, "b").take()
    s3.wait(seconds=6)

    by(s3, "b").take()

    assert json.loads(s3.body(KEY))["host"] == "b"


def test_whoever_lost_it_notices_and_leaves_the_others_alone(s3):
    first = by(s3, "first")
    first.take()
    s3.wait(seconds=400)
    second = by(s3, "second")
    second.take()

    with pytest.raises(lease.LeaseLostError, match="replay has taken over"):
        first.renew()
    with pytest.raises(lease.LeaseLostError):
        first.check()
    first.give_back()

    second.check()
    assert json.loads(s3.body(KEY))["host"] == "second"


def test_only_one_of_two_takes_over_a_stale_lease(s3):
    by(s3, "dead").take()
    s3.wait(seconds=400)
    read = s3.get_object

    def read_late(**request):
        answer = read(**request)
        s3.get_object = read
        by(s3, "quick").take()
        return answer

    s3.get_object = read_late
    with pytest.raises(LakeError, match="on quick"):
        by(s3, "slow").take()


def test_a_lease_that_was_written_and_not_answered_for_is_ours(s3):
    put = s3.put_object

    def put_twice(**request):
        put(**request)
        return put(**request)

    s3.put_object = put_twice
    mine = by(s3, "a")
    mine.take()

    mine.renew()
    mine.give_back()
    assert s3.keys() == []


def test_it_is_renewed_while_it_is_held(s3):
    renewed = threading.Event()
    with held(s3, seconds=1):
        etag = s3.versions[KEY][-1].etag
        s3.looked = lambda: renewed.set() if s3.versions[KEY][-1].etag != etag else None
        assert renewed.wait(10)
        s3.looked = lambda: None
    assert s3.keys() == []


def test_a_check_renews_a_lease_whose_time_is_over(s3, monkeypatch):
    mine = by(s3, "a")
    mine.take()
    mine.check()
    assert len(s3.versions[KEY]) == 1
    later = lease.monotonic() + 301
    monkeypatch.setattr(lease, "monotonic", lambda: later)

    mine.check()

    assert len(s3.versions[KEY]) == 2


def test_what_s3_refuses_is_one_line(s3):
    s3.closed.add(KEY)
    with pytest.raises(LakeError, match=r"^s3://lake/ledger/orders/lease.json cannot be written: .*AccessDenied"):
        by(s3, "a").take()


def test_something_else_in_its_place_is_named(s3):
    s3.place(KEY, b"{}")
    with pytest.raises(LakeError, match="is no lease of this version"):
        by(s3, "a").take()


def test_a_witness_in_another_process_sees_that_a_lease_is_lost(s3):
    with held(s3) as mine:
        witness = lease.Witness(s3, NAME, "orders", mine.token)
        witness.check()
        s3.wait(minutes=10)
        with pytest.raises(LeaseLostError, match="no longer that of this run"):
            witness.check()
        with held(s3, "b"), pytest.raises(LeaseLostError):
            witness.check()
