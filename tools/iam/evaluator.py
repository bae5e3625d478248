"""Evaluates IAM policies: whether what a role or a resource says allows a request.

AWS documentation: "Policy evaluation logic",
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html. The operators of conditions
are in `conditions`, the variables of resources and conditions in `variables`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from tools.iam import conditions, variables

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from tools.iam.documents import ByType, Statement, Values

_ANY_CASE: Final = re.IGNORECASE

ContextValue: TypeAlias = "str | tuple[str, ...]"
"""Value of a condition key in a request; a tuple for a key that has several."""


@dataclass(frozen=True)
class Request:
    """What is asked for: an action on a resource (an ARN); the context is condition key -> value."""

    action: str
    resource: str
    context: Mapping[str, ContextValue] = field(default_factory=dict)


def identity_allows(policy: Iterable[Statement], request: Request) -> bool:
    """Returns whether the statements of a role's own policies allow a request of the role."""
    return _is_allowed(statement.effect for statement in policy if _applies(statement, request))


def identity_denies(policy: Iterable[Statement], request: Request) -> bool:
    """Returns whether a statement of a role's own policies denies a request, whatever else allows it."""
    return any(not statement.is_allow and _applies(statement, request) for statement in policy)


def resource_allows(policy: Iterable[Statement], request: Request, caller: Collection[str]) -> bool:
    """Returns whether the statements of a resource's policy, or of a role's trust policy, allow a request.

    `caller` holds each name by which a policy may mean who asks: ARN, account id, service.
    """
    return _is_allowed(
        statement.effect for statement in policy if _is_about_caller(statement, caller) and _applies(statement, request)
    )


def resource_denies(policy: Iterable[Statement], request: Request, caller: Collection[str]) -> bool:
    """Returns whether a statement of a resource's policy denies a request, whatever else allows it.

    `caller` holds each name by which a policy may mean who asks, its account's included.
    """
    return any(
        not statement.is_allow and _is_about_caller(statement, caller) and _applies(statement, request)
        for statement in policy
    )


def unknown_operators(policy: Iterable[Statement]) -> str:
    """Returns what to add to a reason where a policy has condition operators that are not known, else ""."""
    found = {name for statement in policy for name in statement.conditions if not conditions.is_known(name)}
    rule = "a statement with one never allows and always denies"
    return f" (unknown condition operators: {', '.join(sorted(found))}; {rule})" if found else ""


def _is_allowed(effects: Iterable[str]) -> bool:
    found = set(effects)
    return "Allow" in found and "Deny" not in found


def _applies(statement: Statement, request: Request) -> bool:
    context = {key.lower(): (value,) if isinstance(value, str) else value for key, value in request.context.items()}
    has_no_resource = statement.resources is None and statement.not_resources is None
    return (
        _covers(statement.actions, statement.not_actions, request.action, _ANY_CASE)
        and (has_no_resource or _covers_resource(statement, request.resource, context))
        and _conditions_hold(statement, context)
    )


def _covers_resource(statement: Statement, resource: str, context: Mapping[str, Values]) -> bool:
    written = statement.resources if statement.not_resources is None else statement.not_resources
    names = _filled(written or (), context)
    if names is None:
        return False
    return _covers(names, None, resource) if statement.not_resources is None else _covers(None, names, resource)


def _filled(texts: Values, context: Mapping[str, Values]) -> Values | None:
    def look_up(key: str) -> str | None:
        values = context.get(key.lower(), ())
        return values[0] if len(values) == 1 else None

    return variables.filled(texts, look_up)


def _covers(patterns: Values | None, excepted: Values | None, value: str, flags: int = 0) -> bool:
    if excepted is not None:
        return not any(conditions.matches(pattern, value, flags) for pattern in excepted)
    return any(conditions.matches(pattern, value, flags) for pattern in patterns or ())


def _is_about_caller(statement: Statement, caller: Collection[str]) -> bool:
    if statement.not_principals is not None:
        return not _names_caller(statement.not_principals, caller)
    return _names_caller(statement.principals or {}, caller)


def _names_caller(principals: ByType, caller: Collection[str]) -> bool:
    return any(name == "*" or name in caller for names in principals.values() for name in names)


def _conditions_hold(statement: Statement, context: Mapping[str, Values]) -> bool:
    return all(
        (known := _filled(wanted, context)) is not None and conditions.holds(operator, known, context.get(key.lower()))
        for operator, keys in statement.conditions.items()
        # What is not understood lets nobody in: a statement that denies does so without it.
        if statement.is_allow or conditions.is_known(operator)
        for key, wanted in keys.items()
    )
