from __future__ import annotations

import gzip
import io
import json

import msgspec
import pytest

from tools.lake.reconcile import digests, items

ROW = (
    '{"cdc_event":"INSERT","cdc_event_id":"e-1","cdc_table":"t","cdc_changed_at":"2026-01-31 10:20:30.123456",'
    '"cdc_changed_at_us":1769854830123456,"cdc_sequence_number":"49","cdc_key":"{\\"id\\":\\"1\\"}","cdc_ttl":false,'
    '"id":"1","n":0.123456789012345678901234567890,"v":null}'
)


def read(text):
    return msgspec.json.decode(text, type=dict[str, msgspec.Raw])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("678901234567890,", "678901234567891,"),
        ("0.123456789012345678901234567890", '"0.123456789012345678901234567890"'),
        ("678901234567890,", "67890123456789,"),
        (',"v":null', ""),
        ('"v":null', '"v":""'),
        ('"v":null', '"v":null,"w":null'),
        ('"cdc_table":"t"', '"cdc_table":"u"'),
        ('"v":null', '"v":null,"cdc_overflow":"{}"'),
        ('"id":"1"', '"id":1'),
    ],
)
def test_whatever_differs_in_an_item_has_another_digest(old, new):
    assert old in ROW
    assert digests.digest(read(ROW.replace(old, new))) != digests.digest(read(ROW))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("INSERT", "MODIFY"),
        ("e-1", "e-2"),
        ("1769854830123456", "17"),
        ('"49"', "null"),
        ('"cdc_ttl":false,', '"cdc_ttl":false,"cdc_before":"{}",'),
    ],
)
def test_what_says_how_the_item_came_to_be_is_not_compared(old, new):
    assert digests.digest(read(ROW.replace(old, new))) == digests.digest(read(ROW))


def test_the_order_of_columns_does_not_count():
    columns = read(ROW)
    assert digests.digest(dict(reversed(columns.items()))) == digests.digest(columns)


class Client:
    def __init__(self, text):
        self._body = gzip.compress(text.encode())

    def get_object(self, **_):
        return {"Body": io.BytesIO(self._body)}


def lines_of(text, counter=None):
    found = b"".join(digests.lake_lines(Client(text), "lake", "k", counter)).decode().splitlines()
    return [dict(zip(digests.LINE_COLUMNS, line.split(","), strict=True)) for line in found]


def test_each_line_of_an_object_is_one_with_its_key_order_and_digest():
    (line,) = lines_of(ROW)

    key = b'{"id":"1"}'
    assert line["k"] == items.key_digest(key).hex()
    assert bytes.fromhex(line["cdc_key"]) == key
    assert (line["line"], line["us"], line["ev"]) == ("1", "1769854830123456", "I")
    assert (bytes.fromhex(line["seq"]), bytes.fromhex(line["eid"])) == (b"49", b"e-1")
    assert line["dig"] == digests.digest(read(ROW)).hex()


def test_a_line_that_is_no_record_is_told_and_stops_no_other():
    found = lines_of("\n".join(["torn {", ROW, ROW.replace('"{\\"id\\":\\"1\\"}"', "17"), json.dumps({"a": 1})]))

    assert sorted((line["line"], line["ev"]) for line in found) == [("1", "B"), ("2", "I"), ("3", "B"), ("4", "B")]


@pytest.mark.parametrize(("value", "seen"), [("3", "3"), ("3.0", ""), ('"3"', ""), ("null", ""), (str(10**30), "")])
def test_versions_are_counted_where_the_column_is_a_whole_number(value, seen):
    (line,) = lines_of(ROW.replace('"v":null', f'"v":{value}'), "v")

    assert line["counter"] == seen
