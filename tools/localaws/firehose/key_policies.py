"""Whether a role may use a KMS key: what its own policies, the key's policy and the key's state say together.

AWS documentation: "Determining access to AWS KMS keys", and "Key states of AWS KMS keys".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.iam.evaluator import identity_allows, identity_denies, resource_allows, resource_denies, unknown_operators

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.iam.documents import Statement
    from tools.iam.evaluator import Request


def denial(
    role_arn: str, role_policies: Sequence[Statement], key_policy: Sequence[Statement], state: str, request: Request
) -> str | None:
    """Returns why a role may not use the key that `request` names, None where it may.

    `state` is the key's, as DescribeKey returns it.
    """
    account = role_arn.split(":")[4]
    names = [f"arn:aws:iam::{account}:root", account]
    if resource_denies(key_policy, request, [role_arn, *names]):
        return f"the key's policy denies it{unknown_operators(key_policy)}"
    by_role = resource_allows(key_policy, request, [role_arn])
    if not (by_role or resource_allows(key_policy, request, names)):
        return f"the key's policy does not allow it{unknown_operators(key_policy)}"
    if identity_denies(role_policies, request):
        return f"the role's policies deny it{unknown_operators(role_policies)}"
    is_own = account == request.resource.split(":")[4]
    if not (identity_allows(role_policies, request) or (by_role and is_own)):
        return f"none of the role's policies allows it{unknown_operators(role_policies)}"
    return None if state == "Enabled" else f"the key is {state}"
