"""Roles: all their permissions are policies in this configuration, and a boundary that is asked for holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tools.policy.checks.base import ResourceRule, always_fails
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
"""Resources that attach a managed policy, which may change without a plan."""


def has_no_managed_policies(role: Mapping[str, Any]) -> bool:
    """True for a role without managed policies."""
    return not is_given(role.get("managed_policy_arns"))


def takes_the_boundary(role: Mapping[str, Any]) -> bool:
    """True for a role that is given the path and the permissions boundary of an organisation, which may be none."""
    return all(is_given(role.get(name)) for name in ("path", "permissions_boundary"))


ResourceRule("CKV_LAKE_21", "Nothing attaches a policy that is not written here", ATTACHMENTS, always_fails)
ResourceRule("CKV_LAKE_22", "Roles take no managed policies", ("aws_iam_role",), has_no_managed_policies)
ResourceRule(
    "CKV_LAKE_50", "Roles take the path and the boundary that are asked for", ("aws_iam_role",), takes_the_boundary
)
