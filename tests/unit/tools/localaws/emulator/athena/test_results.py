"""Results are written and read back as Athena has them."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from tools.localaws.emulator.athena import results
from tools.localaws.emulator.athena.errors import QueryError


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (None, "VARCHAR", None),
        (True, "BOOLEAN", "true"),
        (1e7, "DOUBLE", "1.0E7"),
        (9999999.0, "DOUBLE", "9999999.0"),
        (0.001, "DOUBLE", "0.001"),
        (0.0001234, "DOUBLE", "1.234E-4"),
        (-123456789.5, "DOUBLE", "-1.234567895E8"),
        (float("inf"), "DOUBLE", "Infinity"),
        (0.1 + 0.2, "DOUBLE", "0.30000000000000004"),
        (0.10000000149011612, "FLOAT", "0.1"),
        (Decimal("1E-10"), "DECIMAL(38,10)", "0.0000000001"),
        (datetime.datetime(2026, 3, 1), "TIMESTAMP", "2026-03-01 00:00:00.000"),
        (datetime.datetime(2026, 3, 1, microsecond=123456), "TIMESTAMP", "2026-03-01 00:00:00.123456"),
        (datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC), "TIMESTAMP WITH TIME ZONE", "2026-03-01 00:00:00.000 UTC"),
        (datetime.date(2026, 3, 1), "DATE", "2026-03-01"),
        (["a", None], "VARCHAR[]", "[a, null]"),
        ({"k": [1e7]}, "MAP(VARCHAR, DOUBLE[])", "{k=[1.0E7]}"),
        (b"ab", "BLOB", "61 62"),
        ('{"b":1}', "JSON", '{"b":1}'),
    ],
)
def test_values_are_spelled_as_athena_spells_them(value, kind, expected):
    assert results.as_text(value, kind) == expected


def test_rows_come_back_from_the_file_as_they_were():
    rows = [["a", None, ""], ['say "hi",\nline two', "\u2028", None]]

    text = "".join(results.csv_lines(["x", "y", "z"], rows))

    assert text.splitlines()[0] == '"x","y","z"'
    assert results.read_csv(text) == [["x", "y", "z"], *rows]


@pytest.mark.parametrize(
    ("kind", "name", "precision", "scale"),
    [
        ("DECIMAL(38,2)", "decimal", 38, 2),
        ("DECIMAL(10,2)[]", "array", 0, 0),
        ("MAP(VARCHAR, INTEGER)", "map", 0, 0),
        ("STRUCT(a INTEGER)", "row", 0, 0),
        ("TIMESTAMP WITH TIME ZONE", "timestamp with time zone", 3, 0),
        ("FLOAT", "float", 17, 0),
    ],
)
def test_a_column_says_its_type(kind, name, precision, scale):
    found = results.column("c", kind)

    assert (found["Type"], found["Precision"], found["Scale"]) == (name, precision, scale)


def test_a_type_that_athena_does_not_return_is_refused():
    with pytest.raises(QueryError, match="NOT_SUPPORTED"):
        results.column("c", "INTERVAL")


def test_pages_follow_each_other():
    rows = [[str(number)] for number in range(5)]
    first = results.page(rows, [], 0, 3)

    assert len(first["ResultSet"]["Rows"]) == 3
    second = results.page(rows, [], int(first["NextToken"]), 3)
    assert [row["Data"][0]["VarCharValue"] for row in second["ResultSet"]["Rows"]] == ["3", "4"]
    assert "NextToken" not in second
