"""Simulates policies for each resource that is asked about, with the condition keys that are given.

The emulator looks at the first resource alone, and knows no condition key and no permissions boundary.

Source: IAM API Reference, "SimulatePrincipalPolicy" and "EvaluationResult".
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

from tools.localaws.emulator import principals
from tools.localaws.emulator.corrections import replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_DECISIONS: Final = {"Allow": "allowed", "Deny": "explicitDeny", "ImplicitDeny": "implicitDeny"}
_REGION: Final = "aws:requestedregion"


@dataclass(frozen=True)
class _Asked:
    """What is asked about: ARNs or "*", and condition keys in lower case with their values."""

    resources: tuple[str, ...]
    keys: Mapping[str, Any]


@dataclass(frozen=True)
class _Simulated:
    """A principal as a simulation takes it."""

    arn: str
    type: str
    account: str
    policies: list[Any]
    limits: list[Any]


def simulate_each_resource_with_given_keys() -> None:
    """Answers `SimulatePrincipalPolicy` and `SimulateCustomPolicy` as IAM does, as far as it is documented."""
    replace("services.iam", "_extract_simulate_params", _read)
    replace("services.iam", "_build_simulate_results_real", _results)


def _read(form: Mapping[str, Any]) -> tuple[list[str], _Asked]:
    resources = tuple(_members(form, "ResourceArns.member")) or ("*",)
    keys: dict[str, Any] = {}
    for number, name in enumerate(_members(form, "ContextEntries.member", ".ContextKeyName"), start=1):
        values = list(_members(form, f"ContextEntries.member.{number}.ContextKeyValues.member"))
        keys[name.lower()] = values[0] if len(values) == 1 else values
    return list(_members(form, "ActionNames.member")), _Asked(resources, keys)


def _members(form: Mapping[str, Any], name: str, end: str = "") -> Iterator[str]:
    number = 1
    while value := form.get(f"{name}.{number}{end}"):
        yield value[0] if isinstance(value, list) else value
        number += 1


def _results(actions: list[str], asked: _Asked, arn: str, account: str, policies: list[Any]) -> str:
    who = _principal(arn, account, policies)
    return "".join(_of_action(action, asked, who) for action in actions)


def _principal(arn: str, account: str, policies: list[Any]) -> _Simulated:
    kind, _, path = arn.rpartition(":")[2].partition("/")
    iam, name = importlib.import_module("ministack.services.iam"), path.rpartition("/")[2]
    store = {"role": iam._roles, "user": iam._users}.get(kind)
    limits = principals.evaluator()._permissions_boundary(store, name, account) if store is not None else []
    if kind != "role":
        return _Simulated(arn, "User", account, policies, limits)
    session = f"arn:aws:sts::{account}:assumed-role/{name}/simulated"
    return _Simulated(session, "AssumedRole", account, policies, limits)


def _of_action(action: str, asked: _Asked, who: _Simulated) -> str:
    each = [(resource, *_decision(action, resource, asked, who)) for resource in asked.resources]
    decision = next((found for _, found, _ in each if found != "allowed"), "allowed")
    if asked.resources == ("*",):
        specific, missing = "", each[0][2]
    else:
        members = (
            f"<member><EvalResourceName>{escape(resource)}</EvalResourceName>"
            f"<EvalResourceDecision>{found}</EvalResourceDecision><MatchedStatements/>{lacking}</member>"
            for resource, found, lacking in each
        )
        specific = f"<ResourceSpecificResults>{''.join(members)}</ResourceSpecificResults>"
        missing = "<MissingContextValues/>"
    name = asked.resources[0] if len(asked.resources) == 1 else "*"
    return (
        f"<member><EvalActionName>{escape(action)}</EvalActionName><EvalResourceName>{escape(name)}</EvalResourceName>"
        f"<EvalDecision>{decision}</EvalDecision><MatchedStatements/>{missing}{specific}</member>"
    )


def _decision(action: str, resource: str, asked: _Asked, who: _Simulated) -> tuple[str, str]:
    """Returns the decision, and as XML the condition keys of statements about it that were not given."""
    evaluator = principals.evaluator()
    context = evaluator.EvalContext(
        principal_arn=who.arn,
        principal_type=who.type,
        principal_account=who.account,
        action=action,
        resource_arn=resource,
        region=asked.keys.get(_REGION, ""),
        secure_transport=True,
        service_context=dict(asked.keys),
    )
    found = _DECISIONS[evaluator.evaluate(context, who.policies, *who.limits).decision]
    about = [
        statement
        for policy in who.policies
        for statement in policy
        if evaluator._action_matches(action, statement.actions, statement.not_actions)
        and evaluator._resource_matches(resource, statement.resources, statement.not_resources)
    ]
    keys = {key for statement in about for wanted in (statement.conditions or {}).values() for key in wanted}
    lacking = sorted(key for key in keys if evaluator._resolve_condition_key(key, context) in (None, [], ""))
    listed = "".join(f"<member>{escape(key)}</member>" for key in lacking)
    return found, f"<MissingContextValues>{listed}</MissingContextValues>"
