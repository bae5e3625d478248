from __future__ import annotations

import pytest

from tests.unit.tools.lake.replay.failures import AT_MS, MESSAGE, line
from tools.lake import failed_records
from tools.lake.compaction.grouping import Source
from tools.lake.replay import selection
from tools.lake.replay.failed_objects import FailedObject
from tools.lake.replay.selection import Selection, Survey, Tally

ALL = Selection()
FOUND = FailedObject(Source("k", "e", 1), "processing-failed", "f/")


def survey(*lines, chosen=ALL):
    found = Survey(FOUND)
    for each in lines:
        found.add(failed_records.replayable(each), chosen)
    return found


@pytest.mark.parametrize(
    ("chosen", "takes"),
    [
        (Selection(), True),
        (Selection(frozenset(["Lambda.FunctionError"])), True),
        (Selection(frozenset(["Other"])), False),
        (Selection(since_ms=AT_MS), True),
        (Selection(since_ms=AT_MS + 1), False),
        (Selection(until_ms=AT_MS), False),
        (Selection(until_ms=AT_MS + 1), True),
    ],
)
def test_records_are_chosen_by_code_and_by_time_from_the_first_up_to_before_the_last(chosen, takes):
    found = survey(line(b"a"), chosen=chosen)

    assert (failed_records.replayable(line(b"a")) in chosen) == takes
    assert (found.chosen, found.lines) == (int(takes), 1)


def test_records_are_counted_by_type_code_hour_and_reason():
    hour = 3_600_000
    found = survey(line(b"abc"), line(b"abcdef", arrivalTimestamp=AT_MS + 5, errorMessage="x"))
    more = survey(line(b"abc", arrivalTimestamp=AT_MS - hour), b"no json", line(b"abc", errorCode="", ErrorCode="C"))

    total = selection.total([found, more])

    failed, transform = "processing-failed", "Lambda.FunctionError"
    assert list(total) == [
        (failed, "unreadable", ""),
        (failed, transform, "2026-01-31T04"),
        (failed, "C", "2026-01-31T05"),
        (failed, transform, "2026-01-31T05"),
    ]
    tried = total[failed, transform, "2026-01-31T05"].tried_ms
    assert total[failed, transform, "2026-01-31T05"] == Tally(2, 9, AT_MS, AT_MS + 5, {MESSAGE: 1, "x": 1}, tried)
    assert more.chosen == 2


@pytest.mark.parametrize(
    ("ended", "tried"), [(AT_MS + 90_000, AT_MS + 90_000), (0, AT_MS + 3_600_000), (AT_MS + 10**9, AT_MS + 3_600_000)]
)
def test_firehose_has_tried_a_record_until_its_attempt_ended_and_no_longer_than_an_hour(ended, tried):
    (tally,) = survey(line(b"a", attemptEndingTimestamp=ended)).tallies.values()
    assert tally.tried_ms == tried


def test_reasons_that_are_all_different_do_not_fill_the_memory():
    found = survey(*(line(b"a", errorMessage=f"request {number}") for number in range(100)))

    (tally,) = found.tallies.values()
    assert len(tally.reasons) == 11
    assert tally.reasons["other reasons"] == 90
