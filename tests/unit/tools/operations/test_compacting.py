"""Compaction of a table: what there is to do, and that no death on the way loses, doubles or leaves anything."""

from __future__ import annotations

import gzip
import json
import random
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from tests.unit.tools.lake.versioned_bucket import NAME, Bucket, Killed
from tools.lake import lease
from tools.lake.compaction.folders import Outcome
from tools.operations import compacting
from tools.operations.compacting import Result, Settings, TableCompactor, Work

PREFIX = "data/orders/"
HOURS = ("cdc_date=2026-01-30/cdc_hour=23", "cdc_date=2026-01-31/cdc_hour=05", "cdc_date=2026-01-31/cdc_hour=10")
SETTINGS = Settings(1000, timedelta(hours=2), timedelta(hours=1))
UNHELD = SimpleNamespace(check=lambda: None)


def record(number):
    # Text that packs badly: what is packed together is as large as its parts.
    text = random.Random(number).randbytes(100).hex()
    return json.dumps({"cdc_event_id": f"e-{number}", "cdc_key": f'{{"id":"{number % 3}"}}', "text": text}).encode()


def bucket():
    """Returns a lake at 12:05: two hours that are over, one that still gets objects, and a line that is no record."""
    s3 = Bucket()
    number = 0
    for folder, objects in zip(HOURS, (3, 5, 2), strict=True):
        for at in range(objects):
            rows = [record(number + more) for more in range(2)]
            number += 2
            lines = b"".join(row + b"\n" for row in rows)
            key = f"{PREFIX}{folder}/orders-1-{folder[9:19]}-{folder[-2:]}-00-{at:02}-x.gz"
            s3.place(key, gzip.compress(lines, 9))
    s3.place(f"{PREFIX}{HOURS[1]}/bad.gz", gzip.compress(b"no json\n"))
    s3.wait(minutes=5)
    return s3


def table(s3, settings=SETTINGS):
    return TableCompactor(s3, (NAME, "orders", PREFIX), settings)


def run(s3, settings=SETTINGS):
    """Does what one run of the verb does."""
    compactor = table(s3, settings)
    works = compactor.survey(s3.now)
    with lease.held(s3, NAME, "orders", who="w", host="h", verb="compact") as held:
        results = compactor.run(works, held, lambda _: None)
    assert not [result for result in results if result.error]
    return results


def finish(s3):
    """Runs again and again, hours apart, until there is nothing to do."""
    for _ in range(6):
        s3.wait(minutes=61)
        if not [work for work in table(s3).survey(s3.now) if work.step != "wait"]:
            return
        run(s3)
    pytest.fail("it does not come to an end")


def what_views_read(s3):
    """Returns the rows of the views: each change once, whatever objects it is in."""
    found = [json.loads(line) for line in s3.lines(PREFIX) if line.startswith(b"{")]
    return {(row["cdc_key"], row["cdc_event_id"]): row for row in found}


def test_hours_that_are_over_are_to_be_written_and_then_removed():
    s3 = bucket()
    writes = table(s3).survey(s3.now)
    run(s3)
    waits = table(s3).survey(s3.now)
    s3.wait(minutes=60)
    removals = table(s3).survey(s3.now)

    assert [(work.folder, work.step, work.objects, work.targets) for work in writes] == [
        (HOURS[0], "write", 3, 1),
        (HOURS[1], "write", 6, 2),
    ]
    assert [(work.folder, work.step, work.wait_seconds) for work in waits] == [
        (HOURS[0], "wait", 3601),
        (HOURS[1], "wait", 3601),
    ]
    assert [(work.step, work.objects) for work in removals[:2]] == [("remove", 3), ("remove", 6)]


@pytest.mark.parametrize(("minutes", "is_over"), [(-1, False), (0, True)])
def test_an_hour_is_over_when_it_ended_more_than_the_margin_ago(minutes, is_over):
    s3 = bucket()
    at = datetime(2026, 1, 31, 13, tzinfo=UTC) + timedelta(minutes=minutes)

    assert (HOURS[2] in [work.folder for work in table(s3).survey(at)]) == is_over


def test_a_whole_compaction_keeps_each_line_once_and_leaves_nothing_over():
    s3 = bucket()
    before, seen = s3.lines(PREFIX), what_views_read(s3)
    run(s3)
    assert what_views_read(s3) == seen
    finish(s3)

    assert s3.lines(PREFIX) == before
    assert [key.rpartition("/")[2][:10] for key in s3.keys(PREFIX)] == ["compacted-"] * 4
    assert [key.split("/")[3] for key in s3.keys("ledger/")] == ["done"] * 3


def calls_of_a_whole_compaction():
    s3 = bucket()
    s3.calls = []
    run(s3)
    first = len(s3.calls)
    s3.wait(minutes=61)
    run(s3)
    return first, len(s3.calls) - first


FIRST, SECOND = calls_of_a_whole_compaction()


@pytest.mark.parametrize("answers_last", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("runs", "at"), [(0, at) for at in range(1, FIRST + 1)] + [(1, at) for at in range(1, SECOND + 1)]
)
def test_whichever_call_it_dies_at_the_next_runs_end_as_if_it_had_not(runs, at, answers_last):
    s3 = bucket()
    before, seen = s3.lines(PREFIX), what_views_read(s3)
    s3.looked = lambda: missing.extend(seen.keys() - what_views_read(s3).keys())
    missing = []
    if runs:
        run(s3)
        s3.wait(minutes=61)
    s3.calls = []
    s3.dies_at, s3.answers_last = at, answers_last
    with pytest.raises(Killed):
        run(s3)
    s3.revive()
    assert what_views_read(s3) == seen

    finish(s3)

    assert not missing
    assert s3.lines(PREFIX) == before
    assert [key.rpartition("/")[2][:10] for key in s3.keys(PREFIX)] == ["compacted-"] * 4
    assert [key.split("/")[3] for key in s3.keys("ledger/")] == ["done"] * 3
    named = {group["key"] for key in s3.keys("ledger/") for group in json.loads(s3.body(key))["groups"]}
    assert named == set(s3.keys(PREFIX))


def test_what_fails_in_one_folder_stops_no_other():
    s3 = bucket()
    (closed,) = [key for key in s3.keys(PREFIX) if HOURS[0] in key and "-00-01-" in key]
    s3.closed.add(closed)
    compactor = table(s3)

    failed, done = sorted(compactor.run(compactor.survey(s3.now), UNHELD, lambda _: None), key=lambda one: one.folder)

    assert "AccessDenied" in failed.error
    assert "\n" not in failed.error
    assert done == Result(HOURS[1], done.outcome)
    assert done.outcome.written == 2


def test_a_lease_that_is_lost_ends_the_run():
    def lost():
        raise lease.LeaseLostError("lost")

    s3 = bucket()
    compactor = table(s3)
    with pytest.raises(lease.LeaseLostError):
        compactor.run(compactor.survey(s3.now), SimpleNamespace(check=lost), lambda _: None)
    assert s3.keys("ledger/") == []


def test_ctrl_c_gives_the_lease_back_and_the_next_runs_go_on():
    def interrupted(_result):
        raise KeyboardInterrupt

    s3 = bucket()
    before = s3.lines(PREFIX)
    compactor = table(s3)
    works = compactor.survey(s3.now)
    held = lease.held(s3, NAME, "orders", who="w", host="h", verb="compact")
    with pytest.raises(KeyboardInterrupt), held as one:
        compactor.run(works, one, interrupted)
    assert not s3.keys("ledger/orders/lease.json")

    finish(s3)

    assert s3.lines(PREFIX) == before
    assert len(s3.keys(PREFIX)) == 4


def test_to_the_end_waits_for_the_grace_period_and_removes(monkeypatch):
    s3 = bucket()
    before = s3.lines(PREFIX)
    waited = []
    clock = SimpleNamespace(now=lambda _zone: s3.now)
    monkeypatch.setattr(compacting, "datetime", clock)
    monkeypatch.setattr(compacting, "sleep", lambda seconds: s3.wait(seconds=seconds))
    compactor = table(s3)

    results = compactor.run_to_the_end(compactor.survey(s3.now), UNHELD, lambda _: None, waited.append)

    assert (waited[0], waited[-1]) == (3601, 1)
    assert sum(result.outcome.removed for result in results) == 9
    assert s3.lines(PREFIX) == before
    assert len(s3.keys(PREFIX)) == 5


def test_an_hour_all_of_whose_objects_are_gone_leaves_no_record():
    s3 = bucket()
    run(s3)
    for key in s3.keys(PREFIX):
        s3.remove(key)
    for key in s3.keys("ledger/orders/compaction/"):
        record = json.loads(s3.body(key))
        record["groups"] = [{**group, "target": None} for group in record["groups"]]
        s3.place(key, json.dumps(record).encode())

    assert [work.step for work in table(s3).survey(s3.now)] == ["write", "write"]
    assert [result.outcome for result in run(s3)] == [Outcome(), Outcome()]
    assert s3.keys() == []


def test_what_has_to_wait_is_left_alone():
    s3 = bucket()
    run(s3)
    compactor = table(s3)
    waits = compactor.survey(s3.now)
    s3.calls = []

    assert compactor.run(waits, UNHELD, lambda _: None) == []
    assert s3.calls == []


def test_threads_do_the_same_as_one():
    s3, alone = bucket(), bucket()
    for each, jobs in ((s3, 4), (alone, 1)):
        run(each, Settings(1000, timedelta(hours=2), timedelta(), jobs))

    assert [s3.body(key) for key in s3.keys(PREFIX)] == [alone.body(key) for key in alone.keys(PREFIX)]


def test_work_of_a_table_without_objects_is_none():
    assert table(Bucket()).survey(datetime(2026, 1, 31, tzinfo=UTC)) == []
    assert Work("f", "write", 2, 10, 1).wait_seconds == 0


def test_rows_of_another_tool_stay_where_they_are_until_they_are_settled():
    s3 = bucket()
    key = f"{PREFIX}{HOURS[1]}/repair-1.gz"
    s3.place(key, gzip.compress(record(99) + b"\n"))
    s3.place("ledger/orders/rows/open/repair/1.json", json.dumps(open_record(key)).encode())
    planned = table(s3).survey(s3.now)
    finish(s3)
    assert sum(work.objects for work in planned) == 9
    assert s3.body(key)

    s3.remove("ledger/orders/rows/open/repair/1.json")
    s3.place(f"{PREFIX}{HOURS[1]}/late.gz", gzip.compress(b"{}\n"))
    finish(s3)

    assert s3.body(key) is None
    assert s3.lines(PREFIX).count(record(99)) == 1


def open_record(key):
    return {"verb": "repair", "identity": "1", "sources": [], "key": key, "attempt": "a"}
