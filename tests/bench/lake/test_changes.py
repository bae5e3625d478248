"""The lake that is measured is one that the function and a delivery stream write."""

from __future__ import annotations

import gzip
import json
from collections import Counter

from tests.bench.lake import changes, writing
from tests.bench.lake.changes import Stream
from tools.lake import data_objects

STREAM = Stream(3_000, 500)


def test_lines_are_byte_for_byte_those_that_the_function_writes_of_the_same_changes():
    for change in STREAM.of_object(1):
        assert changes.line(change) == changes.written(change)


def test_changes_are_of_every_kind_and_few_items_change_often():
    rows = [json.loads(changes.line(change)) for number in range(6) for change in STREAM.of_object(number)]

    assert {row["cdc_event"] for row in rows} == {"INSERT", "MODIFY", "REMOVE"}
    assert any(row["cdc_ttl"] for row in rows)
    assert sum(count > 1 for count in Counter(row["cdc_event_id"] for row in rows).values()) == 5 * changes.REPEATS
    assert Counter(row["cdc_key"] for row in rows).most_common(1)[0][1] > 20 * len(rows) / STREAM.items


def test_an_object_is_of_the_size_and_in_the_folder_that_a_delivery_stream_gives_it(tmp_path):
    stream = Stream(200_000, writing.BUFFER_BYTES // changes.line_bytes())
    file = writing.write(tmp_path, stream, 100)

    (found,) = tmp_path.rglob("*.gz")
    assert found == file
    hour = data_objects.hour_of(file.relative_to(tmp_path).as_posix(), writing.PREFIX)
    lines = gzip.decompress(file.read_bytes()).splitlines()
    assert json.loads(lines[-1])["cdc_changed_at"][:13] == f"{hour:%Y-%m-%d %H}"
    assert 0.95 < sum(map(len, lines)) / writing.BUFFER_BYTES < 1.05
