"""What counts as changed outside of Terraform."""

from __future__ import annotations

import pytest

from tests.unit.tools.plan_review.plans import change, drifted
from tools.localaws import known_drift
from tools.operations.drift import without_known_drift
from tools.plan_review import review
from tools.plan_review.attributes import Difference
from tools.plan_review.review import Item


def find_drift(kind, before, after, *state):
    actions = ["update"] if after is not None else ["delete"]
    return review.drifted(drifted(change("a.b", kind, actions, before, after), state=state))


def paths(found):
    return [each.path for item in found for each in item.differences]


def test_a_changed_attribute_and_a_deleted_resource_are_drift():
    assert paths(find_drift("aws_x", {"status": "Enabled"}, {"status": "Suspended"})) == ["status"]
    assert [each.action for each in find_drift("aws_x", {"a": 1}, None)] == ["delete"]


@pytest.mark.parametrize("nothing", [None, [], {}, ""])
def test_one_kind_of_nothing_for_another_is_no_drift(nothing):
    assert find_drift("aws_x", {"tags": None}, {"tags": nothing}) == ()


@pytest.mark.parametrize(("before", "after"), [(None, False), (True, False), (0, None), (None, 0), ([], [1])])
def test_false_and_zero_are_not_nothing(before, after):
    assert paths(find_drift("aws_x", {"a": before}, {"a": after})) == ["a"]


BUCKET = ({"bucket": "b", "policy": ""}, {"bucket": "b", "policy": "{}"})


def test_what_a_bucket_shows_of_another_resource_of_ours_is_that_resources_matter():
    assert find_drift("aws_s3_bucket", *BUCKET, ("aws_s3_bucket_policy", {"bucket": "b"})) == ()


@pytest.mark.parametrize("state", [[], [("aws_s3_bucket_policy", {"bucket": "another"})]])
def test_what_a_bucket_shows_that_nothing_of_ours_manages_is_drift(state):
    assert paths(find_drift("aws_s3_bucket", *BUCKET, *state)) == ["policy"]


def role(*names):
    return {"name": "r", "inline_policy": [{"name": name, "policy": name} for name in names]}


OWN = ("aws_iam_role_policy", {"role": "r", "name": "own"})


def test_a_roles_own_policy_that_shows_up_late_is_no_drift():
    assert find_drift("aws_iam_role", role(), role("own"), OWN) == ()


@pytest.mark.parametrize(
    ("before", "after", "state"),
    [
        (role(), role("own", "foreign"), [OWN]),
        (role("own", "foreign"), role("own"), [OWN]),
        (role(), role("own"), []),
        (role(), role("own"), [("aws_iam_role_policy", {"role": "another", "name": "own"})]),
    ],
)
def test_an_inline_policy_that_nothing_of_ours_manages_is_drift(before, after, state):
    assert find_drift("aws_iam_role", before, after, *state)


def test_on_local_aws_only_what_the_emulator_is_known_for_is_left_out():
    known = Item("a", "aws_security_group", "update", (Difference("egress", "[]", "[{}]"),))
    mixed = Item("b", "aws_security_group", "update", (*known.differences, Difference("ingress", "[]", "[{}]")))
    other = Item("c", "aws_default_security_group", "update", known.differences)
    gone = Item("d", "aws_security_group", "delete")

    found = without_known_drift([known, mixed, other, gone], known_drift.is_known)

    assert [(item.address, [each.path for each in item.differences]) for item in found] == [
        ("b", ["ingress"]),
        ("c", ["egress"]),
        ("d", []),
    ]


def test_everything_that_the_emulator_is_known_for_says_why():
    assert all(len(each.why.split()) > 5 for each in known_drift.known_drift())


def test_a_known_attribute_includes_what_lies_in_it_and_nothing_that_only_starts_alike():
    assert known_drift.is_known("aws_security_group", "egress[0].cidr_blocks")
    assert known_drift.is_known("aws_flow_log", "anything")
    assert not known_drift.is_known("aws_security_group", "egress_rules")
    assert not known_drift.is_known("aws_kinesis_stream", "egress")
