from __future__ import annotations

import pytest

from tests.unit.tools.lake import small_lake
from tools.errors import LakeError
from tools.lake import glue_catalog
from tools.lake.engines import dialect
from tools.lake.engines.dialect import Dates

EVERY = Dates()


@pytest.fixture(scope="module")
def catalog():
    return glue_catalog.read(small_lake.glue({"id": "string"}), small_lake.DATABASE)


@pytest.mark.parametrize(
    ("where", "days"),
    [
        ("cdc_date = '2026-01-02'", Dates("2026-01-02", "2026-01-02")),
        ("cdc_date >= '2026-01-02' AND id = 'x'", Dates("2026-01-02")),
        ("'2026-01-02' <= cdc_date", Dates("2026-01-02")),
        ("(cdc_date > '2026-01-01' AND cdc_date < '2026-02-01')", Dates("2026-01-01", "2026-02-01")),
        ("orders.cdc_date BETWEEN '2026-01-01' AND '2026-02-01'", Dates("2026-01-01", "2026-02-01")),
        ("cdc_date IN ('2026-03-01', '2026-01-01')", Dates("2026-01-01", "2026-03-01")),
        ("cdc_date = '2026-01-02' OR id = 'x'", EVERY),
        ("NOT cdc_date = '2026-01-02'", EVERY),
        ("cdc_date <> '2026-01-02'", EVERY),
        ("cdc_date >= id", EVERY),
        ("cdc_date IN ('2026-01-01', id)", EVERY),
        ("cdc_date NOT IN ('2026-01-01')", EVERY),
        ("cdc_date NOT BETWEEN '2026-01-01' AND '2026-02-01'", EVERY),
        ("cdc_date >= ?", EVERY),
        ("substr(cdc_date, 1, 4) = '2026'", EVERY),
        ("other.cdc_date = '2026-01-02'", EVERY),
    ],
)
def test_the_days_of_a_query_are_those_that_its_where_leaves_for_sure(catalog, where, days):
    assert dialect.read(" ".join(["SELECT * FROM orders WHERE", where]), catalog).tables == {"orders": days}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM orders_changes WHERE cdc_date = '2026-01-02'",
        "SELECT * FROM orders a JOIN orders b ON a.id = b.id WHERE a.cdc_date = '2026-01-02'",
        "SELECT * FROM orders JOIN (SELECT '2026-01-02' AS day) AS other ON true WHERE cdc_date = '2026-01-02'",
        "SELECT * FROM orders WHERE cdc_date = '2026-01-02' UNION ALL SELECT * FROM orders",
        "WITH o AS (SELECT * FROM orders) SELECT * FROM o WHERE cdc_date = '2026-01-02'",
        "WITH orders AS (SELECT * FROM orders) SELECT * FROM orders WHERE cdc_date = '2026-01-02'",
        "SELECT *, (SELECT count(*) FROM orders) FROM orders WHERE cdc_date = '2026-01-02'",
    ],
)
def test_every_day_is_read_where_a_condition_is_not_one_of_the_table_itself(catalog, sql):
    assert dialect.read(sql, catalog).tables == {"orders": EVERY}


def test_two_readings_of_a_table_need_the_days_of_both(catalog):
    sql = "SELECT * FROM orders WHERE cdc_date = '{}' UNION ALL SELECT * FROM orders WHERE cdc_date >= '{}'"

    assert dialect.read(sql.format("2026-01-05", "2026-01-02"), catalog).tables == {"orders": Dates("2026-01-02")}


def test_views_are_found_through_views_and_in_any_spelling_of_their_name(catalog):
    reading = dialect.read('SELECT * FROM "AwsDataCatalog"."shop"."orders_current", shop.Orders_Changes', catalog)

    assert set(reading.views) == {"orders_current", "orders_changes"}
    assert reading.tables == {"orders": EVERY}
    assert "awsdatacatalog" not in reading.sql.lower()


def test_functions_of_athena_become_those_of_duckdb(catalog):
    import duckdb

    sql = """SELECT date_trunc('day', from_unixtime(0)), approx_distinct(1), element_at(ARRAY['a'], 1),
        json_extract_scalar('{"a":"b"}', '$.a')"""

    assert duckdb.connect().execute(dialect.read(sql, catalog).sql).fetchone()[1:] == (1, "a", "b")


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("DELETE FROM orders", "DuckDB answers one SELECT"),
        ("SELECT 1; SELECT 2", "DuckDB answers one SELECT"),
        ("SELECT FROM WHERE", "cannot be read"),
        ("SELECT * FROM odrers", "there is no table odrers .* it has: orders, orders_changes"),
        ("SELECT * FROM other.orders", "there is no table other.orders"),
    ],
)
def test_what_cannot_be_answered_is_told_in_one_line(catalog, sql, says):
    with pytest.raises(LakeError, match=says) as error:
        dialect.read(sql, catalog)
    assert "\n" not in str(error.value)


def test_a_query_into_json_is_known_because_numbers_lose_digits_there(catalog):
    assert dialect.read("SELECT json_extract_scalar(id, '$.n') FROM orders", catalog).reads_json_numbers
    assert not dialect.read("SELECT id FROM orders", catalog).reads_json_numbers
