"""What the driver of the hour counts is what its changes come to."""

from __future__ import annotations

from tests.system.faults import judge
from tests.system.hour.changes import Items


def made(number):
    items, table, log = Items(range(10), seed=1), {}, []
    for _ in range(number):
        change = items.next(without=())
        ((kind, request),) = change.request().items()
        if kind == "DeleteRequest":
            del table[request["Key"]["id"]["S"]]
        else:
            table[change.key] = request["Item"]
        items.made(change)
        log.append(change)
    return items, table, log


def test_what_the_table_holds_and_each_version_follows_from_the_counts():
    for number in range(0, 300, 7):
        items, table, _ = made(number)
        assert items.held == len(table)

    items, table, log = made(500)
    assert judge.table_faults(table.values(), {key: items.versions[key] for key in table}) == []
    assert items.versions.total() + items.removals == 500
    assert 20 < items.removals < 150
    assert {(each.key, each.version) for each in log} == {
        (key, version) for key, last in items.versions.items() for version in range(1, last + 1)
    }


def test_a_request_has_each_item_once():
    items, batch = Items(range(4), seed=2), []
    for _ in range(4):
        batch.append(items.next({change.key for change in batch}))

    assert len({change.key for change in batch}) == 4
