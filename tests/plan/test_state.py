"""What the scheduled merge makes of changes, in whatever order they arrive and wherever a run dies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlglot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.plan.lake_tables import Lake
from tests.plan.plans import PRODUCERS_TABLE
from tests.plan.state_machine import Kill, KilledError
from tests.plan.state_table import StateTable, machine, steps

NAME = PRODUCERS_TABLE.replace("-", "_")
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TIDYING = {"OPTIMIZE", "VACUUM"}

TASKS = (
    *(
        "LookForOthers",
        "TakeLease",
        "CreateTable",
        "LookAtColumns",
        "AddColumns",
        "FindMark",
        "ReadMark",
        "TellLagBefore",
    ),
    *("Merge", "MakeView", "TellLag", "Optimize", "Vacuum", "GiveBack"),
)
kills = st.none() | st.builds(Kill, st.sampled_from(TASKS), st.booleans())

follows = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def table(plans):
    plan = plans["consumer-state"]
    return StateTable(Lake(plan), machine(plan))


@pytest.fixture(autouse=True)
def _nothing_yet(table):
    forget(table)


def forget(table):
    table.forget()
    table.lake.put(NAME, [])


def change(event_id, *, key="a", at=1, sequence="1", event="MODIFY", folder=NOON):
    """Returns a row, whose attribute `id` says which change made it."""
    return {
        "cdc_event": event,
        "cdc_event_id": event_id,
        "cdc_key": key,
        "cdc_changed_at": f"2026-01-01 00:00:00.{at:06}",
        "cdc_changed_at_us": at,
        "cdc_sequence_number": sequence,
        "cdc_ttl": False,
        "cdc_date": f"{folder:%Y-%m-%d}",
        "cdc_hour": folder.hour,
        "id": event_id,
    }


def latest(rows):
    """Returns key -> the newest change of an item; of a repeat under another number the first counts."""

    def number(row):
        return int(row["cdc_sequence_number"] or 0)

    once = {}
    for row in sorted(rows, key=number, reverse=True):
        once[row["cdc_event_id"]] = row
    order = sorted(once.values(), key=lambda row: (row["cdc_changed_at_us"], number(row), row["cdc_event_id"]))
    return {row["cdc_key"]: row for row in order}


def check(table, rows):
    """Asserts that table and view are what all these changes come to."""
    wanted = latest(rows)
    kept = {key: (row["cdc_event_id"], row["id"]) for key, row in table.rows().items() if key}
    removed = {key for key, row in wanted.items() if row["cdc_event"] == "REMOVE"}
    assert kept == {key: (row["id"], None if key in removed else row["id"]) for key, row in wanted.items()}
    current = {key: row["id"] for key, row in table.current().items()}
    assert current == {key: row["id"] for key, row in wanted.items() if key not in removed}


def without_a_column(table):
    """Takes the column `id` out of the table, as if it had been declared after the last run."""
    table.lake.run(f"DROP VIEW {table.view}")
    table.lake.run(f"ALTER TABLE {table.place} DROP COLUMN id")


@st.composite
def histories(draw):
    """Runs, each with the hours since the last, what arrived in between, and where it dies, if it does.

    What arrives lies in a folder that is at most the overlap older than the last run, some of it twice.
    """
    now, number, runs, known = NOON, 0, [], []
    for _ in range(draw(st.integers(1, 5))):
        pause, arrived = draw(st.integers(1, 60)), []
        for _ in range(draw(st.integers(0, 6))):
            folder = now + draw(st.integers(-48, pause)) * HOUR
            if known and draw(st.booleans()):
                again = draw(st.sampled_from(known))
                arrived.append({**again, "cdc_date": f"{folder:%Y-%m-%d}", "cdc_hour": folder.hour})
                continue
            event = draw(st.sampled_from(["INSERT", "MODIFY", "REMOVE", "SNAPSHOT"]))
            sequence = None if event == "SNAPSHOT" else draw(st.sampled_from(["9", "10", "11", "100"]))
            number += 1
            row = change(
                f"e-{number}",
                key=draw(st.sampled_from("abc")),
                at=draw(st.integers(1, 6)),
                sequence=sequence,
                event=event,
                folder=folder,
            )
            known.append(row)
            arrived += [row, {**row, "cdc_sequence_number": "1000"}] if sequence and draw(st.booleans()) else [row]
        now += pause * HOUR
        runs.append((now, draw(st.permutations(arrived)), draw(kills)))
    return runs


@follows
@given(runs=histories())
def test_changes_come_to_the_same_state_in_any_order_late_repeated_and_wherever_a_run_dies(table, runs):
    forget(table)
    rows = []
    for started, arrived, kill in runs:
        rows += arrived
        table.lake.put(NAME, rows)
        try:
            assert table.run(started, kill).status == "SUCCEEDED"
        except KilledError:
            continue
        check(table, rows)
    assert table.run(started + HOUR).status == "SUCCEEDED"
    check(table, rows)
    assert table.bucket.keys() == []


@pytest.mark.parametrize("is_done", [False, True])
@pytest.mark.parametrize("state", TASKS)
def test_a_run_that_is_killed_at_any_step_is_made_up_for_by_the_next(table, state, is_done):
    rows = [change("e-1"), change("e-2", key="b"), change("e-3", key="c", event="REMOVE")]
    table.lake.put(NAME, rows)
    table.run(NOON)
    without_a_column(table)
    rows += [change("e-4", at=2), change("e-5", key="c", at=2), change("e-6", key="b", at=2, event="REMOVE")]
    table.lake.put(NAME, rows)

    with pytest.raises(KilledError):
        table.run(NOON + 24 * HOUR, Kill(state, is_done))
    execution = table.run(NOON + 25 * HOUR)

    assert execution.status == "SUCCEEDED", execution.cause
    check(table, rows)
    assert table.bucket.keys() == []


@pytest.mark.parametrize("number", ["9", None])
def test_in_one_microsecond_the_change_of_the_longer_number_stays(table, number):
    for hours, row in enumerate([change("e-2", sequence="10"), change("e-1", sequence=number)]):
        table.lake.put(NAME, [row])
        table.run(NOON + hours * HOUR)
        assert table.current()["a"]["id"] == "e-2"


def test_a_change_under_two_numbers_counts_by_the_smaller(table):
    table.lake.put(NAME, [change("e-1", sequence="9"), change("e-1", sequence="12"), change("e-2", sequence="10")])
    table.run(NOON)
    assert table.current()["a"]["id"] == "e-2"


def test_a_run_that_is_repeated_changes_nothing_but_the_mark(table):
    table.lake.put(NAME, [change("e-1"), change("e-2", key="b", event="REMOVE")])
    table.run(NOON)
    before = table.rows()
    table.run(NOON + HOUR)
    after = table.rows()
    assert before.pop("")["cdc_changed_at_us"] + 3_600_000_000 == after.pop("")["cdc_changed_at_us"]
    assert before == after


def test_the_mark_never_goes_back(table):
    table.run(NOON)
    table.run(NOON - HOUR)
    assert table.rows()[""]["cdc_changed_at_us"] == NOON.timestamp() * 1e6


def test_a_run_reads_folders_from_the_overlap_before_the_last_run_on(table):
    assert table.overlap == 48 * HOUR
    table.run(NOON)
    table.lake.put(
        NAME,
        [
            change("e-1", key="too-late", folder=NOON - 49 * HOUR),
            change("e-2", key="late", folder=NOON - 48 * HOUR),
            change("e-3", key="new", folder=NOON),
        ],
    )
    table.run(NOON + HOUR)
    assert set(table.current()) == {"late", "new"}


def test_the_first_run_reads_everything_and_so_does_one_after_the_table_was_dropped(table):
    rows = [change("e-1", folder=NOON - 9000 * HOUR), change("e-2", key="b")]
    table.lake.put(NAME, rows)
    for started in (NOON, NOON + HOUR):
        table.drop()
        table.run(started)
        check(table, rows)


def test_a_removed_item_keeps_its_key_and_its_order_but_none_of_its_values(table):
    table.lake.put(NAME, [change("e-1"), change("e-2", at=2, event="REMOVE")])
    table.run(NOON)
    row = table.rows()["a"]
    assert (row["cdc_event"], row["cdc_changed_at_us"], row["id"], row["cdc_overflow"]) == ("REMOVE", 2, None, None)
    table.lake.put(NAME, [change("e-0", at=1, folder=NOON + HOUR)])
    table.run(NOON + 2 * HOUR)
    assert table.current() == {}


def test_lines_without_a_key_are_left_out_run_after_run(table):
    table.lake.put(NAME, [{"cdc_date": "2026-01-31", "cdc_hour": 12}, change("e-1")])
    for hours in (0, 1):
        table.run(NOON + hours * HOUR)
        assert set(table.rows()) == {"", "a"}


def test_a_new_column_is_null_in_rows_that_were_there_before_and_filled_by_later_changes(table):
    table.lake.put(NAME, [change("e-1"), change("e-2", key="b")])
    table.run(NOON)
    without_a_column(table)
    table.lake.put(NAME, [change("e-1"), change("e-2", key="b"), change("e-3", key="b", at=2)])
    table.run(NOON + HOUR)
    assert {key: row["id"] for key, row in table.current().items()} == {"a": None, "b": "e-3"}


def test_every_statement_is_one_that_athena_can_parse(table):
    table.lake.put(NAME, [change("e-1")])
    table.run(NOON)
    without_a_column(table)
    table.run(NOON + 24 * HOUR)
    verbs = set()
    for statement in table.statements:
        if statement.split()[0] not in TIDYING:
            (parsed,) = sqlglot.parse(statement, read="athena")
            assert not isinstance(parsed, sqlglot.exp.Command), statement
        verbs.add(statement.split()[0])
    assert verbs == {"CREATE", "ALTER", "SELECT", "MERGE", *TIDYING}


@pytest.mark.parametrize("name", ["consumer-state", "single-account-state"])
def test_every_query_goes_through_the_workgroup_and_waits_for_its_end(plans, name):
    tasks = {name: state for name, state in steps(machine(plans[name]))["States"].items() if state["Type"] == "Task"}
    queries = {name: state for name, state in tasks.items() if "startQueryExecution" in state["Resource"]}
    assert len(queries) == 7
    for each, state in queries.items():
        assert state["Resource"].endswith(":athena:startQueryExecution.sync"), each
        assert set(state["Arguments"]) == {"QueryString", "WorkGroup"}, each


def test_the_machine_merges_before_it_tells_the_lag_and_tidies_up_last(table):
    table.lake.put(NAME, [change("e-1")])
    assert table.run(NOON).path == [
        *("LookForOthers", "Alone", "TakeLease", "WhileHeld", "CreateTable", "LookAtColumns", "NewColumns", "FindMark"),
        *("ReadMark", "MergedBefore", "ChooseFolders", "NameFolders", "Merge", "MakeView", "TellLag", "FirstOfTheDay"),
        *("Optimize", "Vacuum", "Merged", "GiveBack", "HasMerged", "Done"),
    ]
    second = table.run(NOON + HOUR).path
    assert "Optimize" not in second
    assert table.lags[1] == 3600
