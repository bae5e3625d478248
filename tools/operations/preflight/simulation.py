"""Asks IAM what the caller's own policies allow, without doing it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tools.operations.preflight.account import Account
    from tools.operations.preflight.place import Place

_ASSUMED: Final = re.compile(r"arn:[a-z-]+:sts::\d{12}:assumed-role/([^/]+)/")
_ENTITY: Final = re.compile(r"arn:[a-z-]+:iam::\d{12}:(user|role)/")


class Decision(Enum):
    """What the caller's policies say of an action."""

    ALLOWED = "allowed"
    DENIED = "denied"
    DEPENDS = "depends"
    """Denied as far as is known: a condition asks for something that a simulation is not told."""


@dataclass(frozen=True)
class Question:
    """One action on some resources (ARNs); `passed_to` is the service that a role would be passed to."""

    action: str
    resources: tuple[str, ...]
    passed_to: str = ""


@dataclass(frozen=True)
class Answer:
    """What IAM says of one action on one resource."""

    action: str
    resource: str
    decision: Decision


def principal(account: Account, caller: str) -> str | None:
    """Returns the user or role behind the ARN `caller`; None for one that has no policies to simulate.

    An assumed role's ARN leaves out the path of the role (IAM User Guide, "IAM identifiers"), which AWS tells. The
    root user, and a federated user, cannot be simulated (API reference, "SimulatePrincipalPolicy").

    Raises:
        ClientError, BotoCoreError: the caller may not look at its role.
    """
    if assumed := _ASSUMED.match(caller):
        return str(account.call("iam", "get_role", RoleName=assumed[1])["Role"]["Arn"])
    return caller if _ENTITY.match(caller) else None


def simulate(account: Account, place: Place, source: str, questions: Iterable[Question]) -> list[Answer]:
    """Returns what the policies of `source` say of each resource of each question.

    Raises:
        ClientError, BotoCoreError: the caller may not ask.
    """
    return [answer for question in questions for answer in _answers(account, place, source, question)]


def _answers(account: Account, place: Place, source: str, question: Question) -> list[Answer]:
    context = {"aws:RequestedRegion": place.region}
    if question.passed_to:
        context["iam:PassedToService"] = question.passed_to
    results = account.pages(
        "iam",
        "simulate_principal_policy",
        "EvaluationResults",
        PolicySourceArn=source,
        ActionNames=[question.action],
        ResourceArns=list(question.resources),
        ContextEntries=[
            {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}
            for key, value in context.items()
        ],
    )
    return [answer for result in results for answer in _of_resources(question, result)]


def _of_resources(question: Question, result: Mapping[str, object]) -> list[Answer]:
    """Reads one result: with several resources, each has a result of its own in it."""
    specific = result.get("ResourceSpecificResults") or ()
    each: Sequence[Mapping[str, object]] = specific if isinstance(specific, list) else ()
    return [
        Answer(question.action, str(one["EvalResourceName"]), _decision(str(one["EvalResourceDecision"]), one))
        for one in each
    ] or [
        Answer(
            question.action,
            str(result.get("EvalResourceName", question.resources[0])),
            _decision(str(result["EvalDecision"]), result),
        )
    ]


def _decision(text: str, result: Mapping[str, object]) -> Decision:
    if text == "allowed":
        return Decision.ALLOWED
    return Decision.DEPENDS if result.get("MissingContextValues") else Decision.DENIED
