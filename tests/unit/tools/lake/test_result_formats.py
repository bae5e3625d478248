from __future__ import annotations

import json
from decimal import Decimal

import duckdb
import pytest

from tools.errors import LakeError
from tools.lake import result_formats
from tools.lake.engines.results import Column, Result

DIGITS = "12345678901234567890123456789012345.678"
COLUMNS = (
    Column("text", "varchar"),
    Column("price", "decimal(38,3)"),
    Column("count", "bigint"),
    Column("ratio", "double"),
    Column("yes", "boolean"),
    Column("at", "timestamp"),
    Column("list", "array(varchar)"),
)
ROWS = [
    ("", DIGITS, "9223372036854775807", "1.5", "true", "2026-01-31 12:00:00.000", "[a, b]"),
    ('q"\n', "1.100", "7", "NaN", "false", None, None),
    (None, None, None, None, None, None, None),
]


def result():
    return Result(COLUMNS, iter(ROWS))


def test_csv_quotes_each_value_and_leaves_a_null_out():
    text, price, *_ = list(result_formats.csv_lines(result()))[1].split(",")

    assert (text, price) == ('""', f'"{DIGITS}"')
    assert list(result_formats.csv_lines(result()))[-1] == "," * 6


def test_json_lines_keep_every_digit_and_decimals_are_text():
    lines = list(result_formats.json_lines(result()))

    assert json.loads(lines[0]) == {
        "text": "",
        "price": DIGITS,
        "count": 9223372036854775807,
        "ratio": 1.5,
        "yes": True,
        "at": "2026-01-31 12:00:00.000",
        "list": "[a, b]",
    }
    assert json.loads(lines[1])["ratio"] == "NaN"
    assert set(json.loads(lines[2]).values()) == {None}


def test_parquet_has_the_types_of_the_answer_and_every_digit(tmp_path):
    file = tmp_path / "it's.parquet"

    assert result_formats.write_parquet(result(), file) == 3

    read = duckdb.connect().execute("SELECT * FROM read_parquet(?)", [str(file)])
    assert [str(each[1]) for each in read.description] == [
        "VARCHAR", "DECIMAL(38,3)", "BIGINT", "DOUBLE", "BOOLEAN", "TIMESTAMP", "VARCHAR",
    ]  # fmt: skip
    rows = read.fetchall()
    assert rows[0][:3] == ("", Decimal(DIGITS), 9223372036854775807)
    assert rows[1][0] == 'q"\n'
    assert rows[2] == (None,) * 7
    assert [each.name for each in tmp_path.iterdir()] == [file.name]


def test_columns_of_one_name_are_told_apart_where_a_name_must_be_one():
    twice = Result((Column("n", "bigint"), Column("n", "bigint")), iter([("1", "2")]))

    assert list(result_formats.json_lines(twice)) == ['{"n":1,"n_2":2}']


def test_a_parquet_file_that_cannot_be_written_is_named(tmp_path):
    file = tmp_path / "folder"
    file.mkdir()

    with pytest.raises(LakeError, match=f"{file} cannot be written"):
        result_formats.write_parquet(result(), file)
