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
