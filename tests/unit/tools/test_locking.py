from __future__ import annotations

import threading
from time import monotonic

import pytest

from tools import locking
from tools.errors import LakeError


@pytest.fixture
def held(tmp_path):
    """A file that somebody holds until the event is set."""
    file, is_held, let_go = tmp_path / "lock", threading.Event(), threading.Event()

    def hold():
        with locking.one_at_a_time(file, seconds=0, busy="held"):
            is_held.set()
            let_go.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    is_held.wait()
    yield file, let_go
    let_go.set()
    holder.join()


def test_what_another_holds_is_refused_with_the_reason(held):
    with pytest.raises(LakeError, match=r"^at work$"), locking.one_at_a_time(held[0], seconds=0, busy="at work"):
        pytest.fail("it is held")


def test_a_turn_begins_when_the_one_before_it_ends(held):
    file, let_go = held
    threading.Timer(0.1, let_go.set).start()
    with locking.in_turn(file, seconds=60):
        assert let_go.is_set()


def test_a_turn_that_takes_too_long_is_not_waited_for(held):
    started = monotonic()
    with locking.in_turn(held[0], seconds=0.1):
        assert 0.1 <= monotonic() - started < 30


def test_where_nothing_can_be_locked_nothing_is_waited_for(tmp_path):
    (tmp_path / "no folder").write_text("")
    done = []
    with locking.in_turn(tmp_path / "no folder" / "lock", seconds=60):
        done.append(True)
    assert done


def test_what_fails_in_a_turn_fails(tmp_path):
    with pytest.raises(LakeError, match=r"^its own reason$"), locking.in_turn(tmp_path / "lock", seconds=0):
        raise LakeError("its own reason")
