"""A line of JSON is read as the SerDe of its table reads it."""

from __future__ import annotations

import pytest

from tools.localaws.emulator.athena.errors import QueryError
from tools.localaws.emulator.athena.hive_types import parse_type
from tools.localaws.emulator.athena.serde import SerDe


def read(line, kind, *, hive=False, **properties):
    serde = SerDe({"c": parse_type(kind)}, hive, {name.replace("_", "."): value for name, value in properties.items()})
    return serde.read(line.encode()).get("c")


@pytest.mark.parametrize("hive", [True, False])
@pytest.mark.parametrize(
    ("kind", "written", "expected"),
    [
        ("decimal(38,37)", "0.1234567890123456789012345678901234567", "0.1234567890123456789012345678901234567"),
        ("decimal(38,0)", "12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
        ("decimal(10,2)", "1.005", "1.01"),
        ("decimal(10,2)", "-1.005", "-1.01"),
        ("decimal(10,2)", '"1.10"', "1.10"),
        ("decimal(10,2)", "1E-130", "0.00"),
        ("decimal(4,2)", "99.995", None),
        ("decimal(10,2)", "9.99E+125", None),
        ("decimal(10,2)", '"text"', None),
        ("bigint", "9007199254740993", "9007199254740993"),
        ("int", "1.9", "1"),
        ("double", "1e10", "10000000000.0"),
        ("boolean", "true", "true"),
        ("boolean", '"TRUE"', "true"),
        ("boolean", "1", "false"),
        ("string", '"a\u2028b\\u0085"', "a\u2028b\u0085"),
        ("string", '"\\ud800"', "?"),
        ("string", "true", "true"),
        ("string", "null", None),
        ("date", '"2026-3-1"', "2026-03-01"),
        ("timestamp", '"2026-03-01 07:00:00.1236"', "2026-03-01 07:00:00.124"),
        ("array<decimal(5,1)>", "[1, null, 2.25]", ["1.0", None, "2.3"]),
        ("map<string,int>", '{"K": 1}', {"K": "1"}),
        ("struct<a:int,b:array<string>>", '{"A": 1, "b": ["x"], "z": 2}', {"a": "1", "b": ["x"]}),
    ],
)
def test_both_read_a_value_alike(hive, kind, written, expected):
    assert read(f'{{"C": {written}, "other": 1}}', kind, hive=hive) == expected


@pytest.mark.parametrize(
    ("kind", "written", "of_openx", "of_hive"),
    [
        ("int", '"17"', "17", QueryError),
        ("int", '"text"', None, QueryError),
        ("int", "true", None, QueryError),
        ("double", '"1.5"', "1.5", QueryError),
        ("string", "1.10", "1.10", "1.10"),
        ("string", "1e3", "1E+3", "1e3"),
        ("string", "[1, 2.50]", "[1,2.50]", QueryError),
        ("string", '{"b": "x"}', '{"b":"x"}', QueryError),
        ("int", "[1]", QueryError, QueryError),
        ("array<int>", "1", ["1"], QueryError),
        ("array<int>", '""', None, QueryError),
        ("map<string,int>", '""', None, QueryError),
        ("date", '"soon"', None, QueryError),
        ("timestamp", '"soon"', None, QueryError),
        ("timestamp", "1772348400", "2026-03-01 07:00:00.000", QueryError),
        ("timestamp", '"2026-03-01T07:00:00+02:00"', "2026-03-01 05:00:00.000", QueryError),
        ("int", "4294967296", QueryError, QueryError),
    ],
)
def test_they_differ_where_their_sources_do(kind, written, of_openx, of_hive):
    for hive, expected in ((False, of_openx), (True, of_hive)):
        if expected is QueryError:
            with pytest.raises(QueryError, match="HIVE_BAD_DATA"):
                read(f'{{"c": {written}}}', kind, hive=hive)
        else:
            assert read(f'{{"c": {written}}}', kind, hive=hive) == expected


@pytest.mark.parametrize("line", ['{"c":', '{"c": 1,}', '{"c": NaN}', "[1", '{"c": "a\nb"}'])
def test_what_is_no_json_fails_the_query(line):
    with pytest.raises(QueryError, match="HIVE_CURSOR_ERROR"):
        read(line, "int")
    with pytest.raises(QueryError, match="HIVE_BAD_DATA"):
        read(line, "int", hive=True)

    assert read(line, "int", ignore_malformed_json="true") is None


def test_a_line_that_is_no_object_is_a_row_of_nulls_to_openx_alone():
    assert read("text", "int") is None
    with pytest.raises(QueryError, match="HIVE_BAD_DATA"):
        read("1", "int", hive=True)


def test_a_member_that_is_there_twice():
    assert read('{"c": 1, "C": 2}', "int", hive=True) == "2"
    with pytest.raises(QueryError, match="Duplicate key"):
        read('{"c": 1, "C": 2}', "int")
    assert read('{"c": 1, "C": 2}', "int", case_insensitive="false") == "1"
