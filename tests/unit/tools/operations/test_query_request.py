from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tools.errors import UsageError
from tools.lake.data_objects import Period
from tools.lake.engines.results import Query
from tools.operations import query_request

NOTHING = {
    "sql": None,
    "params": (),
    "table": None,
    "current": False,
    "as_of": None,
    "history": None,
    "changes": None,
    "failed": False,
    "tail": False,
    "list": False,
    "download": None,
    "since": None,
    "until": None,
    "engine": "athena",
    "cache_size": 2,
}


def read(**given):
    return query_request.read({**NOTHING, **given}, Path("/cache"))


def test_sql_comes_with_its_parameters_and_the_cache_with_its_size_in_bytes():
    request = read(sql="SELECT ?", params=("a", "b"), engine="duckdb", since="2026-01-31", until="2026-02-01T05:00")

    assert request.sql == Query("SELECT ?", ("a", "b"))
    assert request.period == Period(datetime(2026, 1, 31, tzinfo=UTC), datetime(2026, 2, 1, 5, tzinfo=UTC))
    assert (request.cache, request.cache_bytes) == (Path("/cache"), 2 * 1024 * 1024)


def test_an_empty_key_and_an_empty_query_are_asked_and_not_left_out():
    assert read(history="").history == ""
    assert read(sql="").sql == Query("")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "ask one thing, in SQL or by one of --current, --as-of, --history"),
        ({"sql": "SELECT 1", "current": True}, "ask one thing"),
        ({"as_of": "2026-01-31", "history": "17"}, "ask one thing"),
        ({"current": True, "params": ("a",)}, "--param is the value of a . in SQL"),
        ({"sql": "SELECT 1", "table": "orders"}, "SQL names its tables itself"),
        ({"current": True, "since": "2026-01-31"}, "would make the answer wrong"),
        ({"as_of": "2026-01-31", "until": "2026-01-31", "engine": "duckdb"}, "would make the answer wrong"),
        ({"sql": "SELECT 1", "since": "2026-01-31"}, "SQL with --engine duckdb"),
        ({"tail": True, "until": "2026-01-31"}, "--tail has no end"),
        ({"as_of": "yesterday"}, "--as-of 'yesterday' is no time"),
        ({"list": True, "since": "x"}, "--since 'x' is no time"),
    ],
)
def test_what_has_no_meaning_together_is_refused(given, says):
    with pytest.raises(UsageError, match=says):
        read(**given)
