"""What the catalog says of rows: each change once, the items as they are and were, and the queries it offers."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lake_transform import metadata
from lake_transform.columns import Columns
from tests.plan.plans import ALONE, PRODUCERS_TABLE
from tests.plan.reading import of_type

NAME = PRODUCERS_TABLE.replace("-", "_")
EVENTS = ("INSERT", "MODIFY", "REMOVE", "SNAPSHOT")
FIRST, LAST = 1, 6
"""Instants of changes, in microseconds of one second."""


def instant(microseconds):
    return f"2026-01-01 00:00:00.{microseconds:06}"


def change(event_id, *, key="a", at=1, sequence="1", event="MODIFY", hour=0):
    """Returns a row, whose attribute `id` says which change made it."""
    return {
        "cdc_event": event,
        "cdc_event_id": event_id,
        "cdc_key": key,
        "cdc_changed_at": instant(at),
        "cdc_changed_at_us": at,
        "cdc_sequence_number": sequence,
        "cdc_ttl": False,
        "cdc_date": "2026-01-01",
        "cdc_hour": hour,
        "id": event_id,
    }


@st.composite
def arrivals(draw):
    """Changes of three items at few instants, some repeated later or under another number or none, in no order."""
    drawn = draw(
        st.lists(
            st.tuples(
                st.sampled_from("abc"),
                st.integers(FIRST, LAST),
                st.sampled_from(EVENTS),
                st.sampled_from(["9", "10", "11", "100"]),
            ),
            max_size=12,
        )
    )
    rows = [
        change(f"e-{number}", key=key, at=at, event=event, sequence=None if event == "SNAPSHOT" else sequence)
        for number, (key, at, event, sequence) in enumerate(drawn)
    ]
    for row in [row for row in rows if draw(st.booleans())]:
        later = (
            {}
            if row["cdc_sequence_number"] is None
            else {"cdc_sequence_number": draw(st.sampled_from(["12", "9", None]))}
        )
        rows.append({**row, "cdc_hour": 1, **(later if draw(st.booleans()) else {})})
    return draw(st.permutations(rows))


class Followed:
    """The items, followed change by change: what the views have to come to."""

    def __init__(self, rows):
        self.once: dict[str, dict[str, Any]] = {}
        for row in rows:
            known = self.once.get(row["cdc_event_id"])
            if known is None or (self.number(row) or math.inf) < (self.number(known) or math.inf):
                self.once[row["cdc_event_id"]] = row

    @staticmethod
    def number(row):
        return int(row["cdc_sequence_number"] or 0)

    def in_order(self):
        return sorted(
            self.once.values(), key=lambda row: (row["cdc_changed_at_us"], self.number(row), row["cdc_event_id"])
        )

    def at(self, microseconds):
        """Returns key -> the change that made the item what it was at an instant; no removed ones."""
        items = {}
        for row in self.in_order():
            if row["cdc_changed_at_us"] <= microseconds:
                items[row["cdc_key"]] = row
        return {key: row["id"] for key, row in items.items() if row["cdc_event"] != "REMOVE"}

    def removed(self):
        last = {row["cdc_key"]: row for row in self.in_order()}
        return {key: row["id"] for key, row in last.items() if row["cdc_event"] == "REMOVE"}


def by_key(rows):
    found = {row["cdc_key"]: row["id"] for row in rows}
    assert len(found) == len(rows), "an item is there twice"
    return found


follows = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@follows
@given(rows=arrivals())
def test_changes_are_there_once_whatever_arrives_twice_or_late(lake, rows):
    lake.put(NAME, rows)
    found = lake.view(f"{NAME}_changes")

    assert len(found) == len({row["cdc_event_id"] for row in rows})
    for row in found:
        expected = Followed(rows).once[row["cdc_event_id"]]
        assert {name: row[name] for name in expected if name != "cdc_hour"} == {
            name: value for name, value in expected.items() if name != "cdc_hour"
        }


@follows
@given(rows=arrivals())
def test_the_items_as_they_are_and_were_are_those_that_their_changes_come_to(lake, rows):
    lake.put(NAME, rows)
    followed = Followed(rows)

    assert by_key(lake.view(f"{NAME}_current")) == followed.at(LAST)
    as_of = lake.queries[f"as-of: {PRODUCERS_TABLE}"]
    for at in range(FIRST - 1, LAST + 1):
        assert by_key(lake.rows(as_of, instant(at), instant(at))) == followed.at(at), at
    assert by_key(lake.rows(lake.queries[f"deleted: {PRODUCERS_TABLE}"])) == followed.removed()


@follows
@given(rows=arrivals())
def test_the_versions_of_an_item_follow_each_other_without_gap_or_overlap(lake, rows):
    lake.put(NAME, rows)
    history = {row["cdc_event_id"]: row for row in lake.view(f"{NAME}_history")}
    ordered = Followed(rows).in_order()

    assert history.keys() == {row["cdc_event_id"] for row in ordered}
    for key in {row["cdc_key"] for row in ordered}:
        versions = [history[row["cdc_event_id"]] for row in ordered if row["cdc_key"] == key]
        for one, following in zip(versions, [*versions[1:], None], strict=True):
            assert one["valid_to"] == (following and following["valid_from"])
            assert one["valid_to_us"] == (following and following["valid_from_us"])
            assert one["is_deleted"] is (one["cdc_event"] == "REMOVE")
            assert one["is_current"] is (following is None and not one["is_deleted"])


def test_an_item_that_is_inserted_again_is_there_and_was_not_in_between(lake):
    events = ["INSERT", "REMOVE", "INSERT"]
    lake.put(NAME, [change(f"e-{at}", at=at, event=event) for at, event in enumerate(events, 1)])

    assert [row["is_deleted"] for row in sorted(lake.view(f"{NAME}_history"), key=lambda row: row["valid_from"])] == [
        False,
        True,
        False,
    ]
    assert by_key(lake.view(f"{NAME}_current")) == {"a": "e-3"}
    assert lake.rows(lake.queries[f"as-of: {PRODUCERS_TABLE}"], instant(2), instant(2)) == []


def test_the_longer_sequence_number_is_the_newer_one_and_a_snapshot_is_older_than_any(lake):
    sequences = ["9", "10", None]
    events = ["MODIFY", "MODIFY", "SNAPSHOT"]
    lake.put(NAME, [change(f"e-{s}", sequence=s, event=event) for s, event in zip(sequences, events, strict=True)])

    assert by_key(lake.view(f"{NAME}_current")) == {"a": "e-10"}


def test_the_changes_of_a_key_come_in_their_order(lake):
    lake.put(NAME, [change(f"e-{s}", sequence=s) for s in ("10", "9", "11")] + [change("other", key="b")])
    rows = lake.rows(lake.queries[f"changes-of-a-key: {PRODUCERS_TABLE}"], "a")

    assert [row["id"] for row in rows] == ["e-9", "e-10", "e-11"]


def test_changes_an_hour_are_counted_once_from_a_day_on(lake):
    before = {**change("e-0"), "cdc_date": "2025-12-31"}
    lake.put(NAME, [before, change("e-1"), change("e-1"), change("e-2"), change("e-3", hour=1, event="REMOVE")])
    rows = lake.rows(lake.queries[f"changes-an-hour: {PRODUCERS_TABLE}"], "2026-01-01")

    assert [tuple(row.values()) for row in rows] == [("2026-01-01", 0, "MODIFY", 2), ("2026-01-01", 1, "REMOVE", 1)]


def test_failures_are_counted_by_their_reason(lake):
    failed = [{"errorcode": "Lambda.F", "errormessage": m, "cdc_date": "2026-01-01"} for m in ("x", "x", "y")]
    lake.put(f"{NAME}_failed", failed)
    rows = lake.rows(lake.queries[f"failures: {PRODUCERS_TABLE}"], "2026-01-01")

    assert [(row["errormessage"], row["failures"]) for row in rows] == [("x", 2), ("y", 1)]


def test_hours_of_small_objects_are_named_with_their_number(lake):
    sizes = {"one": 10, "two": 20, "large": 100_000_000}
    lake.put(NAME, [{**change(path), "$path": path, "$file_size": size} for path, size in sizes.items()] * 2)
    rows = lake.rows(lake.queries[f"small-objects: {PRODUCERS_TABLE}"], "2026-01-01")

    assert [tuple(row.values()) for row in rows] == [("2026-01-01", 0, 2, 30, 10)]


def test_each_view_has_the_columns_and_types_that_it_declares(lake):
    for name, view in lake.views.items():
        types = {"VARCHAR": "varchar", "BIGINT": "bigint", "BOOLEAN": "boolean", "INTEGER": "integer"}
        described = lake.rows(f'DESCRIBE "{view["schema"]}"."{name}"')
        assert [(row["column_name"], types[row["column_type"]]) for row in described] == [
            (column["name"], column["type"]) for column in view["columns"]
        ], name


def tables(plan, module):
    found = of_type(plan, "aws_glue_catalog_table").items()
    return {address.rpartition(".")[2]: each for address, each in found if address.startswith(f"module.{module}.")}


@pytest.mark.parametrize("name", [ALONE])
def test_the_columns_of_the_change_are_those_that_the_function_writes(plans, name):
    expected = [(column.name, column.type) for column in metadata.COLUMNS]
    for module, columns in {
        "catalog_with_settings": expected,
        "catalog": [column for column in expected if column[0] != metadata.BEFORE],
    }.items():
        declared = tables(plans[name], module)['this["orders"]']["storage_descriptor"][0]["columns"]
        assert [(c["name"], c["type"]) for c in declared if c["name"].startswith(metadata.PREFIX)] == columns


@pytest.mark.parametrize("name", [ALONE])
def test_the_key_has_the_columns_that_the_function_gives_it(plans, name):
    columns = Columns("__")
    key = {columns.add_child(columns.root, attribute).column for attribute in ("Customer-Id", "1st")}
    declared = tables(plans[name], "catalog_with_settings")['this["orders"]']["storage_descriptor"][0]["columns"]

    assert {c["name"] for c in declared if not c["name"].startswith(metadata.PREFIX)} == key


def test_a_saved_query_has_its_parameters_where_athena_takes_them(lake):
    """Amazon Athena User Guide, "Use parameterized queries": in a WHERE clause only."""
    assert lake.queries
    for name, sql in lake.queries.items():
        assert "?" not in sql.partition("WHERE")[0], name
