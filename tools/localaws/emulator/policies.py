"""Makes the emulator evaluate condition operators as AWS does, and hold an account's root to key policies."""

from __future__ import annotations

import importlib
import json
from typing import TYPE_CHECKING, Any

from tools.iam import conditions
from tools.localaws.emulator import principals
from tools.localaws.emulator.corrections import replace

if TYPE_CHECKING:
    from collections.abc import Callable

_reported: set[str] = set()


def evaluate_condition_operators() -> None:
    """Evaluates conditions by this project's own operators; a denial with one that is not known denies.

    The emulator matches ARNs as plain text, and such a denial never applies there.
    """

    def evaluate(operator: str, actual: Any, expected: list[str]) -> bool:  # noqa: ANN401
        values = None if actual is None else [str(each) for each in (actual if isinstance(actual, list) else [actual])]
        return conditions.holds(operator, [str(each) for each in expected], values)

    def parse_policy_document(document: Any) -> Any:  # noqa: ANN401
        return parse(_without_unknown_operators(document))

    def evaluate_trust_policy(document: Any, *request: Any) -> bool:  # noqa: ANN401
        return trusts(_without_unknown_operators(document), *request)

    parse: Callable[[Any], Any]
    trusts: Callable[..., bool]
    replace("core.iam_evaluator", "_evaluate_single_condition", evaluate)
    parse = replace("core.iam_evaluator", "parse_policy_document", parse_policy_document)
    trusts = replace("core.iam_evaluator", "evaluate_trust_policy", evaluate_trust_policy)


def _without_unknown_operators(document: Any) -> Any:  # noqa: ANN401
    """Returns a policy document whose denials apply without the operators that are not known."""
    return _with_statements(document, _denying)


def _with_statements(document: Any, change: Callable[[Any], Any]) -> Any:  # noqa: ANN401
    """Returns a policy document with each of its statements changed; what is no document is returned as it is."""
    try:
        read = json.loads(document) if isinstance(document, str) else document
    except ValueError:
        return document
    if not isinstance(read, dict):
        return document
    statements = read.get("Statement")
    listed = statements if isinstance(statements, list) else [statements]
    return {**read, "Statement": [change(each) for each in listed]}


def _denying(statement: Any) -> Any:  # noqa: ANN401
    found = (statement.get("Condition") or {}) if isinstance(statement, dict) else {}
    unknown = {name for name in found if not conditions.is_known(name)}
    for name in unknown - _reported:
        _reported.add(name)
        print(f"unknown condition operator {name}: a statement with it never allows and always denies", flush=True)
    if not unknown or statement.get("Effect") != "Deny":
        return statement
    return {**statement, "Condition": {name: keys for name, keys in found.items() if name not in unknown}}


def deny_all_but_whom_not_principal_names() -> None:
    """Applies denials with NotPrincipal to everybody that they do not name; the emulator applies them to nobody.

    Source: IAM User Guide, "AWS JSON policy elements: NotPrincipal".
    """
    original: Callable[..., Any]

    def evaluate_resource_policy(document: Any, context: Any, *more: Any, **options: Any) -> Any:  # noqa: ANN401
        # A statement that names everybody but the caller is about nobody; one that does not, about everybody.
        def about(statement: Any) -> Any:  # noqa: ANN401
            if not isinstance(statement, dict) or "NotPrincipal" not in statement or statement.get("Effect") != "Deny":
                return statement
            return {
                **statement,
                "Principal": {} if _is_named(statement["NotPrincipal"], context.principal_arn) else "*",
            }

        return original(_with_statements(document, about), context, *more, **options)

    original = replace("core.iam_evaluator", "evaluate_resource_policy", evaluate_resource_policy)


def _is_named(principal: Any, caller: str) -> bool:  # noqa: ANN401
    listed = principal.get("AWS", []) if isinstance(principal, dict) else principal
    is_root = caller.endswith(":root") and caller in ([listed] if isinstance(listed, str) else listed)
    return is_root or bool(principals.evaluator()._names_caller(principal, caller))


def hold_the_root_to_key_policies() -> None:
    """Refuses an account's root what a key's policy denies it; the emulator asks nothing of a root.

    Source: AWS KMS Developer Guide, "Key policies in AWS KMS".
    """
    original: Callable[..., Any]

    def enforce(access_key_id: str, action: str, service: str, *more: Any, **options: Any) -> Any:  # noqa: ANN401
        refused = original(access_key_id, action, service, *more, **options)
        arn = options.get("resource_arn", "*")
        policy = _kms().key_policy_for_arn(arn) if refused is None and service == "kms" else None
        principal = principals.of_key(access_key_id) if policy else None
        if policy is None or principal is None or principal.policies is not None:
            return refused
        if principals.decision(principal, action, arn, {}, policy, is_key=True) != "Deny":
            return None
        return principals.evaluator().EvalResult("Deny", principal.arn, resource_policy_arn=arn)

    original = replace("core.iam_evaluator", "enforce", enforce)


def _kms() -> Any:  # noqa: ANN401  # the emulator is untyped
    return importlib.import_module("ministack.services.kms")
