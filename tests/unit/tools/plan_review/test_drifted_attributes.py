"""What counts as changed outside of Terraform."""

from __future__ import annotations

import json

import pytest

from tests.unit.tools.plan_review.plans import change, drifted
from tools.plan_review import review


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


@pytest.mark.parametrize("nothing", [[], {}, ""])
def test_one_kind_of_nothing_for_another_is_no_drift_however_deep(nothing):
    before, after = ([{"columns": [{"parameters": each}]}] for each in (None, nothing))
    assert find_drift("aws_x", {"descriptor": before}, {"descriptor": after}) == ()


def test_a_deep_value_that_went_is_drift():
    before, after = ([{"columns": [{"parameters": each}]}] for each in ({"a": "b"}, {}))
    assert paths(find_drift("aws_x", {"descriptor": before}, {"descriptor": after}))


@pytest.mark.parametrize(("before", "after"), [(None, False), (True, False), (0, None), (None, 0), ([], [1])])
def test_false_and_zero_are_not_nothing(before, after):
    assert paths(find_drift("aws_x", {"a": before}, {"a": after})) == ["a"]


def policy(*actions, resource="r"):
    statement = {"Sid": "WriteToTheLake", "Effect": "Allow", "Action": list(actions), "Resource": resource}
    return {"policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}


def test_what_went_from_a_long_policy_is_told_by_its_statement():
    long = "r" * 500
    before, after = (policy("s3:GetObject", *more, resource=long) for more in (("s3:PutObject",), ()))

    found = find_drift("aws_iam_role_policy", {**before, "name": "a"}, {**after, "name": "b"})

    assert found[0].details == ('name: "a" -> "b"', "~ WriteToTheLake: - Action s3:PutObject")
    assert paths(found) == ["name", "policy"]


DENY = {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}
BUCKET = ({"bucket": "b", "policy": ""}, {"bucket": "b", "policy": "{}"})


def test_what_a_bucket_shows_of_another_resource_of_ours_is_that_resources_matter():
    assert find_drift("aws_s3_bucket", *BUCKET, ("aws_s3_bucket_policy", {"bucket": "b"})) == ()


@pytest.mark.parametrize(
    ("attribute", "manager"),
    [
        ("logging", "aws_s3_bucket_logging"),
        ("object_lock_configuration", "aws_s3_bucket_object_lock_configuration"),
        ("object_lock_enabled", "aws_s3_bucket_object_lock_configuration"),
        ("replication_configuration", "aws_s3_bucket_replication_configuration"),
    ],
)
def test_settings_that_an_organisation_asks_for_are_their_own_resources_matter(attribute, manager):
    bucket = ({"bucket": "b", attribute: ""}, {"bucket": "b", attribute: "x"})
    assert find_drift("aws_s3_bucket", *bucket, (manager, {"bucket": "b"})) == ()
    assert paths(find_drift("aws_s3_bucket", *bucket)) == [attribute]


@pytest.mark.parametrize("state", [[], [("aws_s3_bucket_policy", {"bucket": "another"})]])
def test_what_a_bucket_shows_that_nothing_of_ours_manages_is_drift(state):
    assert paths(find_drift("aws_s3_bucket", *BUCKET, *state)) == ["policy"]


def test_what_a_topic_shows_of_its_policy_is_the_policys_matter():
    topic = ({"arn": "t", "policy": "default"}, {"arn": "t", "policy": "ours"})
    assert find_drift("aws_sns_topic", *topic, ("aws_sns_topic_policy", {"arn": "t"})) == ()
    assert paths(find_drift("aws_sns_topic", *topic, ("aws_sns_topic_policy", {"arn": "another"}))) == ["policy"]


@pytest.mark.parametrize(("after", "drifted"), [(0, []), (60, ["metric_query[0].period"])])
def test_a_period_of_zero_is_none(after, drifted):
    before, found = ({"metric_query": [{"period": period}]} for period in (None, after))
    assert paths(find_drift("aws_cloudwatch_metric_alarm", before, found)) == drifted


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


def test_a_policy_that_somebody_gave_a_role_is_told_though_its_block_has_a_place_for_marks():
    own = {"name": "own", **policy("s3:PutObject")}
    freeze = {"name": "freeze", "policy": json.dumps({"Statement": {**DENY, "Sid": "Freeze"}})}
    before, after = ({"name": "r", "inline_policy": blocks} for blocks in ([own], [own, freeze]))
    marks = {"before_sensitive": {"inline_policy": [{}]}, "after_sensitive": {"inline_policy": [{}, {}]}}

    (found,) = review.drifted(drifted(change("a.b", "aws_iam_role", ["update"], before, after, **marks), state=[OWN]))

    assert found.details == ("+ Freeze: deny s3:PutObject on *",)
