"""Tools of others find no fault in our policies, and decide requests by them as our evaluator does."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.plan import policy_documents, policy_questions, policy_tools
from tests.plan.plans import ALONE
from tests.plan.policy_tools import Question
from tools.iam import documents
from tools.iam.evaluator import Request, identity_allows, identity_denies, resource_allows, resource_denies

HERE = Path(__file__).parent


class FalseAlarm(msgspec.Struct, frozen=True):
    """What the linter says of some statements, and why it is no fault."""

    issue: str
    detail: str
    """The start of what it says."""
    statements: tuple[str, ...]
    why: str

    def covers(self, finding):
        return (
            finding.issue == self.issue
            and finding.detail.startswith(self.detail)
            and finding.statement in self.statements
        )


class Expected(msgspec.Struct, frozen=True):
    """What a policy must allow and refuse; `context` is of both."""

    policies: tuple[str, ...]
    allowed: tuple[tuple[str, str], ...]
    refused: tuple[tuple[str, str], ...]
    context: dict[str, str] = {}


def read(name, kind):
    return msgspec.yaml.decode((HERE / name).read_bytes(), type=tuple[kind, ...])


@pytest.fixture
def modules(plans):
    return policy_documents.of_modules(plans[ALONE])


@pytest.mark.parametrize("name", [ALONE])
def test_a_linter_finds_no_fault_but_what_is_known_to_be_none(modules, name):
    alarms = read("policy_false_alarms.yaml", FalseAlarm)
    found = policy_tools.findings({**modules, **policy_documents.of_inventories()})
    said = {(where, each) for where, findings in found.items() for each in findings}

    wrong = [f"{where}: {each}" for where, each in said if not any(alarm.covers(each) for alarm in alarms)]
    assert not wrong, "\n".join(sorted(wrong))
    for alarm in alarms:
        covered = {each.statement for _, each in said if alarm.covers(each)}
        assert covered == set(alarm.statements), f"{alarm.issue}: these are no false alarms any more"


PLANTED = {
    "an action that there is not": ("kinesis:GetShards", "arn:aws:kinesis:us-east-1:111111111111:stream/s", {}),
    "an action on a resource that it is not for": ("s3:GetObject", "arn:aws:s3:::my-lake", {}),
    "a condition that the action does not know": (
        *("s3:GetObject", "arn:aws:s3:::my-lake/x"),
        {"StringEquals": {"s3:prefix": "data/"}},
    ),
}


def test_the_linter_finds_faults_that_are_there():
    statement = {"Sid": "Planted", "Effect": "Allow"}
    documents = {
        fault: {
            "Version": "2012-10-17",
            "Statement": [{**statement, "Action": action, "Resource": resource, "Condition": condition}],
        }
        for fault, (action, resource, condition) in PLANTED.items()
    }
    found = policy_tools.findings(documents)
    assert {fault: {each.issue for each in findings} for fault, findings in found.items()} == {
        "an action that there is not": {"UNKNOWN_ACTION"},
        "an action on a resource that it is not for": {"RESOURCE_MISMATCH"},
        "a condition that the action does not know": {"UNKNOWN_CONDITION_FOR_ACTION"},
    }


def ours(document, question):
    """Returns what our evaluator decides."""
    request = Request(question.action, question.resource, question.context)
    statements = documents.read(document)
    if question.caller:
        names = callers(question.caller)
        denied, allowed = resource_denies(statements, request, names), resource_allows(statements, request, names)
    else:
        denied, allowed = identity_denies(statements, request), identity_allows(statements, request)
    return "denied" if denied else "allowed" if allowed else "not allowed"


def callers(caller):
    """Returns each name by which a policy may mean a role or a service."""
    if not caller.startswith("arn:"):
        return {caller}
    _, partition, _, _, account, _ = caller.split(":")
    return {caller, account, f"arn:{partition}:iam::{account}:root"}


@pytest.mark.parametrize("name", [ALONE])
def test_a_simulator_decides_around_every_statement_as_our_evaluator_does(modules, name):
    questions = [each for where, document in modules.items() for each in policy_questions.around(where, document)]
    theirs = policy_tools.decisions(modules, questions)

    decided = [ours(modules[each.policy], each) for each in questions]
    assert [
        (each, own, other) for each, own, other in zip(questions, decided, theirs, strict=True) if own != other
    ] == []
    # Of every policy more than one answer: a comparison of what is always refused would say nothing.
    assert {where for where in modules if len(answers(where, questions, decided)) < 2} == set()


def answers(where, questions, decided):
    return {decision for each, decision in zip(questions, decided, strict=True) if each.policy == where}


@pytest.mark.parametrize("name", [ALONE])
def test_every_role_may_do_what_it_is_for_and_a_simulator_agrees(modules, name):
    expected = read("policy_requests.yaml", Expected)
    asked = [questions_of(each) for each in expected]
    questions = [question for requests in asked for request in requests for question in request]
    decided = [ours(modules[question.policy], question) for question in questions]

    assert policy_tools.decisions(modules, questions) == decided
    decisions = iter(decided)
    for each, requests in zip(expected, asked, strict=True):
        may = [is_allowed([next(decisions) for _ in request]) for request in requests]
        assert may == [True] * len(each.allowed) + [False] * len(each.refused), each
    own = {where for where in modules if ".aws_iam_role_policy." in where and ".pipeline." not in where}
    assert {where for each in expected for where in each.policies} >= own


def questions_of(expected):
    """Returns a list for each request, of a question to each policy of the role."""
    return [
        [
            Question(policy=where, action=action, resource=resource, context=expected.context)
            for where in expected.policies
        ]
        for action, resource in (*expected.allowed, *expected.refused)
    ]


def is_allowed(decisions):
    """Returns whether the policies of a role, of which these are decisions, allow a request together."""
    return "allowed" in decisions and "denied" not in decisions
