from __future__ import annotations

import pytest

from tools.localaws.emulator import metric_math

SERIES = {"read": [5.0, None, 0.0], "put": [None, 2.0, 4.0]}


def values(expression, **others):
    queries = [
        {"Id": "result", "Expression": expression},
        *({"Id": name, "MetricStat": {"Stat": name}, "ReturnData": False} for name in SERIES),
        *({"Id": name, "Expression": text, "ReturnData": False} for name, text in others.items()),
    ]
    return metric_math.evaluate(queries, lambda query: SERIES[query["MetricStat"]["Stat"]])


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("read", [5, None, 0]),
        ("FILL(read, 0)", [5, 0, 0]),
        ("FILL(read, -1) + 2 * FILL(put, 3)", [11, 3, 8]),
        ("read / put", [None, None, 0]),
        ("put / read", [None, None, None]),
        ("-put", [None, -2, -4]),
        ("IF(FILL(read, 0) > 0 AND FILL(put, 0) == 0, 1, 0)", [1, 0, 0]),
        ("IF(read >= 5 || read < 0, 10, 20)", [10, None, 20]),
        ("(FILL(put, 0) - 1) ^ 2", [1, 1, 9]),
    ],
)
def test_each_period_is_computed_by_itself(expression, expected):
    assert values(expression) == expected


def test_an_expression_may_use_another():
    assert values("both * 10", both="FILL(read, 0) + FILL(put, 0)") == [50, 20, 40]


def test_a_query_of_metrics_insights_is_read_as_a_metric_is():
    query = {"Id": "result", "Expression": 'SELECT MAX(a) FROM SCHEMA("N")', "Period": 60}
    assert metric_math.evaluate([query], lambda asked: [float(asked["Period"])]) == [60]


@pytest.mark.parametrize(
    "expression",
    [
        "SUM(METRICS())",
        "nothing + 1",
        "nothing + read",
        "FILL(read, REPEAT)",
        "read.real",
        "read +",
        "result",
    ],
)
def test_what_is_not_known_here_is_refused(expression):
    with pytest.raises(ValueError, match=r"not understood|one query"):
        assert values(expression) == "refused", "nothing of it may be computed"


def test_one_query_returns_data():
    with pytest.raises(ValueError, match="one query"):
        metric_math.evaluate([{"Id": "a", "MetricStat": {}}, {"Id": "b", "MetricStat": {}}], lambda _: [1.0])
