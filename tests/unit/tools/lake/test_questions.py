from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.tools.lake import small_lake
from tools.lake import glue_catalog, questions
from tools.lake.data_objects import Period
from tools.lake.engines.duckdb import DuckDb
from tools.lake.engines.object_cache import ObjectCache

KEYS = ['{"id":"a"}', '{"id":"b"}', '{"id":"it\'s"}']


@st.composite
def lakes(draw):
    """Changes of few items at few instants, some there twice, in objects of any hour and any order."""
    count = draw(st.integers(0, 12))
    changes = [
        small_lake.change(
            number,
            key=draw(st.sampled_from(KEYS)),
            event=draw(st.sampled_from(["INSERT", "MODIFY", "REMOVE"])),
            at=draw(st.integers(1, 5)),
            sequence=str(number + draw(st.sampled_from([5, 95, 995]))),
            id=f"value {number}",
        )
        for number in range(count)
    ]
    # The changes of an item have sequence numbers of their own.
    for number, change in enumerate(changes):
        change["cdc_sequence_number"] = str(draw(st.integers(1, 12)) * 100 + number)
    snapshots = [
        small_lake.change(f"s{key}", key=key, event="SNAPSHOT", at=draw(st.integers(1, 5)), sequence=None, id="old")
        for key in draw(st.sets(st.sampled_from(KEYS)))
    ]
    every = [*changes, *snapshots]
    written = draw(st.permutations([*every, *draw(st.lists(st.sampled_from(every), max_size=4))])) if every else []
    return every, [(draw(st.integers(0, 23)), change) for change in written]


def in_order(changes):
    """Returns changes in the order that docs/record.md gives them."""

    def place(change):
        sequence = change["cdc_sequence_number"] or ""
        return change["cdc_changed_at_us"], len(sequence), sequence, change["cdc_event_id"]

    return sorted(changes, key=place)


def state(changes, instant):
    """Returns what a table holds after the changes up to an instant: key -> value."""
    items = {}
    for change in in_order(changes):
        if change["cdc_changed_at_us"] <= instant:
            items[change["cdc_key"]] = change
    return {key: change["id"] for key, change in items.items() if change["cdc_event"] != "REMOVE"}


@pytest.fixture
def ask(tmp_path):
    """Asks a question of a lake in memory; returns the rows as dicts."""
    catalog = glue_catalog.read(small_lake.glue({"id": "string"}), small_lake.DATABASE)

    def ask(written, query):
        s3 = small_lake.S3()
        for hour in {hour for hour, _ in written}:
            s3.put(small_lake.folder(hour=hour) + "a", [change for each, change in written if each == hour])
        cache = ObjectCache(tmp_path / "cache", 1 << 24)
        result = DuckDb(s3, catalog, cache, 1 << 24, Period(), lambda _state: None).ask(query)
        names = [column.name for column in result.columns]
        return [dict(zip(names, row, strict=True)) for row in result.rows]

    return ask


SOME = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SOME
@given(lakes(), st.integers(0, 6))
def test_as_of_is_what_the_table_held_whatever_came_late_twice_or_at_the_same_instant(ask, lake, microsecond):
    changes, written = lake
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microsecond)

    rows = ask(written, questions.as_of("shop", "orders", instant))

    assert [(row["cdc_key"], row["id"]) for row in rows] == sorted(state(changes, microsecond).items())


@SOME
@given(lakes())
def test_current_is_what_the_table_holds(ask, lake):
    changes, written = lake

    rows = ask(written, questions.current("shop", "orders"))

    assert [(row["cdc_key"], row["id"]) for row in rows] == sorted(state(changes, 99).items())


@SOME
@given(lakes(), st.sampled_from(KEYS))
def test_history_and_changes_are_those_of_the_item_in_their_order_each_once(ask, lake, key):
    changes, written = lake
    own = [change["cdc_event_id"] for change in in_order(changes) if change["cdc_key"] == key]

    history = ask(written, questions.history("shop", "orders", key))
    found = ask(written, questions.changes("shop", "orders", key))

    assert [row["cdc_event_id"] for row in history] == own
    assert [row["cdc_event_id"] for row in found] == own
    assert [row["valid_to_us"] for row in history[:-1]] == [row["valid_from_us"] for row in history[1:]]


def test_no_value_of_the_users_stands_in_the_sql_and_parameters_only_behind_where():
    key = json.dumps({"id": "it's"})
    period = Period(datetime(2026, 1, 31, 5, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))

    for query in (
        questions.history("d", "t", key),
        questions.changes("d", "t", key),
        questions.as_of("d", "t", datetime(2026, 1, 31, tzinfo=UTC)),
        questions.failed("d", "t", period),
    ):
        before, _, after = query.sql.partition(" WHERE ")
        assert "?" not in before
        assert after.count("?") == len(query.parameters) > 0
        assert "it's" not in query.sql


def test_failed_asks_for_the_hours_of_the_period_without_the_records_themselves():
    period = Period(datetime(2026, 1, 31, 5, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))

    query = questions.failed("d", "t", period)

    assert query.parameters == ("2026-01-31", "2026-01-31", "5", "2026-02-01", "2026-02-01", "0")
    assert "cdc_hour >= CAST(? AS integer)" in query.sql
    assert "cdc_hour <= CAST(? AS integer)" in query.sql
    assert "rawdata" not in query.sql
    assert questions.failed("d", "t", Period()).parameters == ()
