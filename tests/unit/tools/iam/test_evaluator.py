from __future__ import annotations

import pytest

from tools.iam.documents import read
from tools.iam.evaluator import Request, identity_allows, resource_allows

KEY = "arn:aws:kms:us-east-1:111111111111:key/1"
CONTEXT = {"kms:ViaService": "s3.us-east-1.amazonaws.com", "aws:SecureTransport": "true"}


def allow(**elements):
    return {"Effect": "Allow", "Action": "kms:GenerateDataKey", "Resource": KEY, **elements}


def allowed(*policy, context=CONTEXT, action="kms:GenerateDataKey", resource=KEY):
    return identity_allows(read({"Statement": list(policy)}), Request(action, resource, context))


def allowed_to(caller, *policy, action="kms:GenerateDataKey", resource=KEY, context=CONTEXT):
    return resource_allows(read({"Statement": list(policy)}), Request(action, resource, context), [caller])


def test_a_statement_that_names_action_and_resource_allows():
    assert allowed(allow())
    assert allowed(allow(Action=["x:Y", "kms:GenerateDataKey*"], Resource=["arn:aws:kms:*:111111111111:key/?"]))
    assert allowed(allow(Action="KMS:generatedatakey"))


def test_nothing_is_allowed_that_no_statement_names():
    assert not allowed()
    assert not allowed(allow(), action="kms:Decrypt")
    assert not allowed(allow(), resource=KEY + "2")
    assert not allowed(allow(Resource="arn.aws:kms:us-east-1:111111111111:key/1"))


def test_a_denial_wins():
    assert not allowed(allow(), allow(Effect="Deny", Action="kms:*"))


def test_not_action_and_not_resource_name_all_others():
    assert allowed(allow(Action=None) | {"NotAction": "kms:Decrypt"})
    assert not allowed({"Effect": "Allow", "NotAction": "kms:Gen*", "Resource": "*"})
    assert not allowed({"Effect": "Allow", "Action": "kms:*", "NotResource": KEY})


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}, True),
        ({"StringEquals": {"KMS:viaservice": ["other", "s3.us-east-1.amazonaws.com"]}}, True),
        ({"StringEquals": {"kms:ViaService": "kinesis.us-east-1.amazonaws.com"}}, False),
        ({"StringEquals": {"kms:CallerAccount": "111111111111"}}, False),
        ({"StringEqualsIfExists": {"kms:CallerAccount": "111111111111"}}, True),
        ({"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}}, True),
        ({"StringNotEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}, False),
        ({"StringNotEquals": {"kms:CallerAccount": "1"}}, True),
        ({"Bool": {"aws:SecureTransport": True}}, True),
        ({"Bool": {"aws:SecureTransport": "false"}}, False),
        ({"Null": {"kms:CallerAccount": "true"}}, True),
        ({"Null": {"kms:ViaService": "true"}}, False),
        ({"ForAnyValue:StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}, True),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, False),
        (
            {
                "StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"},
                "Bool": {"aws:SecureTransport": "false"},
            },
            False,
        ),
    ],
)
def test_conditions_limit_what_a_statement_allows(condition, holds):
    assert allowed(allow(Condition=condition)) is holds


def test_a_resource_policy_allows_the_principals_it_names():
    root, other = "arn:aws:iam::111111111111:root", "arn:aws:iam::222222222222:root"
    named = allow(Principal={"AWS": [root]}, Resource="*")
    assert allowed_to(root, named)
    assert not allowed_to(other, named)
    for everybody in ("*", {"AWS": "*"}):
        assert allowed_to(root, allow(Principal=everybody))


def test_not_principal_means_all_others():
    root, other = "arn:aws:iam::111111111111:root", "arn:aws:iam::222222222222:root"
    denial = allow(Effect="Deny", NotPrincipal={"AWS": root})
    assert allowed_to(root, allow(Principal="*"), denial)
    assert not allowed_to(other, allow(Principal="*"), denial)


def test_a_trust_policy_names_a_service_and_no_resource():
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": "firehose.amazonaws.com"},
        "Condition": {"StringEquals": {"sts:ExternalId": "111111111111"}},
    }
    request = {"action": "sts:AssumeRole", "resource": "arn:aws:iam::111111111111:role/delivery"}
    own, other = {"sts:ExternalId": "111111111111"}, {"sts:ExternalId": "222222222222"}
    assert allowed_to("firehose.amazonaws.com", trust, **request, context=own)
    assert not allowed_to("firehose.amazonaws.com", trust, **request, context=other)
    assert not allowed_to("lambda.amazonaws.com", trust, **request, context=own)


TAGGED = {"aws:PrincipalTag/lake-table": "orders"}
OWN_PREFIX = {"Action": "s3:PutObject", "Resource": "arn:aws:s3:::lake/data/${aws:principaltag/Lake-Table}/*"}


def test_a_variable_stands_for_what_the_request_has():
    def may(key, context):
        resource = f"arn:aws:s3:::lake/data/{key}"
        return allowed(allow(**OWN_PREFIX), action="s3:PutObject", resource=resource, context=context)

    assert may("orders/x", TAGGED)
    assert not may("others/x", TAGGED)
    assert not may("${aws:principaltag/Lake-Table}/x", {})
    assert not may("others/x", {"aws:PrincipalTag/lake-table": "*"})


def test_a_statement_with_a_variable_that_has_no_value_is_none():
    everywhere_else = {"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::lake/${aws:PrincipalTag/a}/*"}
    assert not allowed(everywhere_else)
    assert not allowed(allow(Condition={"StringNotEquals": {"kms:ViaService": "${aws:PrincipalTag/a}"}}))
    assert allowed(allow(Condition={"StringNotEquals": {"kms:ViaService": "${aws:PrincipalTag/a, 'other'}"}}))
