from __future__ import annotations

from tests.unit.tools.operations.preflight.recorded import account
from tools.operations import network_leftovers
from tools.terraform.state import Resource, State

STATE = State(
    {},
    (
        Resource("m.aws_vpc.this", "aws_vpc", {"id": "vpc-1", "tags": {"Name": "lake"}}),
        Resource("m.aws_subnet.private", "aws_subnet", {"id": "subnet-known"}),
    ),
)


def named(name):
    return [{"Key": "Name", "Value": name}]


def answers(**more):
    """Answers of an EC2 in which nothing lies but what comes with the network, and `more`: what a list holds."""
    lists = {
        "vpc_endpoints": [],
        "network_interfaces": [
            {
                "NetworkInterfaceId": "eni-own",
                "Description": "AWS Lambda VPC ENI-transform-1f",
                "InterfaceType": "lambda",
            },
            {"NetworkInterfaceId": "eni-of-endpoint", "InterfaceType": "vpc_endpoint"},
        ],
        "security_groups": [{"GroupId": "sg-default", "GroupName": "default"}],
        "subnets": [{"SubnetId": "subnet-known", "Tags": named("lake-private-a")}],
        "route_tables": [{"RouteTableId": "rtb-main", "Associations": [{"Main": True}]}],
    }
    members = {
        "vpc_endpoints": "VpcEndpoints",
        "network_interfaces": "NetworkInterfaces",
        "security_groups": "SecurityGroups",
        "subnets": "Subnets",
        "route_tables": "RouteTables",
    }
    return {f"ec2.describe_{name}": {members[name]: found + more.get(name, [])} for name, found in lists.items()}


LOST = {
    "security_groups": [{"GroupId": "sg-lost", "GroupName": "transform", "Tags": named("transform")}],
    "subnets": [{"SubnetId": "subnet-lost", "Tags": named("lake-private-b")}],
}
FOREIGN = {
    "vpc_endpoints": [{"VpcEndpointId": "vpce-1", "ServiceName": "com.amazonaws.us-east-1.guardduty-data"}],
    "security_groups": [{"GroupId": "sg-gd", "GroupName": "GuardDutyManagedSecurityGroup-vpc-1"}],
    "network_interfaces": [{"NetworkInterfaceId": "eni-1", "Description": "somebody's", "InterfaceType": "interface"}],
}


def test_nothing_is_found_but_what_the_state_does_not_know_of_its_own_network():
    asked = []

    assert network_leftovers.find(account(answers(), asked), STATE, "transform") == []
    assert {str(given["Filters"]) for _, given in asked} == {"[{'Name': 'vpc-id', 'Values': ['vpc-1']}]"}
    assert network_leftovers.find(account({}), State(), "transform") == []


def test_what_has_our_names_is_removed_and_what_has_not_is_told_with_the_command(capsys):
    asked = []
    both = {name: LOST.get(name, []) + FOREIGN.get(name, []) for name in {*LOST, *FOREIGN}}
    removing = {"ec2.delete_security_group": {}, "ec2.delete_subnet": "DependencyViolation"}
    ec2 = account({**answers(**both), **removing}, asked)

    found = network_leftovers.find(ec2, STATE, "transform")
    network_leftovers.tell(found)
    network_leftovers.remove(ec2, found)
    said = capsys.readouterr()

    assert [each.id for each in found] == ["vpce-1", "eni-1", "sg-lost", "sg-gd", "subnet-lost"]
    assert "  security group sg-lost (transform), which an interrupted deploy made in network vpc-1\n" in said.out
    assert "    removed security group sg-lost (transform)\n" in said.out
    assert "aws ec2 delete-vpc-endpoints --vpc-endpoint-ids vpce-1\n" in said.err
    assert "aws ec2 delete-security-group --group-id sg-gd\n" in said.err
    assert "aws ec2 delete-network-interface --network-interface-id eni-1\n" in said.err
    assert "subnet subnet-lost (lake-private-b) cannot be removed: " in said.err
    deleted = [given for operation, given in asked if "delete" in operation]
    assert deleted == [{"GroupId": "sg-lost"}, {"SubnetId": "subnet-lost"}]


def test_where_the_caller_may_not_look_that_is_a_note(capsys):
    refused = {**answers(**LOST), "ec2.describe_vpc_endpoints": "UnauthorizedOperation"}

    assert len(network_leftovers.find(account(refused), STATE, "transform")) == 2
    assert "cannot see whether endpoints keep network vpc-1: " in capsys.readouterr().err
