from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tools.localaws.firehose.records import RecordTracker


@given(st.permutations(list(range(30))), st.integers(0, 30))
def test_position_is_the_end_of_the_records_done_without_a_gap_in_whatever_order(order, count):
    tracker = RecordTracker(None)
    for number in range(30):
        tracker.read(f"{number:03}")
    done = set()
    for number in order[:count]:
        tracker.mark_done(f"{number:03}")
        done.add(number)
    beginning = next((number for number in range(31) if number not in done), 31)
    assert tracker.position == (f"{beginning - 1:03}" if beginning else None)
    assert tracker.pending == 30 - beginning


def test_a_tracker_continues_from_its_position():
    tracker = RecordTracker("005")
    tracker.read("006")
    assert tracker.position == "005"
    tracker.mark_done("006")
    assert tracker.position == "006"
