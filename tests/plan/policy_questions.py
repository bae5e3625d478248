"""Requests around each statement of a policy: what it means, and what it just does not mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.plan.policy_tools import Question
from tests.plan.terraform_copy import ACCOUNT
from tools.iam import documents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.plan.policy_documents import Document
    from tools.iam.documents import Statement, Values

STRANGER: Final = "arn:aws:iam::999999999999:role/stranger"
"""A role of an account that no policy names."""
_ELSEWHERE: Final = "arn:aws:s3:::somewhere/else"
_OF_THIS_ACCOUNT: Final = f"arn:aws:iam::{ACCOUNT}:role/somebody"

Context = dict[str, str]


def around(name: str, document: Document) -> list[Question]:
    """Returns questions about a document, each once."""
    statements = documents.read(document)
    found = {
        (question.action, question.resource, tuple(sorted(question.context.items())), question.caller): question
        for statement in statements
        for question in _around(name, statement)
    }
    return list(found.values())


def _around(name: str, statement: Statement) -> Iterator[Question]:
    met = _met(statement)
    callers = _callers(statement)
    resources = [_one(each) for each in statement.resources or ("*",)]
    for action in (_one_action(each) for each in statement.actions or ("*:*",)):
        for caller in callers:
            for resource in resources:
                yield Question(policy=name, action=action, resource=resource, context=met, caller=caller)
            for context in _unmet(met):
                yield Question(policy=name, action=action, resource=resources[0], context=context, caller=caller)
            for resource in (f"{resources[0]}-another", _ELSEWHERE):
                yield Question(policy=name, action=action, resource=resource, context=met, caller=caller)
        if statement.principals:
            yield Question(policy=name, action=action, resource=resources[0], context=met, caller=STRANGER)
    service = (statement.actions or ("*:",))[0].partition(":")[0]
    yield Question(policy=name, action=f"{service}:TagNothing", resource=resources[0], context=met, caller=callers[0])


def _callers(statement: Statement) -> list[str]:
    """Returns a caller for each principal: a role for an account; none for a role's own policy."""
    if statement.principals is None:
        return [""]
    names = [name for names in statement.principals.values() for name in names]
    return [
        _OF_THIS_ACCOUNT if name == "*" else name.replace(":root", ":role/somebody") if name.endswith(":root") else name
        for name in names
    ]


def _met(statement: Statement) -> Context:
    """Returns what a request says that meets every condition of a statement."""
    found: Context = {}
    for operator, keys in statement.conditions.items():
        for key, wanted in keys.items():
            value = _meeting(operator, wanted)
            if value is not None:
                found.setdefault(key, value)
                if "Not" not in operator and operator != "Null":
                    found[key] = value
    return found


def _meeting(operator: str, wanted: Values) -> str | None:
    if operator == "Null":
        return None if wanted == ("true",) else "something"
    if "Not" in operator:
        return STRANGER if operator.startswith("Arn") else "something-else"
    return _one(wanted[0])


def _unmet(met: Context) -> Iterator[Context]:
    """Yields contexts without one of the keys, and with another value of one."""
    for key, value in met.items():
        yield {name: each for name, each in met.items() if name != key}
        # A boolean's other value is the other boolean, and an ARN's is an ARN.
        other = {"true": "false", "false": "true"}.get(value, STRANGER if value.startswith("arn:") else "another")
        yield {**met, key: other}


def _one(pattern: str) -> str:
    return pattern.replace("*", "x").replace("?", "x") if pattern != "*" else _ELSEWHERE


def _one_action(pattern: str) -> str:
    return pattern.replace("*", "Whatever")
