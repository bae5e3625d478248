"""Evaluates IAM policies: whether what a role or a resource says allows a request.

AWS documentation: "Policy evaluation logic",
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html, and "IAM JSON policy
elements: Condition operators",
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from tools.iam.documents import ByType, Conditions, Statement, Values

_ANY_CASE: Final = re.IGNORECASE


@dataclass(frozen=True)
class Request:
    """What is asked for: an action on a resource (an ARN); the context is condition key -> value."""

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)


def identity_allows(policy: Iterable[Statement], request: Request) -> bool:
    """Returns whether the statements of a role's own policies allow a request of the role."""
    return _is_allowed(statement.effect for statement in policy if _applies(statement, request))


def resource_allows(policy: Iterable[Statement], request: Request, caller: Collection[str]) -> bool:
    """Returns whether the statements of a resource's policy, or of a role's trust policy, allow a request.

    `caller` holds each name by which a policy may mean who asks: ARN, account id, service.
    """
    return _is_allowed(
        statement.effect for statement in policy if _is_about_caller(statement, caller) and _applies(statement, request)
    )


def _is_allowed(effects: Iterable[str]) -> bool:
    found = set(effects)
    return "Allow" in found and "Deny" not in found


def _applies(statement: Statement, request: Request) -> bool:
    has_no_resource = statement.resources is None and statement.not_resources is None
    return (
        _covers(statement.actions, statement.not_actions, request.action, _ANY_CASE)
        and (has_no_resource or _covers(statement.resources, statement.not_resources, request.resource))
        and _conditions_hold(statement.conditions, request.context)
    )


def _covers(patterns: Values | None, excepted: Values | None, value: str, flags: int = 0) -> bool:
    if excepted is not None:
        return not any(_matches(pattern, value, flags) for pattern in excepted)
    return any(_matches(pattern, value, flags) for pattern in patterns or ())


def _is_about_caller(statement: Statement, caller: Collection[str]) -> bool:
    if statement.not_principals is not None:
        return not _names_caller(statement.not_principals, caller)
    return _names_caller(statement.principals or {}, caller)


def _names_caller(principals: ByType, caller: Collection[str]) -> bool:
    return any(name == "*" or name in caller for names in principals.values() for name in names)


def _conditions_hold(conditions: Conditions, context: Mapping[str, str]) -> bool:
    lowered = {key.lower(): value for key, value in context.items()}
    return all(
        _condition_holds(operator, wanted, lowered.get(key.lower()))
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )


def _condition_holds(operator: str, wanted: Values, value: str | None) -> bool:
    name = operator.rpartition(":")[2]
    if name == "Null":
        return (value is None) == any(each.lower() == "true" for each in wanted)
    if name.endswith("IfExists"):
        if value is None:
            return True
        name = name.removesuffix("IfExists")
    negated = "Not" in name
    if value is None:
        return negated
    name = name.replace("Not", "")
    if name in ("StringLike", "ArnLike", "ArnEquals"):
        found = any(_matches(pattern, value) for pattern in wanted)
    elif name in ("StringEqualsIgnoreCase", "Bool"):
        found = value.lower() in (each.lower() for each in wanted)
    elif name == "StringEquals":
        found = value in wanted
    else:
        return False
    return found != negated


def _matches(pattern: str, value: str, flags: int = 0) -> bool:
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, value, flags | re.DOTALL) is not None
