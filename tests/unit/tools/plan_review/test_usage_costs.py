"""What usage costs before and after a plan of a recorded deployment, what is wasted, and what a budget refuses."""

from __future__ import annotations

import json
from decimal import Decimal

import click
import pytest
from click.testing import CliRunner

from tests.unit.tools.plan_review import deployed_plan
from tools.cli import command
from tools.plan_review import budget, costs, plan, report, text
from tools.plan_review.budget import Budget
from tools.plan_review.review import review
from tools.review import main
from tools.sizing import model, prices
from tools.sizing.settings import TableSettings
from tools.sizing.usage import Lake, Usage, Workload, written

DEFAULT = "blog-srsa-ddb-table"
STREAM = f'module.pipeline.module.stream["{DEFAULT}"].aws_kinesis_stream.this'
QUIET = Workload(writes_per_second=0.2, item_bytes=1000, update_share=0.5, peak_over_mean=10)
USAGE = Usage({DEFAULT: QUIET, "orders": QUIET, "elsewhere": QUIET})
FEWER = {"address": STREAM, "set": {"shard_count": 5}}


def document(**mutation):
    found = deployed_plan.document({"address": STREAM, **mutation})
    return found | {"variables": {**found.get("variables", {}), "region": {"value": "us-east-1"}}}


def estimate(usage=USAGE, **mutation):
    return costs.estimate(plan.parse(document(**mutation)), usage=usage)


def usd(found, table, name):
    return next((each.before, each.after) for each in found.usage if (each.table, each.name) == (table, name))


def test_usage_is_costed_before_and_after_by_the_settings_in_the_plan():
    found = estimate(set={"stream_mode_details": [{"stream_mode": "ON_DEMAND"}]})
    priced = prices.of_region("us-east-1")

    def expected(name, **settings):
        parts = model.table_parts(QUIET, TableSettings(**settings), priced)
        return next(part.usd for part in parts if part.name == name)

    assert usd(found, DEFAULT, "stream, by its data") == (
        expected("stream, by its data"),
        expected("stream, by its data", on_demand=True),
    )
    assert usd(found, DEFAULT, "delivery") == (expected("delivery"), expected("delivery"))
    assert usd(found, "orders", "changes captured")[1] == expected("changes captured")
    assert not [each for each in found.usage if each.table == "elsewhere"]
    assert not [each for each in found.usage if each.name in ("stream, by the hour", "alarms", "key", "table writes")]


REPLICATION = {
    "address": 'module.replica["this"].aws_s3_bucket_replication_configuration.this',
    "type": "aws_s3_bucket_replication_configuration",
    "actions": ["create"],
    "set": {"bucket": "lake"},
}


def test_whether_the_lake_is_replicated_is_what_the_plan_makes_of_it():
    told = Usage(USAGE.tables, Lake(replicated=False))

    assert usd(estimate(), DEFAULT, "replica") == (0, 0)
    # What a replica costs is not known, and never zero.
    for usage in (USAGE, told):
        assert usd(estimate(usage, **{"and": [REPLICATION]}), DEFAULT, "replica") == (0, None)


def test_without_usage_nothing_of_it_is_said():
    found = estimate(usage=Usage(), set={"shard_count": 5})

    assert (found.usage, found.wasted) == ((), ())


def test_what_is_not_known_of_the_usage_stays_unknown():
    found = estimate(usage=Usage({DEFAULT: Workload(writes_per_second=1)}))

    assert usd(found, DEFAULT, "delivery") == (None, None)
    assert f"{DEFAULT}: delivery" in found.unknown
    assert found.wasted == ()


def test_ten_idle_shards_are_named_with_the_setting_that_is_cheapest():
    assert estimate().wasted == (
        f"{DEFAULT}: 10 shards cost 109.51 USD a month; stream = {{ shards = 1 }} takes its peak for 10.96",
        "orders: on demand cost 29.38 USD a month; stream = { shards = 1 } takes its peak for 10.96",
    )
    assert len(estimate(set={"shard_count": 1}).wasted) == 1


def test_the_fixed_part_of_the_review_is_that_of_the_model():
    priced = prices.of_region("us-east-1")
    streams = [
        resource["values"]
        for resource in deployed_plan.RESOURCES.values()
        if resource["address"].endswith("aws_kinesis_stream.this")
    ]
    keys = [each for each in deployed_plan.RESOURCES if ".aws_kms_key." in each]
    hours = [model.stream_hours(settings, priced) for settings in (TableSettings(), TableSettings(on_demand=True))]

    assert len(streams) == 2
    assert estimate().fixed_after == sum(hours) + len(keys) * priced.of("kms_key_month")


@pytest.mark.parametrize(
    ("most", "is_refused"), [(None, False), ("1000", False), ("139.70", False), ("139.69", True), ("0", True)]
)
def test_a_plan_after_which_a_month_costs_more_than_it_may_is_refused(most, is_refused):
    # Ten shards 109.50, on demand 29.20, key 1.00.
    money = Budget(most=None if most is None else Decimal(most))
    found = review(plan.parse(document(set={"tags": {"a": "b"}})), "t", money=money)

    assert found.is_refused is is_refused
    assert bool(text.refusal_lines(found)) is is_refused


def test_usage_counts_towards_what_a_month_may_cost():
    planned = plan.parse(document(set={"tags": {"a": "b"}}))
    told = Budget(USAGE, Decimal("139.70"))

    assert "the usage that is told of a month come to" in review(planned, "t", money=told).over_budget


def test_a_region_without_prices_is_refused_where_a_month_may_not_cost_any_amount():
    found = document() | {"variables": {"region": {"value": "eu-moon-1"}}}
    planned = plan.parse(found | {"planned_values": {}, "prior_state": {}})

    assert "is not known (no prices for eu-moon-1" in review(planned, "t", money=Budget(most=Decimal(9))).over_budget
    assert not review(planned, "t").over_budget


def test_every_format_tells_what_usage_costs_and_what_is_wasted():
    found = review(plan.parse(document(set={"tags": {"a": "b"}})), "t", money=Budget(USAGE))
    formats = ["\n".join(text.lines(found)), report.markdown(found), report.page(found)]

    for whole in formats:
        assert "changes captured" in whole
        assert "takes its peak for 10.96" in whole
        assert "unknown" in whole


def test_the_command_takes_both_options_and_ends_with_3(tmp_path, capsys):
    (tmp_path / "usage.yaml").write_text(written(USAGE))
    (tmp_path / "plan.json").write_text(json.dumps(document(set={"tags": {"a": "b"}})))

    def run(*arguments):
        result = CliRunner().invoke(main, [str(tmp_path / "plan.json"), *arguments], standalone_mode=False)
        if result.exception:
            raise result.exception
        return result.return_value

    assert command.outcome(lambda: run("--usage", str(tmp_path / "usage.yaml"), "--max-monthly", "500"), "review") == 0
    assert command.outcome(lambda: run("--max-monthly", "100"), "review") == 3


@pytest.mark.parametrize("amount", ["-1", "much", "nan", "Infinity"])
def test_what_is_no_amount_is_a_usage_error(amount):
    with pytest.raises(click.BadParameter, match="no amount of US dollars"):
        budget._amount(click.Context(main), click.Option(["--x"]), amount)
