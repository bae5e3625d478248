from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.tools.aws_answers import failed, raising
from tests.unit.tools.lake import small_lake
from tools.errors import LakeError
from tools.lake import glue_catalog, processes
from tools.lake.data_objects import Period
from tools.lake.engines.duckdb import DuckDb
from tools.lake.engines.object_cache import ObjectCache
from tools.lake.engines.results import Query

DIGITS = "0.12345678901234567890123456789012345678"
COLUMNS = {
    "id": "string",
    "price": "decimal(38,2)",
    "precise": "decimal(38,38)",
    "as_text": "string",
    "count": "bigint",
}


@pytest.fixture
def s3():
    return small_lake.S3()


@pytest.fixture
def engine(s3, tmp_path):
    catalog = glue_catalog.read(small_lake.glue(COLUMNS), small_lake.DATABASE)
    return DuckDb(s3, catalog, ObjectCache(tmp_path / "cache", 1 << 20), 1 << 20, Period(), lambda _state: None)


def ask(engine, sql, *parameters):
    result = engine.ask(Query(sql, parameters))
    return [column.name for column in result.columns], list(result.rows)


def line(**columns):
    """Returns a line whose numbers are spelled as given."""
    import json

    raw = json.dumps(small_lake.change(1)).removesuffix("}")
    return (raw + "".join(f',"{name}":{value}' for name, value in columns.items()) + "}").encode()


@pytest.mark.parametrize("packed", [True, False])
def test_no_digit_of_a_number_is_lost_whatever_its_column_is_declared(engine, s3, packed):
    row = line(price="1.10", precise=DIGITS, as_text="1.10", count="9223372036854775807")
    s3.put(small_lake.folder() + "a", [row], packed=packed)

    _, rows = ask(engine, "SELECT price, precise, as_text, count FROM orders")

    assert rows == [("1.10", DIGITS, "1.10", "9223372036854775807")]


def test_what_does_not_fit_its_type_is_null_and_what_is_absent_too(engine, s3):
    s3.put(small_lake.folder() + "a", [line(price='"dear"', precise="12", as_text="null", count='"x"')])

    _, rows = ask(engine, "SELECT price, precise, as_text, count, id FROM orders")

    assert rows == [(None, None, None, None, None)]


def test_empty_text_line_separators_and_text_like_dates_stay_what_they_are(engine, s3):
    values = ["", "a\u2028b\x85c", "2026-01-31", "true", "nul\x00l", 'q"\n']
    for number, value in enumerate(values):
        s3.put(small_lake.folder() + f"{number}", [small_lake.change(number, id=value)])

    _, rows = ask(engine, "SELECT id FROM orders ORDER BY cdc_event_id")

    assert [value for (value,) in rows] == values


def test_partitions_and_hidden_columns_come_from_the_objects_key(engine, s3):
    key = small_lake.folder(hour=7) + "a"
    s3.put(key, [small_lake.change(1)])

    _, rows = ask(engine, 'SELECT cdc_date, cdc_hour, "$path", "$file_size" FROM orders')

    place = f"s3://{small_lake.BUCKET}/{key}"
    assert rows == [(small_lake.TODAY, "7", place, str(len(s3.objects[key])))]
    assert "$path" not in ask(engine, "SELECT * FROM orders")[0]


def test_what_athena_does_not_see_is_not_there(engine, s3):
    for key in ("_hidden", ".hidden", "sub/_hidden"):
        s3.put(small_lake.folder() + key, [small_lake.change(key)])
    s3.put(f"data/{small_lake.TABLE}/cdc_date=2019-12-31/cdc_hour=00/a", [small_lake.change("early")])
    s3.put(f"data/{small_lake.TABLE}/cdc_date=2999-01-01/cdc_hour=00/a", [small_lake.change("late")])
    s3.put(f"data/{small_lake.TABLE}/cdc_date={small_lake.TODAY}/cdc_hour=24/a", [small_lake.change("hour")])
    s3.put(small_lake.folder() + "a", [small_lake.change("seen")])

    assert ask(engine, "SELECT cdc_event_id FROM orders")[1] == [("event-seen",)]


def test_a_second_query_fetches_only_what_has_come_or_changed(engine, s3):
    s3.put(small_lake.folder() + "a", [small_lake.change(1)])
    s3.put(small_lake.folder() + "b", [small_lake.change(2)])
    ask(engine, "SELECT * FROM orders")
    s3.fetched.clear()
    s3.put(small_lake.folder() + "b", [small_lake.change(3)])

    assert ask(engine, "SELECT cdc_event_id FROM orders ORDER BY 1")[1] == [("event-1",), ("event-3",)]
    assert s3.fetched == [small_lake.folder() + "b"]


def test_days_that_the_query_excludes_are_not_fetched(engine, s3):
    for day in ("2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"):
        s3.put(small_lake.folder(day) + "a", [small_lake.change(day)])

    _, rows = ask(engine, "SELECT cdc_date FROM orders WHERE cdc_date >= '2026-01-02' AND '2026-01-03' > cdc_date")

    assert rows == [("2026-01-02",)]
    assert s3.fetched == [small_lake.folder("2026-01-02") + "a", small_lake.folder("2026-01-03") + "a"]
    assert s3.listed == [f"data/{small_lake.TABLE}/cdc_date=2026-01-02"]


def test_a_query_that_needs_more_than_the_cache_may_hold_fetches_nothing(engine, s3):
    s3.put(small_lake.folder() + "a", [small_lake.change(1)])

    with pytest.raises(LakeError, match=r"reads 1 objects .* more than the 0.0 MiB of --cache-size"):
        replace(engine, largest=10).ask(Query("SELECT * FROM orders"))
    assert s3.fetched == []


def test_buffers_for_the_longest_lines_fit_where_there_are_many_processors(engine, s3, monkeypatch):
    monkeypatch.setattr(processes, "processors", lambda: 16)
    for number in range(32):
        s3.put(small_lake.folder() + f"{number}", [small_lake.change(number, id="x" * 100_000)] * 16)

    assert ask(engine, "SELECT count(DISTINCT cdc_event_id) FROM orders")[1] == [("32",)]


def test_a_line_that_is_no_json_fails_the_query_and_is_named(engine, s3):
    key = small_lake.folder() + "a"
    s3.put(key, [small_lake.change(1), b'{"torn":'])

    with pytest.raises(LakeError, match=f"{key}: line 2 is no JSON object"):
        engine.ask(Query("SELECT * FROM orders"))
    with pytest.raises(LakeError, match="line 2"):
        engine.ask(Query("SELECT * FROM orders"))


def test_an_object_that_may_not_be_read_is_named(engine, s3):
    key = small_lake.folder() + "a"
    s3.put(key, [small_lake.change(1)])
    s3.closed.add(key)

    with pytest.raises(LakeError, match=rf"{key} cannot be read: .*AccessDenied"):
        engine.ask(Query("SELECT * FROM orders"))


def test_failed_records_are_said_to_be_closed_to_analysts(s3, tmp_path):
    described = small_lake.table({}, "orders_failed")
    for at, name in (
        (described["StorageDescriptor"], "Location"),
        (described["Parameters"], "storage.location.template"),
    ):
        at[name] = at[name].replace("/data/", "/errors/")
    catalog = glue_catalog.read(small_lake.Glue([described]), small_lake.DATABASE)
    s3.paginate = raising(failed("ListObjectsV2", 403, "AccessDenied"))
    engine = DuckDb(s3, catalog, ObjectCache(tmp_path / "cache", 1), 1, Period(), lambda _state: None)

    with pytest.raises(LakeError, match=r"/errors/.* cannot be listed: .*AccessDenied.*; failed records are closed"):
        engine.ask(Query("SELECT * FROM orders_failed"))


def test_parameters_are_values_and_never_sql(engine, s3):
    s3.put(small_lake.folder() + "a", [small_lake.change(1, id="it's' OR 1=1 --"), small_lake.change(2, id="b")])

    assert ask(engine, "SELECT id FROM orders WHERE id = ?", "it's' OR 1=1 --")[1] == [("it's' OR 1=1 --",)]
    _, rows = ask(engine, "SELECT id FROM orders WHERE cdc_changed_at_us = CAST(? AS bigint) AND id = ?", "1", "b")
    assert rows == [("b",)]


def test_an_integer_divided_by_another_is_an_integer_as_in_athena(engine):
    assert ask(engine, "SELECT 7 / 2")[1] == [("3",)]


def test_whoever_reads_into_json_text_is_told_what_becomes_of_numbers(engine):
    asked = engine.ask(Query("SELECT json_extract_scalar(cdc_overflow, '$.n') FROM orders"))

    assert "doubles of numbers inside of JSON text" in asked.told
    assert "doubles" not in engine.ask(Query("SELECT cdc_overflow FROM orders")).told


def test_a_table_without_objects_has_its_columns_and_no_rows(engine):
    names, rows = ask(engine, "SELECT * FROM orders_current")

    assert names == ["cdc_key", "cdc_changed_at", "cdc_changed_at_us", "cdc_overflow", *COLUMNS]
    assert rows == []


def test_a_query_that_fails_says_why_in_one_line(engine):
    with pytest.raises(LakeError, match=r"^the query failed: .*no_such_column[^\n]*$"):
        engine.ask(Query("SELECT no_such_column FROM orders"))
