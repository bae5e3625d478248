"""Variables of policies, and the tags and paths of the roles that ask."""

from __future__ import annotations

import dataclasses
import importlib
from typing import TYPE_CHECKING, Any, Final

from tools.iam import variables
from tools.localaws.emulator.corrections import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_TAG: Final = "aws:principaltag/"


def know_the_tags_of_roles() -> None:
    """Gives policies the tags of the role that asks, also in another account, where the emulator knows none.

    Source: IAM User Guide, "AWS global condition context keys", `aws:PrincipalTag/tag-key`.
    """
    original: Callable[..., Any]

    def resolve_condition_key(key: str, context: Any) -> Any:  # noqa: ANN401  # the emulator is untyped
        value = original(key, context)
        if value is not None or not key.lower().startswith(_TAG) or ":assumed-role/" not in context.principal_arn:
            return value
        account, role = context.principal_arn.split(":")[4], context.principal_arn.split("/")[1]
        found = importlib.import_module("ministack.services.iam")._roles.get_scoped(account, None, role) or {}
        tags = {f"{_TAG}{tag['Key'].lower()}": tag["Value"] for tag in found.get("Tags") or []}
        return tags.get(key.lower())

    original = replace("core.iam_evaluator", "_resolve_condition_key", resolve_condition_key)


def find_the_policies_of_roles_on_a_path() -> None:
    """Finds the policies of a role by its ARN also where that has a path, which the emulator takes for the name.

    Source: IAM User Guide, "IAM identifiers": the last part of the ARN is the name.
    """
    original: Callable[..., Any]

    def gather(role: str, account: str) -> Any:  # noqa: ANN401  # the emulator is untyped
        return original(role.rpartition("/")[2], account)

    original = replace("core.iam_evaluator", "_gather_role_policies", gather)


def fill_variables_of_policies() -> None:
    """Fills the variables in resources and conditions; the emulator takes them as they are written.

    Source: IAM User Guide, "IAM policy elements: Variables and tags".
    """
    original: Callable[..., Any]

    def first_match(context: Any, statements: Sequence[Any], effect: str) -> Any:  # noqa: ANN401
        matches = importlib.import_module("ministack.core.iam_evaluator")._action_matches
        # Most statements are about other actions, and are left out unfilled: no condition of theirs counts.
        known = (
            _filled(statement, context)
            for statement in statements
            if statement.effect == effect and matches(context.action, statement.actions, statement.not_actions)
        )
        return original(context, [statement for statement in known if statement is not None], effect)

    original = replace("core.iam_evaluator", "_first_match", first_match)


def _filled(statement: Any, context: Any) -> Any | None:  # noqa: ANN401
    resolve = importlib.import_module("ministack.core.iam_evaluator")._resolve_condition_key

    def look_up(key: str) -> str | None:
        value = resolve(key, context)
        return value if isinstance(value, str) else None

    def fill(written: Any) -> tuple[str, ...] | None:  # noqa: ANN401
        return variables.filled([written] if isinstance(written, str) else [str(each) for each in written], look_up)

    resources, excepted = fill(statement.resources), fill(statement.not_resources)
    conditions = {
        operator: {key: fill(values if isinstance(values, str | list) else [values]) for key, values in keys.items()}
        for operator, keys in statement.conditions.items()
    }
    if None in (resources, excepted, *(values for keys in conditions.values() for values in keys.values())):
        return None
    return dataclasses.replace(
        statement,
        resources=list(resources or ()),
        not_resources=list(excepted or ()),
        conditions={
            operator: {key: list(values or ()) for key, values in keys.items()} for operator, keys in conditions.items()
        },
    )


CORRECTIONS: Final[tuple[Callable[[], None], ...]] = (
    know_the_tags_of_roles,
    find_the_policies_of_roles_on_a_path,
    fill_variables_of_policies,
)
