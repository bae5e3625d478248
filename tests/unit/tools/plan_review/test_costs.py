"""What a plan changes in the fixed part of the bill; the expected figures are worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.unit.tools.plan_review.plans import change, planned
from tools.plan_review import costs


def provisioned(shards, hours=24):
    return {"shard_count": shards, "retention_period": hours, "stream_mode_details": [{"stream_mode": "PROVISIONED"}]}


ON_DEMAND = {"shard_count": None, "retention_period": 24, "stream_mode_details": [{"stream_mode": "ON_DEMAND"}]}


@pytest.mark.parametrize(
    ("kind", "before", "after", "difference"),
    [
        ("aws_kinesis_stream", None, provisioned(10), "109.50"),
        ("aws_kinesis_stream", provisioned(10), provisioned(2), "-87.60"),
        ("aws_kinesis_stream", provisioned(10), ON_DEMAND, "-80.30"),
        ("aws_kinesis_stream", provisioned(1), provisioned(1, 25), "14.60"),
        ("aws_kinesis_stream", provisioned(10), None, "-109.50"),
        ("aws_kms_key", None, {}, "1.00"),
        ("aws_kms_key", {}, None, "-1.00"),
        ("aws_cloudwatch_metric_alarm", None, {"metric_query": []}, "0.10"),
        ("aws_cloudwatch_metric_alarm", None, {"metric_query": [{"metric": []}, *[{"metric": [{}]}] * 2]}, "0.20"),
        ("aws_cloudwatch_metric_alarm", None, {"metric_query": [{"expression": "SELECT", "metric": []}]}, "0.10"),
        ("aws_cloudwatch_composite_alarm", None, {}, "0.50"),
        ("aws_cloudwatch_dashboard", {}, None, "-3.00"),
        ("aws_iam_role", None, {}, "0"),
        ("aws_kinesis_stream", None, {}, "0"),
        ("aws_kinesis_stream", None, {"shard_count": "many", "stream_mode_details": "x"}, "0"),
    ],
)
def test_the_estimate_is_the_fixed_cost_after_less_that_before(kind, before, after, difference):
    found = costs.estimate(planned(change("a.b", kind, ["update"], before, after), after={"region": "us-east-1"}))

    assert found.change == Decimal(difference)
    assert bool(found.costs) == (difference != "0")


def test_in_a_region_without_prices_a_cost_is_unknown_and_not_anothers():
    found = costs.estimate(planned(change("a.b", "aws_kms_key", ["create"], None, {}), after={"region": "xx-moon-1"}))

    assert [(each.before, each.after) for each in found.costs] == [(0, None)]
    assert (found.change, found.after, found.summary) == (None, None, "unknown")
    assert "no prices for xx-moon-1 here" in found.note


def test_the_note_says_it_is_an_estimate_of_which_day_and_what_is_paid_by_use_besides():
    found = costs.estimate(planned(change("a.b", "aws_s3_bucket", ["create"], None, {}), after={"region": "us-east-1"}))

    assert found.note.startswith("estimate, prices of us-east-1 as of ")
    assert "730 hours a month" in found.note
    assert "aws_s3_bucket (storage and requests)" in found.note


def test_a_lower_cost_says_what_it_risks_and_a_higher_one_nothing():
    changes = [
        change("a.shorter", "aws_kinesis_stream", ["update"], provisioned(1, 48), provisioned(1)),
        change("a.longer", "aws_kinesis_stream", ["update"], provisioned(1), provisioned(1, 48)),
    ]
    risks = {"a.shorter": "older changes are lost", "a.longer": "none"}

    found = costs.estimate(planned(*changes, after={"region": "us-east-1"}), risks)

    assert [(cost.address, cost.risk) for cost in found.costs] == [
        ("a.shorter", "older changes are lost"),
        ("a.longer", ""),
    ]
    assert found.summary == "+0.00 USD, at the risks told beside the lower costs"
