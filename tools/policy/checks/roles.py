"""Roles: what they may do is written here, statement by statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tools.policy.checks.base import ResourceRule, never
from tools.policy.hcl import is_given

if TYPE_CHECKING:
    from collections.abc import Mapping

ATTACHMENTS: Final = (
    "aws_iam_group_policy_attachment",
    "aws_iam_policy_attachment",
    "aws_iam_role_policy_attachment",
    "aws_iam_role_policy_attachments_exclusive",
    "aws_iam_user_policy_attachment",
)
"""Resources that hand out a policy from elsewhere, which may change without a plan."""


def attaches_nothing(role: Mapping[str, Any]) -> bool:
    """True for a role that takes no policy from elsewhere."""
    return not is_given(role.get("managed_policy_arns"))


ResourceRule("CKV_LAKE_21", "Nothing attaches a policy that is not written here", ATTACHMENTS, never)
ResourceRule("CKV_LAKE_22", "Roles take no managed policies", ("aws_iam_role",), attaches_nothing)
