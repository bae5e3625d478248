from __future__ import annotations

import json
import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.lake import lines, summaries
from tools.lake.lines import BadLine
from tools.lake.summaries import Example, Seen, Summary
from tools.lake.value_shapes import shape

VALUES = st.sampled_from([None, True, False, 1, -7, 2.5, 10**20, "x", "12", "1.5", [], [1, "a"]])
ROWS = st.lists(st.dictionaries(st.sampled_from(["a", "b", "c", "cdc_before"]), VALUES, max_size=4), max_size=12)


def raw(row, number):
    full = {**row, "cdc_key": json.dumps({"id": number})}
    return msgspec.json.decode(json.dumps(full), type=lines.Row)


def summary_of(key, rows, bad=()):
    def read(take):
        for each in bad:
            take(each)
        yield from ((number, raw(row, number)) for number, row in enumerate(rows, start=1))

    return summaries.summarise(key, read)


@given(ROWS)
def test_a_summary_counts_each_value_by_column_and_shape_and_names_the_first(rows):
    expected = {}
    for number, row in enumerate(rows, start=1):
        for name, value in row.items():
            if name != "cdc_before":
                code = shape(json.dumps(value).encode())
                expected.setdefault(name, {}).setdefault(code, []).append(number)
    found = summary_of("k", rows)

    assert found.rows == len(rows)
    assert {
        name: {code: (seen.rows, seen.first) for code, seen in column.items()} for name, column in found.columns.items()
    } == {
        name: {
            code: (len(numbers), Example("k", numbers[0], json.dumps({"id": numbers[0]})))
            for code, numbers in column.items()
        }
        for name, column in expected.items()
    }


SUMMARIES = st.builds(
    summary_of,
    st.sampled_from(["k1", "k2", "k3"]),
    ROWS,
    st.lists(st.builds(BadLine, st.sampled_from(["k1", "k2"]), st.integers(1, 50), st.just("torn")), max_size=30),
)


@given(st.lists(SUMMARIES, max_size=6), st.randoms(use_true_random=False), st.integers(0, 6))
def test_neither_the_order_nor_the_split_of_parts_matters(parts, rng, cut):
    whole = summaries.merge(parts)
    shuffled = rng.sample(parts, len(parts))

    assert summaries.merge(shuffled) == whole
    assert summaries.merge([summaries.merge(parts[:cut]), summaries.merge(parts[cut:])]) == whole
    assert summaries.merge([summaries.merge(()), whole]) == whole


@given(ROWS, st.integers(0, 12))
def test_the_parts_of_an_object_add_up_to_its_counts(rows, cut):
    whole = summary_of("k", rows)
    halves = summaries.merge([summary_of("k", rows[:cut]), summary_of("k", rows[cut:])])

    def counts(summary):
        return {name: {code: seen.rows for code, seen in each.items()} for name, each in summary.columns.items()}

    assert (halves.rows, counts(halves)) == (whole.rows, counts(whole))


@given(SUMMARIES)
def test_a_summary_survives_the_way_to_another_process(summary):
    assert summaries.decode(summaries.encode(summary)) == summary


@pytest.mark.parametrize("parts", [1, 3, 7])
def test_of_too_many_columns_the_first_by_name_are_counted_in_full_however_the_rows_are_split(monkeypatch, parts):
    monkeypatch.setattr(summaries, "MOST_COLUMNS", 5)
    rng = random.Random(7)
    rows = [{f"c{rng.randrange(40):02d}": 1 for _ in range(4)} for _ in range(210)]
    pieces = [rows[start::parts] for start in range(parts)]

    found = summaries.merge(summary_of(f"k{number}", piece) for number, piece in enumerate(pieces))

    names = sorted({name for row in rows for name in row})[:5]
    assert sorted(found.columns) == names
    assert {name: sum(seen.rows for seen in each.values()) for name, each in found.columns.items()} == {
        name: sum(name in row for row in rows) for name in names
    }
    assert found.is_cut


def test_all_bad_lines_are_counted_and_the_first_are_named():
    bad = [BadLine("k", number, "torn") for number in range(1, 101)]
    found = summaries.merge([summary_of("k", [], bad[50:]), summary_of("k", [], bad[:50])])

    assert found.bad_lines == 100
    assert list(found.bad) == bad[: summaries.NAMED_BAD_LINES]


def test_what_is_seen_adds_up_and_keeps_the_first_row():
    one, other = Seen(2, Example("b", 1, "x")), Seen(3, Example("a", 9, "y"))

    assert one + other == other + one == Seen(5, Example("a", 9, "y"))


def test_nothing_is_the_summary_of_nothing():
    assert summaries.merge(()) == Summary()
