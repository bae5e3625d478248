"""Evaluates the IAM policies of a role and of a key, for what the emulator leaves unchecked.

In local AWS, S3 and Kinesis use any key for any caller, and an account's root assumes any of its roles, whoever they
trust. On AWS, Firehose needs the role's trust, and `kms:GenerateDataKey` and `kms:Decrypt` in the policies of the role
and of the key. Source: AWS IAM User Guide, "Policy evaluation logic"; AWS KMS Developer Guide, "Key policies in
AWS KMS".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

Statement = Mapping[str, Any]

_ANY_CASE: Final = re.IGNORECASE


def statements(document: Mapping[str, Any]) -> list[Statement]:
    """Returns the statements of a policy document, which may be a single one."""
    found = document.get("Statement", [])
    return [found] if isinstance(found, Mapping) else list(found)


def identity_allows(policy: Iterable[Statement], action: str, resource: str, context: Mapping[str, str]) -> bool:
    """Returns whether a role's own policies allow `action` on `resource`; condition key -> value is the `context`."""
    return _decide(policy, action, resource, context, None)


def resource_allows(
    policy: Iterable[Statement], action: str, resource: str, context: Mapping[str, str], principals: Iterable[str]
) -> bool:
    """Returns whether a resource's policy allows `action` to any of `principals` (ARNs, account ids, services)."""
    return _decide(policy, action, resource, context, frozenset(principals))


def _decide(
    policy: Iterable[Statement],
    action: str,
    resource: str,
    context: Mapping[str, str],
    principals: frozenset[str] | None,
) -> bool:
    effects = {
        statement.get("Effect")
        for statement in policy
        if _names(statement, "Action", action, _ANY_CASE)
        and (not {"Resource", "NotResource"} & statement.keys() or _names(statement, "Resource", resource))
        and (principals is None or _names_principal(statement, principals))
        and _conditions_hold(statement.get("Condition") or {}, context)
    }
    return "Allow" in effects and "Deny" not in effects


def _names(statement: Statement, element: str, value: str, flags: int = 0) -> bool:
    if f"Not{element}" in statement:
        return not any(_matches(pattern, value, flags) for pattern in _listed(statement[f"Not{element}"]))
    return any(_matches(pattern, value, flags) for pattern in _listed(statement.get(element, [])))


def _names_principal(statement: Statement, principals: frozenset[str]) -> bool:
    principal = statement.get("Principal", {})
    if principal == "*":
        return True
    named = [each for kind in principal.values() for each in _listed(kind)]
    return any(name == "*" or name in principals for name in named)


def _conditions_hold(conditions: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> bool:
    lowered = {key.lower(): value for key, value in context.items()}
    return all(
        _condition_holds(operator, _listed(wanted), lowered.get(key.lower()))
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )


def _condition_holds(operator: str, wanted: list[str], value: str | None) -> bool:
    name = operator.rpartition(":")[2]
    if name == "Null":
        return (value is None) == (wanted[0].lower() == "true")
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


def _listed(value: Any) -> list[str]:  # noqa: ANN401  # a policy's JSON
    return [
        str(each).lower() if isinstance(each, bool) else str(each)
        for each in (value if isinstance(value, list) else [value])
    ]
