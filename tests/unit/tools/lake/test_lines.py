from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.lake import lines

METADATA = {
    "cdc_event": "INSERT",
    "cdc_event_id": "e",
    "cdc_table": "t",
    "cdc_changed_at": "2026-01-31 10:20:30.123456",
    "cdc_changed_at_us": 1,
    "cdc_key": '{"id":1}',
    "cdc_ttl": False,
}


def record(**columns):
    return json.dumps({**METADATA, **columns}, ensure_ascii=False).encode()


class Body:
    def __init__(self, data):
        self.data, self.closed = data, False

    def read(self, size):
        chunk, self.data = self.data[:size], self.data[size:]
        return chunk

    def close(self):
        self.closed = True


def read(data):
    body, bad = Body(data), []
    s3 = type("S3", (), {"get_object": staticmethod(lambda **_: {"Body": body})})
    rows = list(lines.read_rows(s3, "lake", "k", bad.append))
    assert body.closed
    return rows, [(each.key, each.line, each.reason) for each in bad]


@given(
    texts=st.lists(st.binary(max_size=40).filter(lambda line: b"\n" not in line), min_size=1, max_size=8),
    cuts=st.lists(st.integers(0, 200), max_size=8),
    packed=st.booleans(),
)
def test_lines_are_the_same_wherever_their_bytes_are_cut(texts, cuts, packed):
    data = b"".join(text + b"\n" for text in texts)
    if not packed and data.startswith(b"\x1f\x8b"):
        return
    data = gzip.compress(data) if packed else data
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    chunks = [data[start:end] for start, end in pairwise(places)]

    assert list(lines.split(chunks)) == texts


@pytest.mark.parametrize("packed", [True, False])
def test_rows_keep_every_digit_and_every_character(packed):
    text = record(s="a\u2028b\x0b\r\x85c")[:-1] + b',"n":0.12345678901234567890123456789012345678,"m":1.50}\n'
    ((number, row),), bad = read(gzip.compress(text) if packed else text)

    assert number == 1
    assert bytes(row["n"]) == b"0.12345678901234567890123456789012345678"
    assert bytes(row["m"]) == b"1.50"
    assert msgspec.json.decode(row["s"]) == "a\u2028b\x0b\r\x85c"
    assert not bad


def test_gzip_members_one_after_the_other_are_one_object():
    data = b"".join(gzip.compress(record(n=number) + b"\n") for number in range(3))

    rows, bad = read(data)

    assert [bytes(row["n"]) for _, row in rows] == [b"0", b"1", b"2"]
    assert not bad


def test_a_line_that_is_none_of_ours_is_named_and_the_others_are_read():
    foreign = json.dumps({"id": 1}).encode()
    data = b"\n".join([record(n=1), b'{"torn":', b"", foreign, b"[1]", record(n=2)])

    rows, bad = read(data)

    assert [(number, bytes(row["n"])) for number, row in rows] == [(1, b"1"), (6, b"2")]
    assert [(key, line) for key, line, _ in bad] == [("k", 2), ("k", 4), ("k", 5)]
    assert "cdc_event_id" in bad[1][2]


@pytest.mark.parametrize("damage", ["short", "broken"])
def test_the_rows_before_the_damage_of_an_object_are_read_and_the_damage_is_named(damage):
    packed = gzip.compress(b"".join(record(n=number, x="é" * number) + b"\n" for number in range(2000)), 1)
    torn = packed[: len(packed) // 2]
    rows, bad = read(torn if damage == "short" else torn + b"\xff" * 500)

    assert 100 < len(rows) < 2000
    assert [bytes(row["n"]) for _, row in rows] == [str(number).encode() for number in range(len(rows))]
    assert "gzip data" in bad[-1][2]
    assert bad[-1][1] > len(rows)


def test_a_line_of_any_length_takes_no_more_memory_than_the_longest_of_ours(monkeypatch):
    monkeypatch.setattr(lines, "LONGEST", 1024 * 1024)
    head = zlib.compressobj(1, wbits=31)
    chunks = [head.compress(record(n=1) + b"\n")]
    chunks += [head.compress(b"x" * 1024 * 1024) for _ in range(24)]
    chunks += [head.compress(b"\n" + record(n=2) + b"\n"), head.flush()]
    bad = []

    tracemalloc.start()
    rows = list(lines.rows(lines.split(chunks), "k", bad.append))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert [number for number, _ in rows] == [1, 3]
    assert [each.line for each in bad] == [2]
    assert peak < 6 * lines.LONGEST


def test_whoever_reads_may_let_a_bad_line_end_the_reading():
    def refuse(line):
        raise ValueError(line.reason)

    with pytest.raises(ValueError, match="no JSON object"):
        list(lines.rows([b"{"], "k", refuse))


def test_the_columns_of_every_line_are_those_of_the_function():
    from lake_transform import metadata

    assert {column.name for column in metadata.COLUMNS if column.presence == "always"} == lines.ALWAYS
