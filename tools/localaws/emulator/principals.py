"""Who asks the emulator for something, and whether their own policies and the resource's allow it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    Principal = Any
    """A `PrincipalInfo` of the emulator."""


def evaluator() -> Any:  # noqa: ANN401  # the emulator is untyped
    """Returns the emulator's module that evaluates policies."""
    return importlib.import_module("ministack.core.iam_evaluator")


def caller(headers: Mapping[str, str], query: Mapping[str, Any]) -> Principal | None:
    """Returns who has signed a request, None for nobody, as where one of the emulator's services calls another."""
    key = importlib.import_module("ministack.core.router").extract_access_key_id(headers, query)
    return of_key(key) if key else None


def of_key(key: str) -> Principal | None:
    """Returns whose an access key is, None where it is nobody's."""
    account = importlib.import_module("ministack.services.s3")._account_from_access_key(key)
    found = evaluator().resolve_principal(key, account)
    return found if hasattr(found, "policies") else None


def role(arn: str, service: str, context: Mapping[str, str]) -> Principal | None:
    """Returns a role as a service acts as it, None where there is no such role or it does not trust the service.

    `context` holds the condition keys with which the service assumes the role.
    """
    iam = importlib.import_module("ministack.services.iam")
    account, name = arn.split(":")[4], arn.rpartition("/")[2]
    found = iam._roles.get_scoped(account, None, name)
    if not found or found["Arn"] != arn:
        return None
    if service_decision(service, "sts:AssumeRole", arn, context, found["AssumeRolePolicyDocument"]) != "Allow":
        return None
    return evaluator().PrincipalInfo(
        arn=f"arn:aws:sts::{account}:assumed-role/{name}/{service.partition('.')[0]}",
        type="AssumedRole",
        account=account,
        policies=evaluator()._gather_role_policies(name, account),
        limits=evaluator()._permissions_boundary(iam._roles, name, account),
    )


def service_decision(
    service: str, action: str, resource: str, context: Mapping[str, str], policy: str | Mapping[str, Any]
) -> str:
    """Returns what the policy of a resource, an ARN, says to an action of an AWS service, as `decision` does."""
    request = _context((service, "Service", resource.split(":")[4]), action, resource, context)
    return str(evaluator().evaluate_resource_policy(policy, request, service=service).decision)


def decision(
    principal: Principal,
    action: str,
    resource: str,
    context: Mapping[str, str],
    policy: tuple[str, str],
    *,
    is_key: bool = False,
) -> str:
    """Returns "Allow", "Deny" or "ImplicitDeny" for an action of a principal on a resource.

    `policy` is the resource's own policy, "" for none, and the account that owns the resource. A key's policy must
    allow also what is asked for in the owner's account.
    """
    keys = {**principal.keys, **{name.lower(): value for name, value in context.items()}}
    request = _context((principal.arn, principal.type, principal.account), action, resource, keys)
    if principal.policies is None:
        own = evaluator().EvalResult("Allow")
    else:
        own = evaluator().evaluate(request, principal.policies, *principal.limits)
    return str(
        evaluator().combine_resource_policy(own, request, *policy, required=is_key, limits=principal.limits).decision
    )


def _context(who: tuple[str, str, str], action: str, resource: str, keys: Mapping[str, str]) -> Any:  # noqa: ANN401
    """Returns what policies are evaluated with; `who` is the ARN, the type and the account of who asks."""
    return evaluator().EvalContext(
        principal_arn=who[0],
        principal_type=who[1],
        principal_account=who[2],
        action=action,
        resource_arn=resource,
        region=resource.split(":")[3] if resource.startswith("arn:") else "",
        secure_transport=True,
        service_context={name.lower(): value for name, value in keys.items()},
    )
