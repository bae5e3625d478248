"""What is removed before what: Terraform destroys in the reverse order of references."""

from __future__ import annotations

import re
from graphlib import TopologicalSorter

import pytest

PARTS = "module.pipeline.module."
FUNCTION = f"{PARTS}transform.aws_lambda_function.this"
REMOVES_INTERFACES = f"{PARTS}transform.aws_iam_role_policy.interfaces"
MAKES_INTERFACES = f"{PARTS}transform.aws_iam_role_policy.this"
ROLE = f"{PARTS}transform.aws_iam_role.this"
GROUP = f"{PARTS}transform.aws_security_group.this"
SUBNETS = f"{PARTS}network.aws_subnet.private"
ALIAS = f"{PARTS}transform.aws_lambda_alias.live"
TABLE = f"{PARTS}table.aws_dynamodb_table.this"
DESTINATION = f"{PARTS}table.aws_dynamodb_kinesis_streaming_destination.this"
STREAM = f"{PARTS}stream.aws_kinesis_stream.this"
DELIVERY_STREAM = f"{PARTS}delivery.aws_kinesis_firehose_delivery_stream.this"
DELIVERY_ROLE = f"{PARTS}delivery.aws_iam_role.this"
DELIVERY_POLICY = f"{PARTS}delivery.aws_iam_role_policy.this"
KEY = "module.key.aws_kms_key.this"


@pytest.fixture(scope="module", params=["single-account", "producer"])
def needs(sandbox, request):
    """Resource -> the resources that it refers to, directly or through modules, as Terraform sees them."""
    done = sandbox.run(sandbox.folder(f"envs/{request.param}"), "graph")
    assert done.returncode == 0, done.stderr
    found = {name: set() for name in re.findall(r'^\s+"([^"]+)" \[label', done.stdout, re.MULTILINE)}
    for one, other in re.findall(r'^\s+"([^"]+)" -> "([^"]+)";', done.stdout, re.MULTILINE):
        found[one].add(other)
    return found


def outlived_by(needs, resource):
    """Returns what is still there when a resource is destroyed, as long as all of it is destroyed."""
    found, todo = set(), [resource]
    while todo:
        new = needs[todo.pop()] - found
        found |= new
        todo += new
    return found


def test_nothing_refers_to_itself_over_others(needs):
    assert len(list(TopologicalSorter(needs).static_order())) == len(needs) > 20


def test_lambda_may_remove_the_interfaces_until_function_group_and_subnets_are_gone(needs):
    for resource in (FUNCTION, GROUP, SUBNETS):
        assert {REMOVES_INTERFACES, ROLE} <= outlived_by(needs, resource), resource
    assert not {FUNCTION, GROUP, SUBNETS, MAKES_INTERFACES} & outlived_by(needs, REMOVES_INTERFACES)


def test_a_function_is_made_after_all_that_lambda_needs_for_its_interfaces(needs):
    assert {REMOVES_INTERFACES, MAKES_INTERFACES, GROUP, SUBNETS} <= outlived_by(needs, FUNCTION)


def test_a_table_stops_to_stream_before_anything_goes_that_its_changes_pass(needs):
    on_the_way = {DELIVERY_STREAM, STREAM, FUNCTION, ALIAS, DELIVERY_ROLE, DELIVERY_POLICY}

    assert on_the_way <= outlived_by(needs, DESTINATION)
    assert on_the_way - {DELIVERY_STREAM} <= outlived_by(needs, DELIVERY_STREAM)


def test_the_key_outlives_all_that_is_encrypted_under_it(needs):
    for resource in (TABLE, STREAM, DELIVERY_STREAM, FUNCTION):
        assert KEY in outlived_by(needs, resource), resource


def test_terraform_waits_longer_for_the_interfaces_than_lambda_takes(sandbox):
    for module, resource in (("network", "aws_subnet"), ("transform", "aws_security_group")):
        text = (sandbox.folder(f"modules/{module}") / "main.tf").read_text()
        block = text.partition(f'resource "{resource}"')[2].partition("\nresource ")[0]
        minutes = re.search(r'timeouts \{\s+delete = "(\d+)m"', block)
        assert minutes, resource
        assert int(minutes[1]) > 60, resource
