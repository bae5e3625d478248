"""A table's properties say which partitions it has."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tools.localaws.emulator.athena.catalog import Table
from tools.localaws.emulator.athena.errors import QueryError
from tools.localaws.emulator.athena.hive_types import parse_type
from tools.localaws.emulator.athena.projection import Projection
from tools.localaws.emulator.athena.serde import SerDe

NOW = datetime(2026, 3, 31, 7, 30, tzinfo=UTC)


def projection(template=None, **columns):
    """Returns the projection of columns: name -> its properties, `_` for `.` in their names."""
    parameters = {"projection.enabled": "true"}
    for name, properties in columns.items():
        parameters |= {f"projection.{name}.{key.replace('_', '.')}": value for key, value in properties.items()}
    if template:
        parameters["storage.location.template"] = template
    partitions = {name: parse_type("string") for name in columns}
    table = Table("d", "t", {}, partitions, "s3://bucket/data/", SerDe({}, True, {}), parameters)
    return Projection(table, NOW)


def has(value, **properties):
    return projection(p=properties).values(f"data/p={value}/object") is not None


def dates(format_, range_, **more):
    return {"type": "date", "format": format_, "range": range_, **more}


@pytest.mark.parametrize(
    ("properties", "inside", "outside"),
    [
        (
            dates("yyyy-MM-dd", "2026-01-01,NOW"),
            ["2026-01-01", "2026-03-31"],
            ["2025-12-31", "2026-04-01", "2026-02-30", "2026-1-1"],
        ),
        (dates("yyyy-MM-dd", "NOW-2DAYS,NOW+1DAY"), ["2026-03-29", "2026-04-01"], ["2026-03-28", "2026-04-02"]),
        (dates("yyyy-MM-dd", "NOW-1MONTH,NOW"), ["2026-02-28"], ["2026-02-27"]),
        (dates("yyyyMM", "202601,NOW"), ["202601", "202603"], ["202512", "202604"]),
        (dates("yyyy/MM/dd", "2026/01/01,NOW"), [], ["2026-01-01"]),
        (
            dates("yyyy-MM-dd'T'HH", "2026-03-31T00,NOW", interval="2", interval_unit="HOURS"),
            ["2026-03-31T06"],
            ["2026-03-31T07", "2026-03-31T08"],
        ),
        (dates("yyyy-MM-dd", "2026-01-01,NOW", interval="7", interval_unit="DAYS"), ["2026-01-08"], ["2026-01-09"]),
        ({"type": "integer", "range": "0,23", "digits": "2"}, ["00", "07", "23"], ["7", "24", "007", "-1", "x"]),
        ({"type": "integer", "range": "0,23"}, ["0", "7"], ["07"]),
        ({"type": "integer", "range": "-4,8", "interval": "4"}, ["-4", "0", "8"], ["2", "12"]),
        ({"type": "enum", "values": "a,b c"}, ["a", "b c"], ["b", "A"]),
        ({"type": "injected"}, ["anything"], []),
    ],
)  # fmt: skip
def test_a_value_is_projected_or_not(properties, inside, outside):
    assert {value: has(value, **properties) for value in [*inside, *outside]} == (
        dict.fromkeys(inside, True) | dict.fromkeys(outside, False)
    )


def test_a_template_says_where_partitions_lie():
    found = projection(
        "s3://other/lake/${day}/of-${hour}",
        day=dates("yyyy-MM-dd", "2026-01-01,NOW"),
        hour={"type": "integer", "range": "0,23", "digits": "2"},
    )

    assert (found.bucket, found.prefix) == ("other", "lake/")
    assert found.values("lake/2026-03-01/of-07/sub/a") == ({"day": "2026-03-01", "hour": "07"}, "sub/a")
    assert found.values("lake/2026-03-01/of-7/a") is None


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({}, "projection.p.type"),
        ({"type": "integer"}, "projection.p.range"),
        (dates("yyyy-MM-dd", "2026-01-01"), "two ends"),
        (dates("yyyy-MM-dd", "soon,NOW"), "does not fit its format"),
        (dates("dd MMM yyyy", "01 Jan 2026,NOW"), "NOT_SUPPORTED"),
    ],
)
def test_incomplete_properties_fail(properties, reason):
    with pytest.raises(QueryError, match=reason):
        projection(p=properties)


def test_injected_columns_are_named():
    assert projection(tenant={"type": "injected"}, colour={"type": "enum", "values": "red"}).injected == ["tenant"]
