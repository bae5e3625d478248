"""Athena's SQL becomes DuckDB's with the same answer, or is refused."""

from __future__ import annotations

import duckdb
import pytest

from tools.localaws.emulator.athena import binding, results, syntax
from tools.localaws.emulator.athena.dialect import Translation
from tools.localaws.emulator.athena.errors import QueryError


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    connection = binding.open_database(tmp_path_factory.mktemp("athena") / "test.db")
    connection.execute(
        "CREATE TABLE t AS SELECT * FROM (VALUES ('a', 1, CAST(1.10 AS DECIMAL(10, 2)), true), "
        "('b', 2, CAST(2.25 AS DECIMAL(10, 2)), false), ('b', 4, NULL, NULL)) AS v (s, i, n, b)"
    )
    return connection


def answer(database, sql, *parameters):
    tree = syntax.parse(sql)
    syntax.fill(tree, parameters)
    try:
        cursor = database.execute(Translation(tree).bind(database))
    except duckdb.Error as error:
        raise binding.failure(error) from None
    kinds = [str(column[1]) for column in cursor.description]
    return [[results.as_text(value, kind) for value, kind in zip(row, kinds, strict=True)] for row in cursor.fetchall()]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        # An aggregate keeps its FILTER and OVER, whatever its type makes of it.
        (
            "SELECT sum(i) FILTER (WHERE i > 1), avg(n) FILTER (WHERE b), avg(i) FROM t",
            ["6", "1.10", "2.3333333333333335"],
        ),
        (
            "SELECT sum(n) OVER (ORDER BY i ROWS UNBOUNDED PRECEDING) FROM t ORDER BY i DESC LIMIT 1",
            ["3.35"],
        ),
        ("SELECT avg(n) OVER () FROM t LIMIT 1", ["1.68"]),
        ("SELECT sum(DISTINCT i + i / 2), sum(DISTINCT 5) FROM t", ["10", "5"]),
        ("SELECT sum(sum(i)) OVER () FROM t GROUP BY s LIMIT 1", ["7"]),
        # What is nested is typed from the inside out.
        ("SELECT (7 / 2) / 2.0, CAST(CAST(7 / 2 AS varchar) AS integer) / 2", ["1.5", "1"]),
        ("SELECT CASE WHEN i / 2 = 1 THEN n / 2 ELSE n * 2 END FROM t WHERE i = 2", ["1.13"]),
        ("SELECT CASE i / 2 WHEN 1 THEN 'one' END FROM t WHERE i = 2", ["one"]),
        ("SELECT coalesce(n / 3, 0) FROM t WHERE i = 1", ["0.37"]),
        ("SELECT x / 2 FROM (SELECT i AS x FROM t) AS u WHERE x = 1", ["0"]),
        ("SELECT transform(ARRAY[3, 5], x -> x / 2)", ["[1, 2]"]),
        ("SELECT n / i FROM t WHERE i BETWEEN 4 / 2 AND 5 / 2", ["1.13"]),
        ("SELECT -1.50 / 4, 0.00 / 3, 1 / 3.0000", ["-0.38", "0.00", "0.3333"]),
        ("SELECT 9999999999999999999999999999999999999.0 / 7", ["1428571428571428571428571428571428571.3"]),
        ("SELECT count(*) FROM t GROUP BY i / 3 ORDER BY 1 DESC", ["2"]),
        ("SELECT 3000000000 / 1.5, 3000000000 * 2", ["2000000000.0", "6000000000"]),
        ("SELECT s FROM t ORDER BY n DESC LIMIT 1", ["b"]),
        ("SELECT array_agg(i ORDER BY i DESC), max(s || 'x') FROM t", ["[4, 2, 1]", "bx"]),
    ],
)  # fmt: skip
def test_a_query_is_answered(database, sql, expected):
    assert answer(database, sql)[0] == expected


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELECT i = s FROM t", "Cannot apply operator: integer = varchar"),
        ("SELECT i IN (1, 'x') FROM t", "TYPE_MISMATCH"),
        ("SELECT s + 1 FROM t", "TYPE_MISMATCH"),
        ("SELECT s LIKE 1 FROM t", "TYPE_MISMATCH"),
        ("SELECT length(i) FROM t", "Unexpected parameters"),
        ("SELECT lower(s, s) FROM t", "Unexpected number of parameters"),
        ("SELECT sum(s) FROM t", "TYPE_MISMATCH"),
        ("SELECT coalesce(s, 1) FROM t", "Unexpected parameters"),
        ("SELECT read_text('x')", "NOT_SUPPORTED: .*read_text"),
        ("SELECT bit_position('site:1', 0, 0, i) FROM t", "NOT_SUPPORTED: .*bit_position"),
        ("SELECT s::varchar FROM t", "mismatched input '::'"),
        ("SELECT * EXCLUDE (s) FROM t", "NOT_SUPPORTED|mismatched"),
        ("SELECT s FROM t GROUP BY ALL", "NOT_SUPPORTED|mismatched"),
        ("SELECT i, s FROM t GROUP BY i", "GROUP BY"),
        ("SELECT t.i FROM t SEMI JOIN t AS u ON t.i = u.i", "NOT_SUPPORTED|mismatched"),
        (
            "WITH RECURSIVE w (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM w) SELECT x FROM w",
            "NOT_SUPPORTED: .*RECURSIVE",
        ),
        ("SELECT DISTINCT ON (s) i FROM t", "NOT_SUPPORTED|mismatched"),
        ("SELECT 1; SELECT 2", "one statement"),
        ("DELETE FROM t", "NOT_SUPPORTED: .*DELETE"),
        ("SELECT 9999999999999999999", "Invalid numeric literal"),
        ("SELECT CAST(i AS varchar(3)) FROM t", "NOT_SUPPORTED"),
        ("SELECT 9223372036854775807 + i FROM t", "NUMERIC_VALUE_OUT_OF_RANGE"),
        ("SELECT json_extract_scalar(s, s) FROM t", "NOT_SUPPORTED: .*path"),
    ],
)
def test_a_query_is_refused(database, sql, reason):
    with pytest.raises(QueryError, match=reason):
        answer(database, sql)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [(["'it''s'", "-1"], ["it's", "-1"]), (["DATE '2026-03-01'", "1.10"], ["2026-03-01", "1.10"])],
)
def test_parameters_fill_their_places_in_order(database, parameters, expected):
    assert answer(database, "SELECT ?, ?", *parameters) == [expected]


@pytest.mark.parametrize("parameter", ["s", "1, 2", "(SELECT 1)", "1 AS x", "*", "';"])
def test_what_is_no_literal_is_no_parameter(database, parameter):
    with pytest.raises(QueryError, match="INVALID_PARAMETER_USAGE"):
        answer(database, "SELECT ? FROM t", parameter)


@pytest.mark.parametrize("parameters", [[], ["1"], ["1", "2", "3"]])
def test_there_are_as_many_parameters_as_places(database, parameters):
    with pytest.raises(QueryError, match=f"expected 2 but found {len(parameters)}"):
        answer(database, "SELECT ?, ?", *parameters)
