"""What loses data in place is refused, and what does not is let through: each change of a real deployment as data."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from tests.unit.tools.operations.test_deploying import place, request_
from tests.unit.tools.plan_review import deployed_plan
from tools import paths
from tools.errors import EXIT_DONE, EXIT_REFUSED, RefusedError
from tools.operations import deploying
from tools.plan_review import guards
from tools.plan_review.guards import Allowed
from tools.plan_review.losses import removals
from tools.plan_review.losses.rules import RULES
from tools.plan_review.review import Gate
from tools.review import main

MUTATIONS = yaml.safe_load(Path(__file__).with_name("mutations.yaml").read_text())
REFUSED = [each for each in MUTATIONS if "refused" in each]
PASSING = [each for each in MUTATIONS if "refused" not in each]
IN_PLACE = [each for each in REFUSED if "actions" not in each]

WITHOUT_DATA = {
    *("aws_athena_named_query", "aws_glue_crawler", "aws_glue_security_configuration"),
    *("aws_cloudwatch_composite_alarm", "aws_cloudwatch_dashboard", "aws_cloudwatch_log_stream"),
    *("aws_cloudwatch_metric_alarm", "aws_cloudwatch_query_definition", "aws_sns_topic", "aws_sns_topic_policy"),
    *("aws_sns_topic_subscription", "aws_default_security_group", "aws_flow_log", "aws_route_table"),
    *("aws_route_table_association", "aws_security_group", "aws_subnet", "aws_vpc"),
    *("aws_iam_role", "aws_iam_role_policy", "aws_kms_alias"),
    *("aws_lakeformation_data_cells_filter", "aws_lakeformation_opt_in", "aws_lakeformation_permissions"),
    *("aws_lakeformation_resource", "aws_scheduler_schedule", "aws_scheduler_schedule_group"),
    *("aws_sfn_state_machine", "terraform_data"),
    # Of the job that loads the past of a table: its code, which `build` makes again.
    *("aws_glue_job", "aws_s3_object"),
}
"""Types that hold nothing of their own: docs/plan-review.md says so, and why."""


def named(mutation):
    return mutation["name"]


def reviewed(mutation, *options):
    """Returns the exit code and the output of `review PLAN.json`."""
    document = json.dumps(deployed_plan.document(mutation)).encode()
    result = CliRunner().invoke(main, ["-", *options], input=document, standalone_mode=False)
    return result.return_value, result.output


@pytest.mark.parametrize("mutation", REFUSED, ids=named)
def test_what_loses_data_is_refused_with_its_address_and_what_is_lost(mutation):
    code, printed = reviewed(mutation)

    refusals = guards.refusals(deployed_plan.planned(mutation))
    assert code == EXIT_REFUSED
    assert any(mutation["refused"] in line and "to do it all the same" in line for line in refusals), refusals
    assert all(line in printed for line in refusals)
    touched = (mutation["address"], *(each["address"] for each in mutation.get("and", ())))
    assert all(any(f"'{address}'" in line for address in touched) for line in refusals)


@pytest.mark.parametrize("mutation", IN_PLACE, ids=named)
def test_what_is_lost_in_place_may_be_lost_where_its_address_is_named(mutation):
    assert reviewed(mutation, guards.LOSS, mutation["address"])[0] == EXIT_DONE
    assert guards.refusals(deployed_plan.planned(mutation), Allowed(replace=(mutation["address"],)))


@pytest.mark.parametrize("mutation", PASSING, ids=named)
def test_what_loses_nothing_passes_and_what_is_worth_knowing_is_told(mutation):
    plan = deployed_plan.planned(mutation)

    assert guards.refusals(plan) == []
    assert [mutation["told"] in each for each in guards.notes(plan)] == ([True] if "told" in mutation else [])


def test_there_are_as_many_changes_of_either_kind_as_were_promised():
    assert len(IN_PLACE) >= 40
    assert len(PASSING) >= 15
    assert len({each["name"] for each in MUTATIONS}) == len(MUTATIONS)


def test_every_rule_is_broken_by_a_mutation():
    plans = [deployed_plan.planned(each) for each in MUTATIONS]
    changes = [(plan, change) for plan in plans for change in plan.changes() if change.change.before is not None]

    silent = [
        (rule.type, rule.name)
        for rule in RULES
        if not any(rule.type == change.type and rule.is_loss(*rule.read(plan, change)) for plan, change in changes)
    ]
    assert silent == []


@pytest.mark.parametrize("options", [{}, {"plan_only": True}])
def test_deploy_refuses_in_the_words_of_the_review_and_throws_the_plan_away(tmp_path, capsys, options):
    mutation = REFUSED[0]
    plan = deployed_plan.planned(mutation)
    file = tmp_path / "lake.tfplan"
    file.write_text("a plan")
    terraform = type("Planned", (), {"plan_file": file})()

    with pytest.raises(RefusedError, match="in 1 place"):
        deploying.show(terraform, plan, place(tmp_path), request_(**options), Gate(1))

    assert guards.refusals(plan)[0] in capsys.readouterr().err
    assert not file.exists()


def test_deploy_applies_what_was_allowed_by_its_address(tmp_path):
    mutation = REFUSED[0]
    file = tmp_path / "lake.tfplan"
    file.write_text("a plan")
    request = request_(allowed=Allowed(loss=(mutation["address"],)))

    deploying.show(
        type("Planned", (), {"plan_file": file})(), deployed_plan.planned(mutation), place(tmp_path), request, Gate(1)
    )

    assert file.exists()


def test_it_is_decided_of_every_type_of_ours_whether_anything_is_lost_with_it():
    modules = (paths.MODULES.glob("*/*.tf"), paths.ENVIRONMENTS.glob("*/*.tf"))
    types = {
        kind
        for files in modules
        for file in files
        for kind in re.findall(r'^resource "(\w+)"', file.read_text(), re.MULTILINE)
    }
    decided = {*removals.LOSSES, *removals.NOTES, *(rule.type for rule in RULES)}

    assert types - decided == WITHOUT_DATA
    assert not WITHOUT_DATA & decided


def without_instance(address):
    """Returns an address without the instance of the resource, which modules keep."""
    return re.sub(r"\[[^]]*\]$", "", address)


def test_the_recorded_deployment_has_what_our_configuration_plans():
    inventory = yaml.load(
        (paths.REPOSITORY / "tests/plan/inventories/single-account.yaml").read_text(), Loader=yaml.CSafeLoader
    )
    planned = {without_instance(address): values for address, values in inventory.items()}
    compared = 0
    for address, recorded in deployed_plan.RESOURCES.items():
        for path, value in planned.get(without_instance(address), {}).items():
            if isinstance(value, int):
                found = recorded["values"]
                for step in re.findall(r"[\w-]+", path):
                    found = found[int(step)] if isinstance(found, list) else found[step]
                assert found == value, f"{address}: {path}: record the deployment again, as deployed_plan.py says"
                compared += 1
    assert compared > 30
