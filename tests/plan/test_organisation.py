"""What an organisation brings along or asks for: where roles are and what bounds them, its key, network and bucket."""

from __future__ import annotations

import pytest

from tests.plan.plans import BOUNDARY
from tests.plan.reading import of_type


@pytest.mark.parametrize("name", ["consumer-eu-west-1", "producer-eu-west-1"])
def test_every_role_is_on_the_path_and_has_the_boundary(plans, name):
    roles = of_type(plans[name], "aws_iam_role")
    asked = {address: (role["path"], role["permissions_boundary"]) for address, role in roles.items()}
    assert asked == dict.fromkeys(roles, ("/lake/", BOUNDARY))


def test_without_a_path_and_a_boundary_roles_have_none(default):
    for address, role in of_type(default, "aws_iam_role").items():
        assert (role["path"], role["permissions_boundary"]) == ("/", None), address
