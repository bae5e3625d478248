"""A setting is read through blocks, with AWS's default where there is none, and as unknown where the plan says so."""

from __future__ import annotations

import pytest

from tests.unit.tools.plan_review.plans import change, planned
from tools.iam.documents import UNKNOWN
from tools.plan_review.losses.readings import setting


def reading(reader, before, after, unknown=None):
    plan = planned(change("a.b", "a", ["update"], before, after, unknown))
    return reader(plan, plan.resource_changes[0])


@pytest.mark.parametrize(
    "nothing", [None, {}, {"block": []}, {"block": None}, {"block": [{}]}, {"block": [{"on": None}]}]
)
def test_what_is_not_set_is_what_aws_does_without(nothing):
    assert reading(setting("block.on", default=False), {"block": [{"on": True}]}, nothing) == (True, False)


def test_false_and_0_are_values():
    assert reading(setting("x", default=-1), {"x": 0}, {"x": False}) == (0, False)


@pytest.mark.parametrize("unknown", [{"block": True}, {"block": [{"on": True}]}, {"block": [True]}])
def test_what_is_known_after_the_apply_is_not_what_aws_does_without(unknown):
    assert reading(setting("block.on", default=False), {"block": [{"on": True}]}, {}, unknown) == (True, UNKNOWN)


def test_what_else_is_unknown_of_a_block_does_not_count():
    unknown = {"block": [{"other": True}]}

    assert reading(setting("block.on"), {"block": [{"on": True}]}, {"block": [{"on": True}]}, unknown) == (True, True)
