from __future__ import annotations

import pytest

from tools.localaws.emulator import metrics_insights

QUERY = """SELECT MAX(Age) FROM SCHEMA("AWS/DynamoDB", TableName, DelegatedOperation) WHERE TableName = 'my-table.1'"""
OURS = {"TableName": "my-table.1", "DelegatedOperation": "whatever"}


@pytest.mark.parametrize(
    ("namespace", "metric", "dimensions", "is_selected"),
    [
        ("AWS/DynamoDB", "Age", OURS, True),
        ("AWS/DynamoDB", "Age", {**OURS, "TableName": "another"}, False),
        ("AWS/DynamoDB", "Age", {"TableName": "my-table.1"}, False),
        ("AWS/DynamoDB", "Age", {**OURS, "More": "x"}, False),
        ("AWS/DynamoDB", "Other", OURS, False),
        ("AWS/Other", "Age", OURS, False),
    ],
)
def test_a_query_selects_metrics_of_a_name_with_just_its_dimensions_and_values(
    namespace, metric, dimensions, is_selected
):
    assert metrics_insights.read(QUERY).selects(namespace, metric, dimensions) is is_selected


@pytest.mark.parametrize(("function", "statistic"), [("SUM", "Sum"), ("MIN", "Minimum"), ("COUNT", "SampleCount")])
def test_a_function_is_a_statistic(function, statistic):
    assert metrics_insights.read(QUERY.replace("MAX", function)).statistic == statistic


@pytest.mark.parametrize(
    "expression",
    [
        'SELECT MAX(Age) FROM "N"',
        f"{QUERY} OR TableName = 'x'",
        f"{QUERY} GROUP BY TableName",
        'SELECT MEDIAN(Age) FROM SCHEMA("N")',
    ],
)
def test_what_is_not_known_here_is_refused(expression):
    with pytest.raises(ValueError, match="not understood"):
        metrics_insights.read(expression)
