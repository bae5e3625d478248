from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tools.health import holes, judging
from tools.health.judging import Commands
from tools.health.measured import DeliveryMeasured, LakeMeasured, Measured, PathMeasured, StreamMeasured, TableMeasured
from tools.health.metrics import Series
from tools.lake.gaps import Gap

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def ago(minutes):
    return NOW - timedelta(minutes=minutes)


def series(*minutes):
    return Series(tuple((ago(each), 5.0) for each in sorted(minutes, reverse=True)))


def path(written, came, gaps=()):
    return PathMeasured(
        TableMeasured("ACTIVE", "ACTIVE", writes=series(*written)),
        StreamMeasured("ACTIVE", 1, incoming=series(*came)),
        DeliveryMeasured("ACTIVE", timedelta(minutes=2)),
        LakeMeasured(gaps=gaps),
    )


ALWAYS = range(90)
HOLE = [each for each in ALWAYS if not 30 <= each < 50]


def test_a_time_of_writes_of_which_nothing_came_is_found_between_what_came():
    assert holes.find(path(ALWAYS, HOLE), NOW) == (ago(48), ago(30))


@pytest.mark.parametrize(
    ("written", "came"),
    [
        (ALWAYS, ALWAYS),
        (HOLE, HOLE),
        (ALWAYS, [each for each in ALWAYS if each % 3]),
        ([1, 0], []),
        ((), ALWAYS),
    ],
)
def test_what_came_a_little_early_or_late_or_was_not_written_is_none(written, came):
    assert holes.find(path(written, came), NOW) is None


def test_a_hole_that_is_a_gap_already_is_told_no_more():
    found = holes.find(path(ALWAYS, HOLE), NOW)

    assert holes.find(path(ALWAYS, HOLE, (Gap.of(*found),)), NOW) is None
    assert holes.find(path(ALWAYS, HOLE, (Gap.of(found[0], ago(40)),)), NOW) == found


def said(measured):
    found = judging.judge(Measured(NOW, {"orders": measured}), Commands("single-account"))
    return [(each.says, each.do) for each in found if "backfill" in each.do]


def test_the_command_that_heals_a_hole_is_printed():
    ((says, do),) = said(path(ALWAYS, HOLE))

    assert says.startswith("from 2026-01-31 11:12 to 11:30 UTC the table was written to, and nothing came")
    assert do == (
        "python -m tools.backfill single-account --table orders "
        "--since 2026-01-31T11:12:00Z --until 2026-01-31T11:30:00Z"
    )


def test_while_streaming_is_off_the_command_begins_before_the_last_change_that_is_in_the_lake():
    off = replace(path((), ()), table=TableMeasured("ACTIVE", "DISABLED"), lake=LakeMeasured(newest=ago(10)))

    ((says, do),) = said(off)

    assert "when streaming is on again" in says
    assert do == "python -m tools.backfill single-account --table orders --since 2026-01-31T11:47:00Z"
