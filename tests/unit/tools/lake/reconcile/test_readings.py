from __future__ import annotations

from tools.lake.reconcile import items, readings
from tools.lake.reconcile.claims import Window
from tools.lake.reconcile.items import Schema

SCHEMA = Schema("t", {"id": "B"})
DATE = {"ResponseMetadata": {"HTTPHeaders": {"date": "Sat, 31 Jan 2026 10:20:30 GMT"}}}
SECOND = 1769854830_000_000


class Table:
    def __init__(self, *keys, unprocessed=0):
        self.items = {key: {"id": {"B": key}, "v": {"S": "x"}} for key in keys}
        self.asked = []
        self._unprocessed = unprocessed

    def scan(self, **request):
        self.asked.append(request)
        start = request.get("ExclusiveStartKey", 0)
        found = list(self.items.values())[start : start + 2]
        more = {"LastEvaluatedKey": start + 2} if start + 2 < len(self.items) else {}
        return {"Items": found, **more, **DATE}

    def batch_get_item(self, **request):
        wanted = request["RequestItems"]["t"]
        self.asked.append(wanted)
        keys = wanted["Keys"]
        left, self._unprocessed = keys[: self._unprocessed], 0
        found = [self.items[key["id"]["B"]] for key in keys[len(left) :] if key["id"]["B"] in self.items]
        return {"Responses": {"t": found}, "UnprocessedKeys": {"t": {"Keys": left}} if left else {}, **DATE}


def texts(*keys):
    return [items.key_text({"id": {"B": key}}) for key in keys]


def test_a_segment_is_read_consistently_to_its_end():
    table = Table(b"1", b"2", b"3")

    pages = list(readings.scan(table, "t", 3, 8))

    assert [len(page.items) for page in pages] == [2, 1]
    assert all((each["ConsistentRead"], each["Segment"], each["TotalSegments"]) == (True, 3, 8) for each in table.asked)


def test_items_are_read_by_their_keys_and_those_that_are_not_there_are_named():
    table = Table(b"1", b"3", unprocessed=1)

    found = list(readings.get(table, SCHEMA, texts(b"1", b"2", b"3")))

    assert [[item["id"]["B"] for item in page.items] for page, _ in found] == [[b"3"], [b"1"]]
    assert [absent for _, absent in found] == [[{"id": {"B": b"2"}}], []]
    assert all(each["ConsistentRead"] for each in table.asked)


def test_one_request_asks_for_a_hundred_keys():
    table = Table()

    list(readings.get(table, SCHEMA, texts(*(bytes([number]) for number in range(101)))))

    assert [len(each["Keys"]) for each in table.asked] == [100, 1]


def test_what_was_read_was_so_by_the_tables_clock_between_the_request_and_the_second_of_the_answer():
    assert readings.window(DATE, 0.5) == Window(SECOND - 500_000, SECOND + 1_000_000)
