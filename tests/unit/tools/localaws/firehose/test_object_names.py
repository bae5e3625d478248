from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from tools.localaws.firehose.object_names import (
    check_expressions,
    data_prefix,
    error_prefix,
    evaluate,
    format_time,
    object_name,
)

TIME = datetime(2026, 3, 4, 15, 6, 7, 89_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        ("yyyy-MM-dd", "2026-03-04"),
        ("yyyy/MM/dd/HH/", "2026/03/04/15/"),
        ("yy M d", "26 3 4"),
        ("HH:mm:ss.SSS", "15:06:07.089"),
        ("hh a", "03 PM"),
        ("D DDD", "63 063"),
        ("MMM EEE", "Mar Wed"),
        ("MMMM EEEE", "March Wednesday"),
        ("'year='yyyy", "year=2026"),
        ("'o''clock' ''H", "o'clock '15"),
        ("YYYY", "2026"),
    ],
)
def test_time_patterns_are_written_as_java_writes_them(pattern, written):
    assert format_time(pattern, TIME) == written


@pytest.mark.parametrize("pattern", ["QQ", "yyyy 'open", "B"])
def test_a_time_pattern_that_is_not_understood_is_refused_by_name(pattern):
    with pytest.raises(ValueError, match="time pattern"):
        format_time(pattern, TIME)


def test_expressions_of_both_namespaces_are_evaluated():
    prefix = "e/!{firehose:error-output-type}/cdc_date=!{timestamp:yyyy-MM-dd}/!{firehose:random-string}/"
    assert re.fullmatch(r"e/processing-failed/cdc_date=2026-03-04/\w{11}/", evaluate(prefix, TIME, "processing-failed"))


@pytest.mark.parametrize("prefix", ["!{partitionKeyFromQuery:id}/", "!{firehose:nothing}/", "!{other:x}"])
def test_an_unknown_expression_is_refused_by_name(prefix):
    with pytest.raises(ValueError, match=re.escape(prefix.rstrip("/"))):
        check_expressions(prefix)


def test_a_prefix_without_a_time_gets_the_default_one():
    assert data_prefix("data/") == "data/!{timestamp:yyyy/MM/dd/HH/}"
    assert data_prefix("") == "!{timestamp:yyyy/MM/dd/HH/}"
    assert data_prefix("cdc_date=!{timestamp:yyyy}/") == "cdc_date=!{timestamp:yyyy}/"


def test_failures_never_land_among_the_data():
    for given in ("", "errors/", "errors/!{firehose:error-output-type}/", "errors/!{timestamp:yyyy}/"):
        for data in ("", "data/", "data/cdc_date=!{timestamp:yyyy}/"):
            key = evaluate(error_prefix(given, data), TIME, "processing-failed")
            assert not key.startswith(evaluate(data_prefix(data), TIME, "")), (given, data)


def test_an_object_is_named_as_firehose_names_it():
    key = object_name(
        "data/cdc_date=!{timestamp:yyyy-MM-dd}/cdc_hour=!{timestamp:HH}/",
        name="blog-delivery-stream",
        version="3",
        extension=".gz",
        arrival_ms=1_772_636_767_089,
        now=1_772_640_000.0,
        zone="UTC",
        error_type="",
    )
    uuid = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    pattern = rf"data/cdc_date=2026-03-04/cdc_hour=15/blog-delivery-stream-3-2026-03-04-16-00-00-{uuid}\.gz"
    assert re.fullmatch(pattern, key)


def test_a_time_zone_moves_prefix_and_suffix():
    key = object_name(
        "!{timestamp:yyyy-MM-dd-HH}/",
        name="n",
        version="1",
        extension="",
        arrival_ms=1_772_636_767_089,
        now=1_772_640_000.0,
        zone="Asia/Tokyo",
        error_type="",
    )
    assert key.startswith("2026-03-05-00/n-1-2026-03-05-01-00-00-")
