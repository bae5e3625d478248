from __future__ import annotations

import json

import pytest

from tools.lake import schema_drift, summaries
from tools.lake.schema_drift import Expected
from tools.lake.summaries import Example, Seen, Summary
from tools.lake.value_shapes import shape


def summary(**columns):
    """Returns the summary of rows in which each column has these values, one a row."""
    parts = []
    for name, values in columns.items():
        for line, value in enumerate(values, start=1):
            example = Example("o", line, json.dumps({"id": line}))
            parts.append(Summary(1, columns={name: {shape(json.dumps(value).encode()): Seen(1, example)}}))
    return summaries.merge(parts)


def only(found):
    (column,) = found
    return column


def compared(values, declared=None, **expected):
    return only(schema_drift.compare(summary(a=values), {"a": declared} if declared else {}, Expected(**expected)))


@pytest.mark.parametrize(
    ("values", "declared", "status", "proposed", "is_drift"),
    [
        (["x"], None, "new", "string", True),
        (["x"], "string", "same", "string", False),
        ([1, None], "string", "same", "string", False),
        ([1, 2.5], "bigint", "changed", "decimal(38,1)", True),
        ([1, "x"], None, "conflict", "string", True),
        ([1, "x"], "string", "conflict", "string", False),
        ([1, "x"], "bigint", "conflict", "string", True),
        ([[1], "x"], None, "conflict", None, False),
        ([[1], "x"], "string", "conflict", None, True),
        ([], "bigint", "gone", "bigint", False),
        ([None], "bigint", "same", "bigint", False),
    ],
)
def test_a_column_has_one_status_and_the_type_that_loses_nothing(values, declared, status, proposed, is_drift):
    found = compared(values, declared)

    assert (found.status, found.declared, found.proposed) == (status, declared, proposed)
    assert found.is_drift is is_drift


def test_values_that_do_not_read_back_are_counted_by_what_a_query_sees_with_rows_that_show_them():
    found = compared([1.5, "free", 2, 123456789, "late", None], "decimal(5,1)")

    assert found.lost == {"null": 3}
    assert (found.rows, found.nulls, found.kinds) == (6, 1, {"number": 3, "text": 2})
    shown = [(each.kind, each.cdc_key, each.object, each.line) for each in found.examples]
    assert shown == [("text", '{"id": 2}', "o", 2), ("number", '{"id": 4}', "o", 4)]


def test_of_a_conflict_one_row_of_each_kind_is_named_before_a_second_of_any():
    found = compared([1, 22, 333, 4444, "x"], "boolean")

    assert found.lost == {"changed": 5}
    assert [(each.kind, each.line) for each in found.examples] == [("number", 1), ("text", 5), ("number", 2)]


def test_a_column_that_a_rule_hashes_is_told_as_masked():
    assert compared(["f" * 64], "string", hashed=frozenset("a")).status == "masked"
    new = compared(["f" * 64], hashed=frozenset("a"))
    assert (new.status, new.is_masked) == ("new", True)


def test_columns_of_the_key_are_declared_as_text_by_themselves():
    found = compared([1], keys=frozenset("a"))

    assert (found.status, found.declared) == ("same", "string")
    assert schema_drift.changes([found], {}) == {}
    typed = only(schema_drift.compare(summary(a=[1]), {"a": "bigint"}, Expected(keys=frozenset("a"))))
    assert schema_drift.changes([typed], {"a": "bigint"}) == {}


def test_no_type_is_narrowed_unless_told():
    assert compared([1], "string", numbers="typed").proposed == "string"
    assert compared([1], "decimal(38,2)", numbers="typed").proposed == "decimal(38,2)"
    narrowed = compared([1], "string", numbers="typed", narrow=True)
    assert (narrowed.proposed, narrowed.status) == ("bigint", "changed")


def test_a_type_that_only_its_author_knows_stays():
    assert compared(["2026-01-31"], "timestamp", narrow=True).proposed == "timestamp"


def test_a_name_that_is_no_column_is_never_declared():
    found = only(schema_drift.compare(summary(**{"Order-Id": [1]}), {}, Expected()))

    assert (found.status, found.proposed, found.is_drift) == ("conflict", None, False)


def test_what_is_declared_stays_declared_though_no_row_has_it():
    declared = {"old": "bigint", "a": "bigint"}
    found = schema_drift.compare(summary(a=["x"], b=[True]), declared, Expected())

    assert [(column.name, column.status) for column in found] == [("a", "changed"), ("b", "new"), ("old", "gone")]
    assert schema_drift.changes(found, declared) == {"a": "string", "b": "boolean"}


def test_what_openx_reads_differently_is_judged_by_its_own_rules():
    assert compared(["x"], "bigint").lost == {"fails": 1}
    assert compared(["x"], "bigint", serde="openx").lost == {"null": 1}


def test_what_is_lost_goes_by_what_is_deployed_and_what_is_proposed_by_the_file():
    seen = summary(a=[1, "x"], b=[True], c=[1])
    declared, deployed = {"a": "string", "c": "bigint"}, {"a": "decimal(38,2)", "c": "bigint"}
    by_file = schema_drift.compare(seen, declared, Expected())

    found = {column.name: column for column in schema_drift.as_deployed(seen, deployed, by_file, Expected())}

    assert (found["a"].declared, found["a"].lost, found["a"].proposed) == ("decimal(38,2)", {"null": 1}, "string")
    assert (found["b"].declared, found["b"].is_drift) == (None, True)
    assert not found["c"].is_drift
    assert schema_drift.changes(by_file, declared) == {"b": "boolean"}


def test_a_type_that_is_only_spelled_in_another_way_is_deployed():
    declared = {"a": "decimal(38, 2)", "b": "bigint", "c": "string"}
    assert schema_drift.undeployed(declared, {"a": "decimal(38,2)", "b": "string"}) == ["b", "c"]
