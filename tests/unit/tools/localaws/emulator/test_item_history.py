from __future__ import annotations

import json
import random

import pytest

from tools.localaws.emulator.database import Database, UnusableStateError, checksum
from tools.localaws.emulator.item_history import Change, ItemHistory

TABLE = "table-id"


class Table:
    """Items in a database, changed as the emulator changes them, at times of the test's choosing."""

    def __init__(self, path):
        self.database = Database(path)
        self.history = ItemHistory(self.database)
        self.items = {}
        self.clock = 1_000_000
        self.history.now = lambda: max(self.clock, self.history._last + 1)

    def put(self, key, value):
        self.clock += 1_000_000
        with self.database.transaction():
            self.history.remember(TABLE, key, "", self.items.get(key))
            self.database.execute("DELETE FROM items WHERE table_id = ? AND partition = ?", TABLE, key)
            if value is None:
                self.items.pop(key, None)
            else:
                self.items[key] = {"id": {"S": key}, "v": {"N": str(value)}}
                values = (TABLE, key, "", json.dumps(self.items[key]).encode())
                self.database.execute("INSERT INTO items VALUES (?, ?, ?, ?, ?)", *values, checksum(*values))
        return self.clock

    def at(self, time):
        return {key: item for (key, _), item in self.history.table_at(TABLE, time).items()}


@pytest.fixture
def table(tmp_path):
    made = Table(tmp_path / "state.db")
    made.history.set_recovery(TABLE, enabled=True)
    yield made
    made.database.close()


def test_a_table_is_read_as_it_was_at_any_time(table):
    chosen = random.Random(7)
    was = [(table.clock, {})]
    for _ in range(300):
        at = table.put(str(chosen.randrange(20)), chosen.choice([None, *range(9)]))
        was.append((at, dict(table.items)))

    for at, items in was:
        assert table.at(at) == items
        assert table.at(at + 999_999) == items


def test_a_window_tells_each_item_once_with_what_was_before_and_after_it(table):
    for key in ("changed", "removed", "kept"):
        table.put(key, 0)
    start = table.put("before", 0) + 1
    table.put("changed", 1)
    last = table.put("changed", 2)
    removed = table.put("removed", None)
    inserted = table.put("inserted", 5)
    table.put("passing", 1)
    table.put("passing", None)
    end = table.put("changed", 3)

    item = {key: {"id": {"S": key}} for key in ("changed", "removed", "inserted")}
    assert sorted(table.history.changes(TABLE, start, end), key=lambda change: change.partition) == [
        Change("changed", item["changed"] | {"v": {"N": "0"}}, item["changed"] | {"v": {"N": "2"}}, last),
        Change("inserted", None, item["inserted"] | {"v": {"N": "5"}}, inserted),
        Change("removed", item["removed"] | {"v": {"N": "0"}}, None, removed),
    ]


def test_a_windows_end_belongs_to_the_next_window(table):
    first, second = table.put("a", 1), table.put("b", 1)

    assert [change.partition for change in table.history.changes(TABLE, first, second)] == ["a"]
    assert [change.partition for change in table.history.changes(TABLE, second, second + 1)] == ["b"]


def test_history_begins_when_recovery_does_and_ends_with_it(tmp_path):
    table = Table(tmp_path / "state.db")
    table.put("a", 1)
    assert table.history.since(TABLE) is None
    table.history.set_recovery(TABLE, enabled=True)
    since = table.history.since(TABLE)
    table.put("a", 2)
    table.database.close()

    again = Table(tmp_path / "state.db")
    assert again.history.since(TABLE) == since
    assert again.at(since)["a"]["v"] == {"N": "1"}
    again.history.set_recovery(TABLE, enabled=False)
    assert again.history.since(TABLE) is None
    assert again.database.execute("SELECT COUNT(*) FROM history") == [(0,)]
    again.database.close()


def test_what_a_failed_transaction_remembered_is_forgotten(table):
    at = table.put("a", 1)

    def change_and_fail():
        with table.database.transaction():
            table.history.remember(TABLE, "a", "", {"id": {"S": "wrong"}})
            table.history.set_recovery(TABLE, enabled=False)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_and_fail()
    assert table.history.since(TABLE) is not None
    assert table.at(at) == table.items


def test_a_change_is_remembered_in_order_when_the_clock_steps_back(table):
    table.put("a", 1)
    table.clock -= 50_000_000
    second = table.history.now()
    table.put("a", 2)

    assert table.at(second - 1)["a"]["v"] == {"N": "1"}


def test_what_is_older_than_the_recovery_period_is_removed(table):
    table.put("a", 1)
    table.clock += 40 * 24 * 3600 * 1_000_000
    later = table.put("a", 2)
    table.history.prune()

    assert table.database.execute("SELECT at FROM history") == [(later,)]
    assert table.history.since(TABLE) > 1_000_000


def test_damaged_history_is_an_error_and_not_an_answer(table):
    table.put("a", 1)
    table.put("a", 2)
    table.database.execute("UPDATE history SET at = at + 1")

    with pytest.raises(UnusableStateError, match="the history of an item"):
        table.at(0)
