"""Replay of a table: no death on the way, whoever comes between, loses or doubles a record."""

from __future__ import annotations

import base64
import gzip
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from tests.unit.tools.lake.replay.failures import AT_MS, ERRORS, HOUR, Function, line, place
from tests.unit.tools.lake.versioned_bucket import NAME, Bucket, Killed
from tools.deployments.outputs import Table
from tools.errors import LakeError
from tools.lake import lease
from tools.lake.replay.group_reader import Outcome
from tools.lake.replay.selection import Selection
from tools.lake.row_ledger import Counts
from tools.operations import compacting
from tools.operations.compacting import TableCompactor
from tools.operations.replaying import Settings, TableReplayer

DATA = "data/orders/"
TABLE = ("orders", Table("stream", "role", DATA, ERRORS))
CHOSEN = Selection(frozenset(["Lambda.FunctionError"]))
RECORDS = [b"%02d" % number for number in range(12)]
POISON, DROPPED, OTHER = b"poison", b"drop", b"not chosen"


def bucket():
    """Returns a lake in which 12 good records failed, one that fails again, one to drop, and one not to touch."""
    s3 = Bucket()
    place(s3, "a.gz", *map(line, RECORDS[:3]))
    place(s3, "b.gz", line(POISON), *map(line, RECORDS[3:5]), line(OTHER, errorCode="Other"))
    place(s3, "c.gz", *map(line, RECORDS[5:8]), line(DROPPED))
    place(s3, "d.gz", *map(line, RECORDS[8:10]), hour="cdc_date=2026-01-31/cdc_hour=06")
    place(s3, "e.gz", *map(line, RECORDS[10:]), error_type="activePartitionExceeded")
    return s3


def replayer(s3, selection=CHOSEN, jobs=1):
    return TableReplayer(s3, NAME, TABLE, Settings(selection, jobs, most_lines=8))


def run(s3, *mends, selection=CHOSEN, jobs=1):
    """Does what one run of the verb does."""
    one = replayer(s3, selection, jobs)
    surveys = one.survey(lambda _: None)
    with lease.held(s3, NAME, "orders", who="w", host="h", verb="replay") as held:
        return one.replay(surveys, Function(*mends), held, lambda _: None)


def rows(s3):
    return [text.removeprefix(b'{"of":"').removesuffix(b'"}') for text in s3.lines(DATA)]


def failed(s3):
    found = (json.loads(text) for text in s3.lines(ERRORS))
    return sorted(base64.b64decode(each["rawData"]) for each in found)


def nothing_is_left_over(s3):
    return not [key for key in s3.keys() if "/open/" in key or key.startswith(f"{ERRORS}replay/")]  # noqa: SIM118


def test_a_whole_replay_makes_each_record_a_row_and_leaves_what_fails_with_its_reason():
    s3 = bucket()
    outcome = run(s3)

    assert outcome == Outcome(Counts(12, 1, 2), {"poison": 1})
    assert sorted(rows(s3)) == RECORDS
    assert failed(s3) == [OTHER, POISON]
    assert all("/replay-" in key for key in s3.keys(DATA))
    assert f"cdc_date={datetime.now(UTC):%Y-%m-%d}" in s3.keys(DATA)[0]
    (left,) = s3.keys(ERRORS)
    assert left.startswith(f"{ERRORS}processing-failed/{HOUR}/still-failed-")
    assert {json.loads(text)["errorMessage"] for text in s3.lines(ERRORS)} == {"poison", "it returned an error result"}
    assert nothing_is_left_over(s3)


def test_a_second_run_changes_nothing_and_one_with_a_mended_function_takes_the_rest():
    s3 = bucket()
    run(s3)
    before = s3.versions.copy()
    assert run(s3).reasons == {"poison": 1}
    assert {key: s3.body(key) for key in s3.keys("data/")} == {key: before[key][-1].body for key in s3.keys("data/")}
    assert len(s3.keys(ERRORS)) == 1

    assert run(s3, POISON).counts == Counts(1, 0, 1)

    assert sorted(rows(s3)) == [*RECORDS, POISON]
    assert failed(s3) == [OTHER]


def calls_of_a_whole_replay():
    s3 = bucket()
    run(s3)
    return len(s3.calls)


CALLS = calls_of_a_whole_replay()
EVERY_DEATH = [(at, last) for at in range(1, CALLS + 1) for last in (False, True)]


def die(s3, at, answers_last, *mends):
    s3.calls = []
    s3.dies_at, s3.answers_last = at, answers_last
    with pytest.raises(Killed):
        run(s3, *mends)
    s3.revive()
    s3.wait(minutes=10)


@pytest.mark.parametrize(("at", "answers_last"), EVERY_DEATH)
def test_whichever_call_it_dies_at_the_next_run_ends_as_if_it_had_not(at, answers_last):
    s3 = bucket()
    die(s3, at, answers_last)

    run(s3)

    assert sorted(rows(s3)) == RECORDS
    assert failed(s3) == [OTHER, POISON]
    assert nothing_is_left_over(s3)


def test_what_a_dead_run_has_written_does_not_count_as_failed_any_more():
    s3 = bucket()
    run(s3)
    (at,) = [number for number, call in enumerate(s3.calls, 1) if call[0] == "CopyObject"]
    s3 = bucket()
    die(s3, at, answers_last=False)

    left = replayer(s3).survey(lambda _: None)

    assert sum(survey.lines for survey in left) + len(rows(s3)) + len([OTHER, POISON]) == 15


@pytest.mark.parametrize(("at", "answers_last"), EVERY_DEATH)
def test_a_death_before_another_version_of_the_function_and_another_choice_loses_and_doubles_nothing(at, answers_last):
    s3 = bucket()
    die(s3, at, answers_last)

    run(s3, POISON, selection=Selection(until_ms=AT_MS))
    run(s3, POISON, selection=Selection())

    assert sorted(rows(s3)) == [*RECORDS, OTHER, POISON]
    assert failed(s3) == []
    assert nothing_is_left_over(s3)


@pytest.mark.parametrize(("at", "answers_last"), EVERY_DEATH)
def test_a_compaction_between_a_death_and_the_next_run_loses_and_doubles_nothing(at, answers_last):
    s3 = bucket()
    die(s3, at, answers_last)
    compact(s3)

    run(s3)
    compact(s3)

    assert sorted(rows(s3)) == RECORDS
    assert failed(s3) == [OTHER, POISON]
    assert nothing_is_left_over(s3)


def compact(s3):
    """Compacts every hour, and removes what is replaced."""
    settings = compacting.Settings(1 << 20, timedelta(hours=-2), timedelta())
    for _ in range(2):
        compactor = TableCompactor(s3, (NAME, "orders", DATA), settings)
        works = compactor.survey(datetime.now(UTC))
        with lease.held(s3, NAME, "orders", who="w", host="h", verb="compact") as held:
            assert not [each.error for each in compactor.run(works, held, lambda _: None) if each.error]


def test_threads_do_the_same_as_one():
    s3 = bucket()
    for number in range(40):
        place(s3, f"m{number}.gz", *(line(b"%02d-%d" % (number, more)) for more in range(5)))

    outcome = run(s3, jobs=4)

    assert outcome.counts == Counts(212, 1, 2)
    assert Counter(rows(s3)).most_common(1)[0][1] == 1
    assert len(rows(s3)) == 212


def test_trying_out_says_the_same_and_writes_nothing():
    s3 = bucket()
    before = {key: s3.body(key) for key in s3.keys()}  # noqa: SIM118
    one = replayer(s3)

    outcome = one.try_out(one.survey(lambda _: None), Function(), lambda _: None)

    assert outcome == Outcome(Counts(12, 1, 2), {"poison": 1})
    assert {key: s3.body(key) for key in s3.keys()} == before  # noqa: SIM118


def test_what_changes_or_is_damaged_stays_and_is_told():
    s3 = bucket()
    damaged = s3.place(f"{ERRORS}processing-failed/{HOUR}/z.gz", gzip.compress(line(b"z") * 99)[:-9])
    one = replayer(s3)
    surveys = one.survey(lambda _: None)
    changed = place(s3, "d.gz", line(b"changed"), hour="cdc_date=2026-01-31/cdc_hour=06")
    with lease.held(s3, NAME, "orders", who="w", host="h", verb="replay") as held:
        one.replay(surveys, Function(), held, lambda _: None)

    assert [survey.unreadable for survey in surveys if survey.unreadable] == ["gzip data ends early"]
    assert s3.body(f"{ERRORS}processing-failed/{HOUR}/z.gz") == damaged.body
    assert s3.body(changed)
    assert sorted(rows(s3)) == [*RECORDS[:8], *RECORDS[10:]]


def test_a_function_that_cannot_be_called_ends_the_run_with_nothing_changed():
    s3 = bucket()
    one = replayer(s3)
    function = Function()
    function.broken = True
    surveys = one.survey(lambda _: None)
    held = lease.held(s3, NAME, "orders", who="w", host="h", verb="replay")
    with pytest.raises(LakeError, match="MASK_KEY is not set"), held as lent:
        one.replay(surveys, function, lent, lambda _: None)

    assert rows(s3) == []
    assert len(failed(s3)) == 15
    run(s3)
    assert sorted(rows(s3)) == RECORDS


def test_failed_records_that_are_closed_are_told_with_who_may_read_them():
    s3 = bucket()
    s3.closed.add(f"{ERRORS}processing-failed/{HOUR}/b.gz")
    ruled = Table("stream", "role", DATA, ERRORS, rules={"card": "drop"})
    one = TableReplayer(s3, NAME, ("orders", ruled), Settings(CHOSEN, 1))

    with pytest.raises(LakeError, match=r"b.gz cannot be read: .*AccessDenied.*original_reader_role_arns"):
        one.survey(lambda _: None)


class Frozen(Function):
    """Stands still in its first call, while another run takes the lease over and does everything."""

    def __init__(self, s3):
        super().__init__()
        self.s3 = s3

    def transform(self, records):
        found = super().transform(records)
        if self.calls == 1:
            run(self.s3)
        return found


def test_a_run_that_goes_on_late_when_another_has_done_its_work_ends_and_doubles_nothing():
    s3 = bucket()
    one = replayer(s3)
    surveys = one.survey(lambda _: None)
    held = SimpleNamespace(check=lambda: None)
    with pytest.raises(LakeError, match="has changed meanwhile; run the same again"):
        one.replay(surveys, Frozen(s3), held, lambda _: None)

    run(s3)

    assert sorted(rows(s3)) == RECORDS
    assert failed(s3) == [OTHER, POISON]
    assert nothing_is_left_over(s3)
