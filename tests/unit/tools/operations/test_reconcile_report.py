from __future__ import annotations

import json

from tools.lake.reconcile.comparison import Lost
from tools.lake.reconcile.differences import Difference
from tools.lake.reconcile.report import Finding, Report
from tools.operations import reconcile_report

FINDING = Finding(
    "different", '{"id":"1"}', (Difference("n", "value"),), "delivery: it is lost", "data/t/x.gz", 7, "2026-01-31"
)
REPORT = Report(
    table="t",
    at="2026-01-31 10:20:30",
    items=3,
    lines=9,
    bad_lines=1,
    counts={"different": 2, "equal": 1},
    findings=(FINDING,),
    lost=(Lost('{"id":"2"}', 1, 4, 2),),
    lost_versions=2,
    proof="markers",
    seconds=1.5,
    quiet=("2026-01-31 09:00:00", "2026-01-31 09:20:00"),
)


def test_people_are_told_what_differs_where_it_lies_and_which_hop_lost_it():
    told = "\n".join(reconcile_report.lines(REPORT, 2, "single-account"))

    for said in (
        "2 different, 1 equal",
        'different {"id":"1"}',
        "columns: n (value)",
        "data/t/x.gz, line 7",
        "hop: delivery: it is lost",
        "and 1 more",
        'lost versions {"id":"2"}: 2 of 1 to 4',
        "2 SNAPSHOT rows written",
        "python -m tools.backfill single-account --table t --since 2026-01-31T09:00:00Z --until 2026-01-31T09:20:00Z",
        "t: NOT EQUAL",
    ):
        assert said in told


def test_scripts_read_the_same():
    told = json.loads(reconcile_report.as_json(REPORT, 0))

    assert (told["equal"], told["counts"]["different"], told["findings"][0]["line"]) == (False, 2, 7)


def test_keys_in_flux_and_rows_of_older_versions_are_no_reason_to_fail():
    counts = {"equal": 1, "undetermined": 3, "other version": 2, "dropped": 1}

    assert Report("t", "", 1, 1, 0, counts, (), (), 0, "waiting", 1.0).is_equal
    assert not Report("t", "", 1, 1, 0, {"extra": 1}, (), (), 0, "waiting", 1.0).is_equal
    assert not Report("t", "", 1, 1, 0, {}, (), (), 1, "waiting", 1.0).is_equal
