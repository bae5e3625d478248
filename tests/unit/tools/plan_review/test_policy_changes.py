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


def of(before, after):
    return changes(document(*before), document(*after))


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
    (found,) = of([before], [{**before, **change_}])

    assert found.kind == kind, found.text
    assert found.opens == (kind == "widened")
    assert found.text.startswith("~ S: ")


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_an_element_in_the_place_of_its_opposite_is_taken_for_a_widening(effect):
    before = {**BASE, "Effect": effect}
    for element in ("Action", "Resource", "Principal"):
        after = {**without(before, element), f"Not{element}": before[element]}
        for one, other in ((before, after), (after, before)):
            (found,) = of([one], [other])
            assert found.kind == "widened", element


def test_all_but_one_more_is_narrower_to_allow_and_one_less_is_wider():
    one = {**without(BASE, "Action"), "NotAction": ["s3:*"]}
    two = {**one, "NotAction": ["s3:*", "iam:*"]}

    assert [each.kind for each in of([one], [two])] == ["narrowed"]
    assert [each.kind for each in of([two], [one])] == ["widened"]


@pytest.mark.parametrize("operator", ["StringNotEquals", "Bool", "Null", "NumericLessThan", "ForAllValues:StringLike"])
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_values_of_a_condition_that_more_values_need_not_loosen_are_taken_for_a_widening(operator, effect):
    one = {**BASE, "Effect": effect, "Condition": {operator: {"k": ["x", "y"]}}}
    two = {**BASE, "Effect": effect, "Condition": {operator: {"k": ["x"]}}}

    assert [each.kind for each in of([one], [two])] == ["widened"]
    assert [each.kind for each in of([two], [one])] == ["widened"]


def test_one_value_less_in_a_condition_is_narrower_and_named_alone():
    two = {**BASE, "Condition": {"StringEquals": {"aws:PrincipalArn": ["x", "y"]}}}

    (found,) = of([two], [BASE])
    assert (found.kind, found.text) == ("narrowed", "~ S: - condition aws:PrincipalArn StringEquals y")


def test_new_and_removed_statements_open_or_close_by_their_effect():
    deny = {**BASE, "Sid": "D", "Effect": "Deny"}

    assert [each.kind for each in of([], [BASE])] == ["added"]
    assert [each.kind for each in of([BASE], [])] == ["removed"]
    assert [each.kind for each in of([], [deny])] == ["narrowed"]
    assert [each.kind for each in of([deny], [])] == ["widened"]


def test_order_of_statements_and_values_is_no_change():
    other = {**BASE, "Sid": "T", "Action": "s3:ListBucket"}
    turned = {**BASE, "Action": ["s3:PutObject", "s3:GetObject"], "Resource": ["arn:aws:s3:::b/*"]}

    assert of([BASE, other], [other, turned]) == []


def test_statements_without_a_sid_are_told_apart_by_what_they_say():
    one, two = without(BASE, "Sid"), {**without(BASE, "Sid"), "Action": "s3:ListBucket"}

    assert of([one, two], [two, one]) == []
    assert [each.kind for each in of([one], [two])] == ["removed", "added"]


def test_two_statements_of_one_sid_are_both_seen():
    other = {**BASE, "Resource": "*"}

    assert [each.kind for each in of([BASE], [BASE, other])] == ["added"]


def test_the_text_says_who_may_do_what_where_and_when():
    (found,) = of([], [BASE])

    assert found.text == (
        "+ S: allow s3:GetObject, s3:PutObject to AWS arn:aws:iam::111111111111:root on arn:aws:s3:::b/* "
        "if aws:PrincipalArn StringEquals x"
    )


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
    assert found.opens


def test_a_sensitive_document_is_not_shown_but_known_to_change():
    (found,) = changes(document(BASE), document({**BASE, "Action": "hidden:Action"}), after_sensitive={"policy": True})

    assert found.kind == "unknown"
    assert "hidden" not in found.text


# Documents that are read during the apply.


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
    now = document({"Sid": "S", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "r", "Principal": "*"})
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
