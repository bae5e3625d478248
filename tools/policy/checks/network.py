"""The function's network: no traffic goes in or out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tools.policy.checks.base import ResourceRule, always_fails
from tools.policy.hcl import blocks

if TYPE_CHECKING:
    from collections.abc import Mapping

RULES: Final = (
    "aws_security_group_rule",
    "aws_vpc_security_group_egress_rule",
    "aws_vpc_security_group_ingress_rule",
)
"""Resources that open a security group."""

GATEWAYS_AND_ROUTES: Final = (
    "aws_egress_only_internet_gateway",
    "aws_internet_gateway",
    "aws_nat_gateway",
    "aws_route",
    "aws_vpc_endpoint",
    "aws_vpc_peering_connection",
    "aws_ec2_transit_gateway_vpc_attachment",
    "aws_vpn_gateway",
)
"""Resources that connect a VPC with other networks."""


def is_closed(group: Mapping[str, Any]) -> bool:
    """True for a security group with its rules set to none; left out, AWS's default allows all outgoing traffic."""
    return all(_is_empty_list(group, name) for name in ("ingress", "egress"))


def has_no_rules(group: Mapping[str, Any]) -> bool:
    """True for a default security group without rules; Terraform then removes the existing ones."""
    return not any(list(blocks(group, name)) for name in ("ingress", "egress"))


def has_no_routes(table: Mapping[str, Any]) -> bool:
    """True for a route table without routes of its own: it routes inside the VPC only."""
    return _is_empty_list(table, "route")


def _is_empty_list(resource: Mapping[str, Any], name: str) -> bool:
    return not list(blocks(resource, name)) and resource.get(name) in ([[]], [])


ResourceRule("CKV_LAKE_6", "Security groups say that they have no rules", ("aws_security_group",), is_closed)
ResourceRule("CKV_LAKE_10", "Default security groups have no rules", ("aws_default_security_group",), has_no_rules)
ResourceRule("CKV_LAKE_7", "Nothing opens a security group", RULES, always_fails)
ResourceRule(
    "CKV_LAKE_8",
    "Route tables say that they hold no routes",
    ("aws_route_table", "aws_default_route_table"),
    has_no_routes,
)
ResourceRule("CKV_LAKE_9", "Nothing leads out of the VPC", GATEWAYS_AND_ROUTES, always_fails)
