"""Which statements a plan changes, and whether somebody may do more by it."""

from __future__ import annotations

import json

import pytest

from tests.unit.tools.plan_review.plans import change, planned
from tools.plan_review import policy_changes

BASE = {
    "Sid": "S",
    "Effect": "Allow",
    "Action": ["s3:GetObject", "s3:PutObject"],
    "Resource": "arn:aws:s3:::b/*",
    "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
    "Condition": {"StringEquals": {"aws:PrincipalArn": ["x"]}},
}


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def changes(before, after, kind="aws_s3_bucket_policy", name="policy", **marks):
    old, new = ({name: value} if value is not None else None for value in (before, after))
    one = change("a.b", kind, ["update"], old, new, **marks)
    return policy_changes.changes(planned(one))


@pytest.mark.parametrize(
    ("before", "after", "kind", "allows_more"),
    [
        ([], [BASE], "added", True),
        ([BASE], [{**BASE, "Action": "s3:*"}], "widened", True),
        ([BASE], [{**BASE, "Action": "s3:GetObject"}], "narrowed", False),
        ([BASE], [], "removed", False),
    ],
)
def test_a_changed_policy_is_told_statement_by_statement(before, after, kind, allows_more):
    (found,) = changes(document(*before), document(*after))

    assert (found.address, found.kind, found.allows_more) == ("a.b", kind, allows_more)


def test_a_trust_policy_an_inline_policy_and_a_deletion_are_seen_too():
    (trust,) = changes(document(BASE), document({**BASE, "Principal": "*"}), "aws_iam_role", "assume_role_policy")
    assert trust.kind == "widened"
    inline = [{"name": "n", "policy": document(BASE)}]
    assert [each.kind for each in changes([], inline, "aws_iam_role", "inline_policy")] == ["added"]
    assert [each.kind for each in changes(document(BASE), None)] == ["removed"]


@pytest.mark.parametrize(
    ("kind", "before", "after", "kinds"),
    [
        ("aws_iam_role_policy_attachment", None, {"role": "r", "policy_arn": "p"}, ["added"]),
        ("aws_iam_role_policy_attachment", {"role": "r", "policy_arn": "p"}, None, ["removed"]),
        ("aws_lambda_permission", None, {"principal": "*", "action": "lambda:InvokeFunction"}, ["added"]),
        (
            "aws_lambda_permission",
            {"principal": "a", "action": "x"},
            {"principal": "*", "action": "x"},
            ["removed", "added"],
        ),
        ("aws_kms_grant", None, {"grantee_principal": "g", "operations": ["Decrypt"]}, ["added"]),
    ],
)
def test_what_permits_without_a_document_is_seen(kind, before, after, kinds):
    found = policy_changes.changes(planned(change("a.b", kind, ["update"], before, after)))

    assert [each.kind for each in found] == kinds


@pytest.mark.parametrize(
    "garbage", ["{", "[]", '"x"', '{"Statement": [7]}', pytest.param("[" * 10_000, id="nested too deeply")]
)
def test_a_document_that_cannot_be_read_is_taken_for_a_widening(garbage):
    (found,) = changes(document(BASE), garbage)

    assert found.kind == "unknown"
    assert found.allows_more


def test_a_sensitive_document_is_not_shown_but_known_to_change():
    (found,) = changes(document(BASE), document({**BASE, "Action": "hidden:Action"}), after_sensitive={"policy": True})

    assert found.kind == "unknown"
    assert "hidden" not in found.text
