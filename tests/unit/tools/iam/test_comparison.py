"""Which statements differ between two policies, and whether somebody may do more by it."""

from __future__ import annotations

import pytest

from tools.iam.comparison import by_sid, compare
from tools.iam.documents import read

BASE = {
    "Sid": "S",
    "Effect": "Allow",
    "Action": ["s3:GetObject", "s3:PutObject"],
    "Resource": "arn:aws:s3:::b/*",
    "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
    "Condition": {"StringEquals": {"aws:PrincipalArn": ["x"]}},
}


def differences(before, after):
    old, new = (by_sid(read({"Statement": statements})) for statements in (before, after))
    return list(compare(old, new))


def without(statement, *names):
    return {name: value for name, value in statement.items() if name not in names}


@pytest.mark.parametrize(
    ("change_", "effect", "kind"),
    [
        ({"Action": "s3:*"}, "Allow", "widened"),
        ({"Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]}, "Allow", "widened"),
        ({"Action": "s3:GetObject"}, "Allow", "narrowed"),
        ({"Resource": "*"}, "Allow", "widened"),
        ({"Resource": ["arn:aws:s3:::b/*", "arn:aws:s3:::c/*"]}, "Allow", "widened"),
        ({"Principal": "*"}, "Allow", "widened"),
        ({"Principal": {"AWS": "*"}}, "Allow", "widened"),
        ({"Condition": {}}, "Allow", "widened"),
        ({"Condition": {"StringEquals": {"aws:PrincipalArn": ["x", "y"]}}}, "Allow", "widened"),
        ({"Condition": {"StringLike": {"aws:PrincipalArn": ["x"]}}}, "Allow", "widened"),
        ({"Condition": {"StringEquals": {"aws:PrincipalArn": ["y"]}}}, "Allow", "widened"),
        ({"Condition": {"StringEquals": {"aws:PrincipalArn": ["x", "y"]}}}, "Deny", "narrowed"),
        ({"Condition": {**BASE["Condition"], "Bool": {"aws:SecureTransport": "true"}}}, "Allow", "narrowed"),
        ({"Effect": "Deny"}, "Allow", "narrowed"),
        ({"Action": "s3:*"}, "Deny", "widened"),  # s3:* in the place of two names: in doubt, it denies less
        ({"Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]}, "Deny", "narrowed"),
        ({"Action": "s3:GetObject"}, "Deny", "widened"),
        ({"Condition": {}}, "Deny", "narrowed"),
        ({"Condition": {**BASE["Condition"], "Bool": {"aws:SecureTransport": "true"}}}, "Deny", "widened"),
        ({"Effect": "Allow"}, "Deny", "widened"),
    ],
)
def test_a_statement_that_changes_is_widened_when_somebody_may_do_more(change_, effect, kind):
    before = {**BASE, "Effect": effect}
    (found,) = differences([before], [{**before, **change_}])

    assert found.kind == kind, found.text
    assert found.text.startswith("~ S: ")


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_an_element_in_the_place_of_its_opposite_is_taken_for_a_widening(effect):
    before = {**BASE, "Effect": effect}
    for element in ("Action", "Resource", "Principal"):
        after = {**without(before, element), f"Not{element}": before[element]}
        for one, other in ((before, after), (after, before)):
            (found,) = differences([one], [other])
            assert found.kind == "widened", element


def test_all_but_one_more_is_narrower_to_allow_and_one_less_is_wider():
    one = {**without(BASE, "Action"), "NotAction": ["s3:*"]}
    two = {**one, "NotAction": ["s3:*", "iam:*"]}

    assert [each.kind for each in differences([one], [two])] == ["narrowed"]
    assert [each.kind for each in differences([two], [one])] == ["widened"]


@pytest.mark.parametrize("operator", ["StringNotEquals", "Bool", "Null", "NumericLessThan", "ForAllValues:StringLike"])
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_values_of_a_condition_that_more_values_need_not_loosen_are_taken_for_a_widening(operator, effect):
    one = {**BASE, "Effect": effect, "Condition": {operator: {"k": ["x", "y"]}}}
    two = {**BASE, "Effect": effect, "Condition": {operator: {"k": ["x"]}}}

    assert [each.kind for each in differences([one], [two])] == ["widened"]
    assert [each.kind for each in differences([two], [one])] == ["widened"]


def test_one_value_less_in_a_condition_is_narrower_and_named_alone():
    two = {**BASE, "Condition": {"StringEquals": {"aws:PrincipalArn": ["x", "y"]}}}

    (found,) = differences([two], [BASE])
    assert (found.kind, found.text) == ("narrowed", "~ S: - condition aws:PrincipalArn StringEquals y")


def test_new_and_removed_statements_open_or_close_by_their_effect():
    deny = {**BASE, "Sid": "D", "Effect": "Deny"}

    assert [each.kind for each in differences([], [BASE])] == ["added"]
    assert [each.kind for each in differences([BASE], [])] == ["removed"]
    assert [each.kind for each in differences([], [deny])] == ["narrowed"]
    assert [each.kind for each in differences([deny], [])] == ["widened"]


def test_order_of_statements_and_values_is_no_change():
    other = {**BASE, "Sid": "T", "Action": "s3:ListBucket"}
    turned = {**BASE, "Action": ["s3:PutObject", "s3:GetObject"], "Resource": ["arn:aws:s3:::b/*"]}

    assert differences([BASE, other], [other, turned]) == []


def test_statements_without_a_sid_are_told_apart_by_what_they_say():
    one, two = without(BASE, "Sid"), {**without(BASE, "Sid"), "Action": "s3:ListBucket"}

    assert differences([one, two], [two, one]) == []
    assert [each.kind for each in differences([one], [two])] == ["removed", "added"]


def test_two_statements_of_one_sid_are_both_seen():
    other = {**BASE, "Resource": "*"}

    assert [each.kind for each in differences([BASE], [BASE, other])] == ["added"]


def test_the_text_says_who_may_do_what_where_and_when():
    (found,) = differences([], [BASE])

    assert found.text == (
        "+ S: allow s3:GetObject, s3:PutObject to AWS arn:aws:iam::111111111111:root on arn:aws:s3:::b/* "
        "if aws:PrincipalArn StringEquals x"
    )
