from __future__ import annotations

import pytest

from tests.unit.tools.plan_review.plans import change, planned
from tools.plan_review import guards
from tools.plan_review.guards import Allowed
from tools.plan_review.losses import removals


@pytest.mark.parametrize("kind", sorted(removals.LOSSES))
@pytest.mark.parametrize("actions", [["delete"], ["delete", "create"], ["create", "delete"]])
def test_deleting_or_replacing_what_data_depends_on_is_refused(kind, actions):
    refusals = guards.refusals(planned(change("module.x.this", kind, actions)))

    assert len(refusals) == 1
    assert "module.x.this" in refusals[0]
    assert removals.LOSSES[kind] in refusals[0]
    assert "--allow-replace 'module.x.this'" in refusals[0]


@pytest.mark.parametrize("kind", sorted(removals.LOSSES))
@pytest.mark.parametrize("actions", [["create"], ["update"], ["no-op"]])
def test_creating_and_updating_what_data_depends_on_passes(kind, actions):
    assert guards.refusals(planned(change("a.b", kind, actions))) == []


def test_replacing_what_holds_no_data_passes():
    assert guards.refusals(planned(change("a.b", "aws_iam_role", ["delete", "create"]))) == []


def test_only_the_address_that_is_named_may_be_lost():
    both = planned(
        change("a.one", "aws_s3_bucket", ["delete"]),
        change("a.two", "aws_s3_bucket", ["delete"]),
    )

    refusals = guards.refusals(both, Allowed(replace=("a.one",)))

    assert len(refusals) == 1
    assert "a.two" in refusals[0]


@pytest.mark.parametrize("name", ["account_id", "region"])
def test_moving_a_deployment_elsewhere_is_refused_because_it_would_be_orphaned(name):
    refusals = guards.refusals(planned(before={name: "here"}, after={name: "there"}))

    assert len(refusals) == 1
    assert "here" in refusals[0]
    assert "there" in refusals[0]


def test_first_deployment_and_unchanged_place_pass():
    assert guards.refusals(planned(after={"region": "us-east-1"})) == []
    assert guards.refusals(planned(before={"region": "a"}, after={"region": "a"})) == []


TAINTED = change("a.half", "aws_s3_bucket", ["delete", "create"], reason="replace_because_tainted")


def test_what_an_interrupted_first_deployment_left_half_made_may_be_made_anew():
    assert guards.refusals(planned(TAINTED, before={"region": "r"}, after={"region": "r", "tables": {}})) == []


def test_even_before_the_first_deployment_is_complete_nothing_whole_is_replaced():
    whole = change("a.whole", "aws_s3_bucket", ["delete", "create"])

    assert len(guards.refusals(planned(whole, before={}, after={"tables": {}}))) == 1


def test_once_deployed_nothing_that_holds_data_is_replaced_because_it_is_tainted():
    outputs = {"region": "r", "tables": {"t": {}}}

    assert len(guards.refusals(planned(TAINTED, before=outputs, after=outputs))) == 1


def test_an_allowance_that_nothing_uses_is_reported():
    one = planned(
        change("a.one", "aws_s3_bucket", ["delete"]),
        change("a.two", "aws_kms_key", ["forget"]),
        change("a.three", "aws_kinesis_stream", ["update"], {"retention_period": 48}, {"retention_period": 24}),
    )

    assert guards.unused(one, Allowed(("a.one", "a.two"), ("a.three",))) == []
    assert guards.unused(one, Allowed(("a.three", "a.misspelt"), ("a.one",))) == [
        "--allow-replace a.misspelt: the plan does not replace, delete or forget it",
        "--allow-replace a.three: the plan does not replace, delete or forget it",
        "--allow-loss a.one: the plan loses nothing there",
    ]


def test_forgetting_what_data_depends_on_needs_its_address_among_what_may_be_replaced():
    forgotten = planned(change("a.table", "aws_dynamodb_table", ["forget"], {}, None))

    assert "--allow-replace 'a.table'" in guards.refusals(forgotten)[0]
    assert guards.refusals(forgotten, Allowed(loss=("a.table",)))
    assert guards.refusals(forgotten, Allowed(replace=("a.table",))) == []


def test_terraform_may_forget_what_holds_no_data():
    assert guards.refusals(planned(change("a.b", "aws_iam_role", ["forget"], {}, None))) == []


def test_settings_of_a_replaced_function_are_compared_too():
    values = {"reserved_concurrent_executions": -1}, {"reserved_concurrent_executions": 0}

    (refusal,) = guards.refusals(planned(change("a.b", "aws_lambda_function", ["delete", "create"], *values)))
    assert "would stop the way to the lake in a.b: reserved_concurrent_executions -1 -> 0" in refusal
