"""What lies in a network of ours that the state does not know: the network cannot be removed while it is there.

Ctrl-C makes Terraform give up the call that is under way, and what AWS made in it can be missing in the state. Others
put things into a network too: GuardDuty an endpoint, with a security group.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from tools.cli import console
from tools.deployments.aws import reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tools.operations.preflight.account import Account
    from tools.terraform.state import State


@dataclass(frozen=True)
class _Kind:
    """A kind of what lies in a network: what EC2 calls the list, the id, and the operation that removes one.

    `is_made` says whether a deployment makes such things at all.
    """

    noun: str
    described_by: str
    member: str
    id: str
    removed_by: str
    is_made: bool = True


_KINDS: Final = (
    _Kind("endpoint", "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId", "delete_vpc_endpoints", is_made=False),
    _Kind(
        "network interface",
        "describe_network_interfaces",
        "NetworkInterfaces",
        "NetworkInterfaceId",
        "delete_network_interface",
        is_made=False,
    ),
    _Kind("security group", "describe_security_groups", "SecurityGroups", "GroupId", "delete_security_group"),
    _Kind("subnet", "describe_subnets", "Subnets", "SubnetId", "delete_subnet"),
    _Kind("route table", "describe_route_tables", "RouteTables", "RouteTableId", "delete_route_table"),
)
"""In the order in which they can be removed."""


@dataclass(frozen=True)
class Leftover:
    """Something in the network `network` that the state does not know; `is_ours` where a deploy of ours made it."""

    kind: _Kind
    id: str
    name: str
    network: str
    is_ours: bool

    @property
    def title(self) -> str:
        """What it is, with its id and the name that it has."""
        return f"{self.kind.noun} {self.id}" + (f" ({self.name})" if self.name else "")


def find(account: Account, state: State, function_name: str | None) -> list[Leftover]:
    """Returns what lies in the networks of a state and is not in the state.

    It is ours where it is of a kind that a deploy makes, and has the name of the network, as a tag, or the function's.
    What comes and goes with a network, or with the function's own interfaces, is left out. Where the caller may not
    look, that is told.
    """
    known = {str(each.attributes.get("id")) for each in state.resources}
    networks = [each.attributes for each in state.resources if each.type == "aws_vpc"]
    return [found for network in networks for found in _in_network(account, network, known, function_name or "")]


def tell(leftovers: Iterable[Leftover]) -> None:
    """Says of each whether a destroy removes it, and what to do where it does not."""
    for each in leftovers:
        if each.is_ours:
            console.say(f"  {each.title}, which an interrupted deploy made in network {each.network}")
            continue
        option = "--" + "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in each.kind.id)[1:]
        option += "s" if each.kind.removed_by.endswith("s") else ""
        command = f"aws ec2 {each.kind.removed_by.replace('_', '-')} {option} {each.id}"
        console.warn(
            f"{each.title} in network {each.network} is not of this deployment, and the network cannot be removed "
            f"while it is there; once nothing needs it: {command}"
        )


def remove(account: Account, leftovers: Iterable[Leftover]) -> None:
    """Removes those that are ours; one that AWS does not let go is told."""
    for each in leftovers:
        if not each.is_ours:
            continue
        try:
            account.call("ec2", each.kind.removed_by, **{each.kind.id: each.id})
        except (BotoCoreError, ClientError) as error:
            console.warn(f"{each.title} cannot be removed: {reason(error)}")
        else:
            console.say(f"    removed {each.title}")


def _in_network(account: Account, network: Mapping[str, Any], known: set[str], function: str) -> Iterator[Leftover]:
    vpc_id, network_name = str(network["id"]), (network.get("tags") or {}).get("Name")
    for kind in _KINDS:
        try:
            by_network = [{"Name": "vpc-id", "Values": [vpc_id]}]
            answer = account.pages("ec2", kind.described_by, kind.member, Filters=by_network)
        except (BotoCoreError, ClientError) as error:
            console.note(f"cannot see whether {kind.noun}s keep network {vpc_id}: {reason(error)}")
            continue
        for each in answer:
            if each[kind.id] in known or _comes_by_itself(each, function):
                continue
            tag = next((tag["Value"] for tag in each.get("Tags") or () if tag["Key"] == "Name"), "")
            is_named_so = bool(network_name) and (tag == network_name or tag.startswith(f"{network_name}-"))
            is_ours = kind.is_made and (is_named_so or (bool(function) and tag == function))
            name = tag or each.get("GroupName") or each.get("ServiceName") or each.get("Description") or ""
            yield Leftover(kind, each[kind.id], name, vpc_id, is_ours)


def _comes_by_itself(described: Mapping[str, Any], function: str) -> bool:
    """Tells of what comes and goes with a network, with an endpoint, or with the function.

    Amazon VPC User Guide, "Default security groups", "Main route table"; AWS Lambda Developer Guide, "Giving Lambda
    functions access to resources in an Amazon VPC": the description of a function's interface.
    """
    if described.get("GroupName") == "default" or described.get("InterfaceType") == "vpc_endpoint":
        return True
    if any(each.get("Main") for each in described.get("Associations") or ()):
        return True
    owner = "AWS Lambda VPC ENI-" + (f"{function}-" if function else "")
    return str(described.get("Description", "")).startswith(owner)
