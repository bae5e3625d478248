from __future__ import annotations

import pytest

from tests.unit.tools.operations.preflight.recorded import (
    ACCOUNT,
    CALLER,
    Name,
    account,
    kinds,
    lines,
    owning,
    table,
    wanted,
)
from tools.operations.preflight import permissions

ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/deployer"
GET_ROLE = {
    "iam.get_role": {
        "Role": {
            "Path": "/aws-reserved/sso.amazonaws.com/",
            "RoleName": "deployer",
            "RoleId": "AROAEXAMPLEEXAMPLE",
            "Arn": ROLE_ARN,
            "CreateDate": "2026-01-01T00:00:00Z",
        }
    }
}
NOTE = (
    "note permissions of the caller: only policies count here; "
    "what an organisation or a session policy denies cannot be seen"
)
STREAM = Name(kinds.STREAM, "orders-data-stream")
WANT = wanted(
    names=(STREAM, Name(kinds.ROLE, "lake-transform", "lambda.amazonaws.com")),
    owned=owning(("aws_kms_key", "id")),
)


def simulation(refused=(), missing=()):
    """IAM's answer to a simulation, by the actions that it refuses, and the keys of conditions that it was not told."""

    def answer(parameters):
        (action,) = parameters["ActionNames"]
        decision = "implicitDeny" if action in refused else "allowed"
        specific = [
            {"EvalResourceName": arn, "EvalResourceDecision": decision, "MissingContextValues": list(missing)}
            for arn in parameters["ResourceArns"]
        ]
        result = {"EvalActionName": action, "EvalDecision": decision, "MissingContextValues": list(missing)}
        one = {**result, "EvalResourceName": specific[0]["EvalResourceName"]}
        many = {**result, "ResourceSpecificResults": specific}
        return {"EvaluationResults": [many if len(specific) > 1 else one], "IsTruncated": False}

    return {**GET_ROLE, "iam.simulate_principal_policy": answer}


def test_an_action_that_is_refused_is_named_with_its_resource():
    found = lines(permissions.CHECK, simulation(refused=["kinesis:CreateStream"]), WANT)

    arn = f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/orders-data-stream"
    what = f"kinesis:CreateStream on {arn} is not allowed by the policies of {CALLER}"
    assert found == [
        f"stops permissions of the caller: {what}; let it be allowed, or use other credentials",
        NOTE,
    ]


def test_of_several_resources_each_has_its_own_answer():
    want = wanted(names=(STREAM, Name(kinds.STREAM, "b")), owned=owning(("aws_kms_key", "id")))

    first, second, _ = lines(permissions.CHECK, simulation(refused=["kinesis:CreateStream"]), want)
    assert "stream/orders-data-stream is not allowed" in first
    assert "stream/b is not allowed" in second


def test_a_refusal_that_may_be_due_to_a_condition_stops_nothing():
    found = lines(permissions.CHECK, simulation(["iam:PassRole"], missing=["aws:PrincipalTag/team"]), WANT)

    assert [line.partition(" ")[0] for line in found] == ["hurts", "note"]
    assert lines(permissions.CHECK, simulation(), WANT) == [NOTE]


def test_the_role_is_simulated_with_its_path_and_passed_to_its_service():
    asked = []
    permissions.CHECK.look(account(simulation(), asked), WANT)

    simulated = [parameters for operation, parameters in asked if operation == "iam.simulate_principal_policy"]
    assert {parameters["PolicySourceArn"] for parameters in simulated} == {ROLE_ARN}
    (passing,) = [parameters for parameters in simulated if parameters["ActionNames"] == ["iam:PassRole"]]
    contexts = {each["ContextKeyName"]: each["ContextKeyValues"] for each in passing["ContextEntries"]}
    assert contexts == {"aws:RequestedRegion": ["us-east-1"], "iam:PassedToService": ["lambda.amazonaws.com"]}


@pytest.mark.parametrize("caller", [f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:sts::{ACCOUNT}:federated-user/someone"])
def test_a_caller_without_policies_of_its_own_is_a_note(caller):
    (line,) = lines(permissions.CHECK, {}, wanted(caller=caller, names=(STREAM,)))

    assert (
        line == f"note permissions of the caller: {caller} is no user and no role, so its policies cannot be looked at"
    )


def test_only_what_is_not_there_yet_is_asked_about():
    want = wanted(
        zones=("us-east-1a",),
        tables=(table("orders"), table("customers")),
        names=(STREAM, Name(kinds.FUNCTION, "lake-transform", "")),
        owned=owning(
            ("aws_kinesis_stream", STREAM.name),
            ("aws_dynamodb_kinesis_streaming_destination", "orders"),
            ("aws_vpc", "v"),
        ),
    )

    assert {question.action: question.resources for question in permissions.questions(want)} == {
        "lambda:CreateFunction": (f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:lake-transform",),
        "dynamodb:EnableKinesisStreamingDestination": (f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/customers",),
        "kms:CreateKey": ("*",),
    }


def test_a_delivery_role_is_asked_about_on_the_path_below():
    role = Name(kinds.ROLE, "orders", "firehose.amazonaws.com", path="dynamo-to-lake/us-east-1/")
    want = wanted(names=(role,), role_path="/team/", owned=owning(("aws_kms_key", "id")))

    arn = f"arn:aws:iam::{ACCOUNT}:role/team/dynamo-to-lake/us-east-1/orders"
    assert {each.resources for each in permissions.questions(want)} == {(arn,)}


def test_a_role_is_asked_about_on_its_path():
    role = Name(kinds.ROLE, "lake-transform", "lambda.amazonaws.com")
    want = wanted(names=(role,), role_path="/team/lake/", owned=owning(("aws_kms_key", "id")))

    arn = f"arn:aws:iam::{ACCOUNT}:role/team/lake/lake-transform"
    assert {each.action: each.resources for each in permissions.questions(want)} == {
        "iam:CreateRole": (arn,),
        "iam:PassRole": (arn,),
    }
