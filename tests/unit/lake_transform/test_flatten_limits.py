"""Items made to explode stay a small multiple of their size, in the line and in memory."""

from __future__ import annotations

import itertools
import json
import tracemalloc

import pytest

from lake_transform.errors import RecordError
from lake_transform.settings import Settings
from lake_transform.transform import Transform


def _nested(levels, name_length):
    value = {f"leaf{number}": {"N": "1"} for number in range(40)}
    for level in range(levels):
        value = {chr(ord("a") + level % 26) * name_length: {"M": value}, f"side{level}": {"S": "x"}}
    return value


def test_thirty_levels_of_long_names_stay_a_small_multiple(record):
    document = record(_nested(30, 2_000) | {"id": {"S": "1"}})
    transform = Transform(Settings())
    tracemalloc.start()
    try:
        line = transform.change(document).data
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(line) < 1.2 * len(document)
    assert peak < 12 * len(document)


def test_long_names_within_the_limit_stay_within_the_names_own_length(record):
    document = record(_nested(30, 100))

    assert len(Transform(Settings()).change(document).data) < 8 * len(document)


def _alike(count):
    """Returns short names that all want the same column."""
    return ["".join(letters) for letters in itertools.islice(itertools.product("!#$%&()*+,-.:;=?", repeat=4), count)]


@pytest.mark.parametrize("name", ["\x01" * 246, "cdc_" + "a" * 242], ids=["escaped", "reserved"])
def test_paths_that_overflow_together_stay_within_a_response_in_memory_too(record, name):
    wide = {short: {"N": "1"} for short in _alike(20_000)}
    document = record({"id": {"S": "1"}, name: {"M": wide}})
    transform = Transform(Settings())
    tracemalloc.start()
    try:
        with pytest.raises(RecordError, match=r"^the paths of what has no column are too long together$"):
            transform.change(document)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 60_000_000


def test_paths_that_overflow_are_kept_as_long_as_a_response_can_hold_them(record, read_line):
    wide = {short: {"N": "1"} for short in _alike(16_000)}
    row = read_line(Transform(Settings()).change(record({"id": {"S": "1"}, "cdc_" + "a" * 242: {"M": wide}})).data)

    assert len(json.loads(row["cdc_overflow"])) == 16_000


@pytest.mark.parametrize("name", ["名" * 36, "😀" * 36])
def test_names_that_become_codes_stay_within_a_names_own_length(record, name):
    document = record({name: {"S": "x"}, "m": {"M": {name[1:]: {"S": "x"}, name * 9: {"S": "x"}}}})

    assert len(Transform(Settings()).change(document).data) < 3 * len(document)


def test_text_full_of_quotes_grows_no_further_than_json_in_json(record):
    nested = {"L": [{"S": '"\\' * 5_000}]}
    for _ in range(20):
        nested = {"L": [{"M": {"a": nested}}]}
    document = record({"a": nested})

    for list_format in ("text", "array"):
        assert len(Transform(Settings(list_format=list_format)).change(document).data) < 2.5 * len(document)


def test_names_keyed_by_data_do_not_pile_up_in_memory(record):
    transform = Transform(Settings())
    documents = [
        record({"m": {"M": {f"user-{batch}-{number}": {"S": "x"} for number in range(4_000)}}}) for batch in range(20)
    ]
    for document in documents:
        assert json.loads(transform.change(document).data)

    assert len(transform.columns) <= 32_768
