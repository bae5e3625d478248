"""Alarms and the dashboard watch what is there, by metrics that exist, and say what to do."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from lake_transform import report
from tests.plan.plans import ALONE, EVERY, PLANS, TOPIC
from tests.plan.reading import of_type, outputs, policy
from tests.plan.state_table import steps
from tools import paths
from tools.localaws.emulator import metrics_insights
from tools.sizing import model, prices
from tools.sizing.settings import TableSettings
from tools.sizing.usage import UNKNOWN

every_plan = pytest.mark.parametrize("name", EVERY)
every_environment = pytest.mark.parametrize("name", PLANS)

DOCUMENTED = yaml.safe_load((Path(__file__).parent / "documented_metrics.yaml").read_text())
METRICS = {
    (group["namespace"], metric, frozenset(group["dimensions"])): set(known["statistics"])
    for group in DOCUMENTED
    for metric, known in group["metrics"].items()
}
RUNBOOK = (paths.REPOSITORY / "docs" / "runbook.md").read_text()
"""One section for each alarm, called as its key is."""


def alarms(plan):
    return of_type(plan, "aws_cloudwatch_metric_alarm")


def composites(plan):
    return of_type(plan, "aws_cloudwatch_composite_alarm")


def watched(alarm):
    """Yields namespace, metric, dimensions and statistic of each metric of an alarm."""
    if alarm["namespace"]:
        yield (
            alarm["namespace"],
            alarm["metric_name"],
            alarm["dimensions"],
            alarm["statistic"] or alarm["extended_statistic"],
        )
    for query in alarm["metric_query"] or []:
        for metric in query["metric"]:
            yield metric["namespace"], metric["metric_name"], metric["dimensions"], metric["stat"]
        if query["expression"] and metrics_insights.is_query(query["expression"]):
            found = metrics_insights.read(query["expression"])
            named = dict.fromkeys(found.dimensions) | dict(found.values)
            yield found.namespace, found.metric, named, found.statistic


def drawn(plan):
    """Yields the same of each metric of the dashboards."""
    for dashboard in of_type(plan, "aws_cloudwatch_dashboard").values():
        for widget in json.loads(dashboard["dashboard_body"])["widgets"]:
            for namespace, metric, *rest in (each for each in widget["properties"].get("metrics", []) if len(each) > 1):
                dimensions = dict(zip(rest[:-1:2], rest[1:-1:2], strict=True))
                yield namespace, metric, dimensions, widget["properties"]["stat"]


@every_plan
def test_every_metric_that_is_watched_or_drawn_is_one_that_aws_documents_or_our_code_tells(plans, name):
    found = [metric for alarm in alarms(plans[name]).values() for metric in watched(alarm)]
    assert all(list(watched(alarm)) for alarm in alarms(plans[name]).values())
    wrong = [
        (namespace, metric, dimensions, statistic)
        for namespace, metric, dimensions, statistic in [*found, *drawn(plans[name])]
        if statistic not in METRICS.get((namespace, metric, frozenset(dimensions)), ())
    ]
    assert not wrong


def test_our_own_metrics_are_those_that_the_function_and_the_merge_tell(plans):
    of_function = {metric for _, metric, dimensions in METRICS if dimensions == {report.DIMENSION}}
    assert of_function <= set(report.METRICS)
    (machine,) = of_type(plans[ALONE], "aws_sfn_state_machine").values()
    told = steps(machine)["States"]["TellLag"]["Arguments"]
    data = [(each["MetricName"], {one["Name"] for one in each["Dimensions"]}) for each in told["MetricData"]]
    assert (told["Namespace"], data) == (report.NAMESPACE, [("StateLag", {"TableName"})])


NAMED = {
    "TableName": ("aws_dynamodb_kinesis_streaming_destination", "table_name"),
    "StreamName": ("aws_kinesis_stream", "name"),
    "DeliveryStreamName": ("aws_kinesis_firehose_delivery_stream", "name"),
    "DeliveryStream": ("aws_kinesis_firehose_delivery_stream", "name"),
    "FunctionName": ("aws_lambda_function", "function_name"),
    "StateMachineArn": ("aws_sfn_state_machine", "name"),
    "ScheduleGroup": ("aws_scheduler_schedule", "group_name"),
    "BucketName": ("aws_s3_bucket", "bucket"),
    "SourceBucket": ("aws_s3_bucket", "bucket"),
    "DestinationBucket": ("aws_s3_bucket", "bucket"),
}
"""Dimension -> type and attribute that have its value."""


@every_environment
def test_every_dimension_names_something_of_the_same_deployment(plans, name):
    plan = plans[name]
    there = {
        key: {each[attribute] for each in of_type(plan, kind).values()} for key, (kind, attribute) in NAMED.items()
    }
    # The tables of a consumer are in the other account.
    there["TableName"] |= set(outputs(plan)["tables"])
    # A bucket may have been there before.
    there["BucketName"] |= {outputs(plan).get("bucket_name")}
    for _, metric, dimensions, _ in [*(m for a in alarms(plan).values() for m in watched(a)), *drawn(plan)]:
        for key, value in dimensions.items():
            if key in NAMED and value is not None:
                assert value.rpartition(":")[2] in there[key], (metric, key, value)


@every_environment
def test_every_alarm_is_told_to_the_topic_when_it_is_raised_and_when_it_is_over(plans, name):
    topic = PLANS[name].variables.get("monitoring", {}).get("topic_arn")
    for address, alarm in {**alarms(plans[name]), **composites(plans[name])}.items():
        assert alarm["actions_enabled"] is not False, address
        assert alarm["alarm_actions"] == alarm["ok_actions"] != [], address
        assert topic in (None, *alarm["alarm_actions"]), address


def test_a_topic_of_somebody_else_is_told_and_none_is_made(plans):
    plan = plans["single-account-own-topic"]
    assert {tuple(alarm["alarm_actions"]) for alarm in alarms(plan).values()} == {(TOPIC,)}
    assert not of_type(plan, "aws_sns_topic", "aws_sns_topic_policy", "aws_cloudwatch_dashboard")


def test_a_deployment_that_is_not_watched_has_nothing_of_it(plans):
    plan = plans["single-account-unwatched"]
    assert not of_type(plan, "aws_sns_topic", "aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm")
    assert not of_type(plan, "aws_cloudwatch_dashboard", "aws_cloudwatch_query_definition")
    assert "OurAlarmsEncryptWhatTheyTell" not in policy(plan, 'module.key.aws_kms_key.this["this"]')


@every_environment
def test_the_policies_of_topic_and_key_let_in_all_alarms_of_the_deployment_and_no_others(plans, name):
    plan = plans[name]
    names = {alarm["alarm_name"] for alarm in {**alarms(plan), **composites(plan)}.values()}
    conditions = [
        policy(plan, address)[sid]["Condition"]["ArnLike"]["aws:SourceArn"]
        for kind, sid in (("aws_sns_topic_policy", "OurAlarmsPublish"), ("aws_kms_key", "OurAlarmsEncryptWhatTheyTell"))
        for address in of_type(plan, kind)
        if sid in policy(plan, address)
    ]
    for ((pattern,),) in zip(conditions, strict=True):
        prefix = pattern.partition(":alarm:")[2]
        assert re.fullmatch(r"[a-z0-9-]+/\*", prefix), pattern
        assert all(alarm.startswith(prefix[:-1]) for alarm in names), pattern


@every_environment
def test_a_table_has_all_its_alarms_and_the_one_that_says_that_its_data_is_at_risk(plans, name):
    plan = plans[name]
    watched_tables = {alarm["alarm_name"].split("/")[2] for alarm in composites(plan).values()}
    if PLANS[name].environment == "consumer" or not alarms(plan):
        assert watched_tables == set()
        return
    assert watched_tables == set(outputs(plan)["tables"])
    names = {alarm["alarm_name"] for alarm in alarms(plan).values()}
    for composite in composites(plan).values():
        assert set(re.findall(r'ALARM\("([^"]+)"\)', composite["alarm_rule"])) <= names
        # CloudWatch API Reference, "PutCompositeAlarm".
        assert len(composite["alarm_rule"]) <= 10_240


@every_plan
def test_every_description_says_what_to_do_first_and_where_more_is_written(plans, name):
    for address, alarm in {**alarms(plans[name]), **composites(plans[name])}.items():
        text, key = alarm["alarm_description"], alarm["alarm_name"].rpartition("/")[2]
        # CloudWatch API Reference, "PutMetricAlarm".
        assert len(text) <= 1024, address
        assert text.endswith(f"More: docs/runbook.md#{key}"), address
        assert re.search(rf"^## {key}$", RUNBOOK, re.MULTILINE), f"docs/runbook.md has no section {key}"
        assert "First: " in text or address in composites(plans[name]), address
        for verb in re.findall(r"python -m tools\.(\w+)", text):
            assert (paths.REPOSITORY / "tools" / f"{verb}.py").is_file(), address


def test_the_runbook_has_no_section_without_an_alarm(plans):
    keys = {alarm["alarm_name"].rpartition("/")[2] for alarm in alarms(plans[ALONE]).values()} | {"data-at-risk"}
    assert set(re.findall(r"^## (.+)$", RUNBOOK, re.MULTILINE)) == keys


@every_environment
def test_no_period_or_span_is_longer_than_cloudwatch_takes(plans, name):
    for address, alarm in alarms(plans[name]).items():
        periods = [alarm["period"], *(q["period"] for q in alarm["metric_query"] or [])]
        periods += [m["period"] for q in alarm["metric_query"] or [] for m in q["metric"]]
        longest = max(period or 0 for period in periods)
        assert longest % 60 == 0 < longest <= 86_400, address
        # CloudWatch API Reference, "PutMetricAlarm", EvaluationPeriods.
        assert longest * alarm["evaluation_periods"] <= (604_800 if longest >= 3_600 else 86_400), address


PARTS = {"schedule": "state", "replica": "replication"}
"""What an alarm is about, where the first word of its key does not say it."""


def test_the_page_names_what_the_alarms_cost(plans):
    known = prices.of_region("us-east-1")
    plan = plans[ALONE]
    of = {"table": Decimal(0), "state": Decimal(0), "function": Decimal(0), "replication": Decimal(0)}
    for alarm in alarms(plan).values():
        _, *_, key = alarm["alarm_name"].split("/")
        part = PARTS.get(key.partition("-")[0], key.partition("-")[0])
        of[part if part in of else "table"] += known.of("alarm_metric_month") * len(list(watched(alarm)))
    of["table"] += known.of("composite_alarm_month")
    assert model.alarms(TableSettings(), known) == of["table"]
    shared = {part.name: part.usd for part in model.shared_parts(UNKNOWN.lake, known)}
    assert shared["dashboard and shared alarms"] == of["function"] + known.of("dashboard_month")
    assert len(report.METRICS) == model.CUSTOM_METRICS
    page = " ".join((paths.REPOSITORY / "docs" / "monitoring.md").read_text().split())
    assert f"{of['table']} USD a month for each table" in page
    assert f"{of['state']} USD more with a current state, {of['replication']} USD with a replica" in page
    assert f"and {of['function']} USD for the function" in page
    assert f"A dashboard is {known.of('dashboard_month')} USD" in page
