"""Statements of documents that are read during the apply."""

from __future__ import annotations

import json

import pytest

from tests.unit.tools.plan_review.plans import change, planned
from tools.plan_review import policy_changes


def deferred(references, *documents_, address='module.m["k"].aws_x.this', before=None):
    module = {
        "resources": [{"address": "aws_x.this", "expressions": {"policy": {"references": references}}}],
    }
    return planned(
        change(address, "aws_x", ["create"], before, {}, {"policy": True}),
        *documents_,
        configuration={"root_module": {"module_calls": {"m": {"module": module}}}},
    )


def data(address, *statements, unknown=None, **more):
    after = {"statement": list(statements), **more}
    marks = {"json": True, "statement": unknown or [{} for _ in statements]}
    return {**change(address, "aws_iam_policy_document", ["read"], None, after, marks), "mode": "data"}


BLOCK = {
    "sid": "S",
    "effect": None,
    "actions": ["kms:Decrypt"],
    "resources": [None],
    "principals": [{"type": "*", "identifiers": ["*"]}],
    "condition": [{"test": "StringEquals", "variable": "aws:PrincipalArn", "values": [None, "x"]}],
}
REFERENCES = ["data.aws_iam_policy_document.p.json", "data.aws_iam_policy_document.p"]


def test_statements_of_a_document_that_is_read_later_are_shown_with_what_is_not_yet_known():
    (found,) = policy_changes.changes(deferred(REFERENCES, data('module.m["k"].data.aws_iam_policy_document.p', BLOCK)))

    assert (found.kind, found.text) == (
        "added",
        "+ S: allow kms:Decrypt to * on (known after apply) if aws:PrincipalArn StringEquals (known after apply), x",
    )


def test_a_document_that_is_read_later_is_compared_with_the_policy_of_now():
    statement = {"Sid": "S", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "r", "Principal": "*"}
    now = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    block = {**BLOCK, "actions": ["kms:Decrypt", "kms:Encrypt"], "resources": ["r"], "condition": []}
    later = data('module.m["k"].data.aws_iam_policy_document.p', block)

    (found,) = policy_changes.changes(deferred(REFERENCES, later, before={"policy": now}))

    assert (found.kind, found.text) == ("widened", "~ S: + Action kms:Encrypt")


def test_of_several_modules_documents_the_resources_own_is_taken():
    other = data('module.m["other"].data.aws_iam_policy_document.p', {**BLOCK, "sid": "Other"})
    own = data('module.m["k"].data.aws_iam_policy_document.p', BLOCK)

    assert ["S:" in each.text for each in policy_changes.changes(deferred(REFERENCES, other, own))] == [True]


@pytest.mark.parametrize("key", ['["k"]', "[0]"])
def test_of_documents_made_for_each_key_that_of_the_resources_key_is_taken(key):
    references = ["data.aws_iam_policy_document.p", "each.key"]
    other = data('module.m["k"].data.aws_iam_policy_document.p["other"]', {**BLOCK, "sid": "Other"})
    own = data(f'module.m["k"].data.aws_iam_policy_document.p{key}', BLOCK)

    found = policy_changes.changes(deferred(references, other, own, address=f'module.m["k"].aws_x.this{key}'))

    assert ["S:" in each.text for each in found] == [True]


@pytest.mark.parametrize(
    ("references", "documents_"),
    [
        (["var.policy"], []),
        ([*REFERENCES, "var.more"], [data('module.m["k"].data.aws_iam_policy_document.p', BLOCK)]),
        (REFERENCES, []),
        (
            [*REFERENCES, "data.aws_iam_policy_document.q.json"],
            [data('module.m["k"].data.aws_iam_policy_document.p', BLOCK)],
        ),
        (REFERENCES, [data('module.m["k"].data.aws_iam_policy_document.p', BLOCK, source_policy_documents=["{}"])]),
        (REFERENCES, [data('module.m["k"].data.aws_iam_policy_document.p', BLOCK, unknown=True)]),
    ],
)
def test_a_policy_that_cannot_be_told_yet_is_taken_for_a_widening(references, documents_):
    (found,) = policy_changes.changes(deferred(references, *documents_))

    assert (found.kind, found.text) == ("unknown", "? policy is known after apply")


def test_what_the_provider_fills_in_by_itself_is_no_policy_of_ours():
    role = change("aws_iam_role.r", "aws_iam_role", ["create"], None, {}, {"inline_policy": True})
    configuration = {"root_module": {"resources": [{"address": "aws_iam_role.r", "expressions": {"name": {}}}]}}

    assert policy_changes.changes(planned(role, configuration=configuration)) == []
    assert [each.kind for each in policy_changes.changes(planned(role))] == ["unknown"]
