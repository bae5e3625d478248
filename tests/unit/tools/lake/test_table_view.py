from __future__ import annotations

from tools.lake import table_view
from tools.lake.engines.results import Column, Result

LONG = "x" * 60


COLUMNS = (Column("id", "varchar"), Column("n", "decimal(38,2)"))


def lay_out(rows, limit=100, width=None):
    return list(table_view.lay_out(Result(COLUMNS, iter(rows)), limit, width))


def test_a_table_lines_up_and_numbers_stand_right():
    assert lay_out([("a", "1.10"), ("日本", "12345.00")]) == [
        "id    n",
        "----  --------",
        "a         1.10",
        "日本  12345.00",
    ]


def test_null_is_told_apart_from_empty_text():
    assert [line.rstrip() for line in lay_out([("", None), (None, "1")])[2:]] == ["      NULL", "NULL     1"]


def test_long_values_are_cut_on_a_terminal_only():
    assert LONG in lay_out([(LONG, "1")])[2]
    assert lay_out([(LONG, "1")], width=120)[2].startswith("x" * 39 + "…")


def test_a_table_that_is_wider_than_the_terminal_becomes_a_block_for_each_row():
    lines = lay_out([(LONG, "1.10")], width=30)

    assert lines == ["-- row 1", "id  " + "x" * 25 + "…", "n   1.10"]


def test_rows_past_the_limit_are_counted():
    assert lay_out([(str(n), "1") for n in range(1005)], limit=5)[-1] == "… 1,000 more rows"
    assert lay_out([("a", "1")], limit=1)[-1] == "a   1"


def test_no_rows_are_told():
    assert lay_out([])[-1] == "no rows"


def test_a_value_can_neither_act_on_the_terminal_nor_break_a_line():
    assert "\\x1b[2J\\n\\u2028" in lay_out([("\x1b[2J\n\u2028", "1")])[2]
