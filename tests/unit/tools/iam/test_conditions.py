from __future__ import annotations

import pytest

from tests.condition_operators import OPERATORS
from tools.iam import conditions
from tools.iam.documents import read
from tools.iam.evaluator import Request, identity_allows, identity_denies, resource_denies, unknown_operators

ROLE = "arn:aws:iam::111111111111:role/delivery"


@pytest.mark.parametrize(("operator", "wanted", "values", "holds"), OPERATORS)
def test_an_operator_holds_as_aws_documents_it(operator, wanted, values, holds):
    assert conditions.holds(operator, wanted, values) is holds


def test_every_operator_is_in_the_table_with_a_value_that_fits_and_one_that_does_not():
    found = {(operator.lower(), holds) for operator, _, _, holds in OPERATORS}

    for name in [*conditions._FITS, "null"]:
        assert {(name, True), (name, False)} <= found, name


@pytest.mark.parametrize("operator", ["StringMatches", "NullIfExists", "ForSomeValues:StringEquals", "", "Equals"])
def test_an_unknown_operator_never_allows_always_denies_and_is_named(operator):
    condition = {operator: {"aws:SourceIp": "10.0.0.1"}}
    statement = {"Action": "kms:Decrypt", "Resource": "*", "Condition": condition}
    allowing, denying = (read({"Statement": [{**statement, "Effect": effect}]}) for effect in ("Allow", "Deny"))
    request = Request("kms:Decrypt", "x", {"aws:SourceIp": "10.0.0.1"})

    assert not conditions.is_known(operator)
    assert not identity_allows(allowing, request)
    assert identity_denies(denying, request)
    assert unknown_operators(denying).startswith(f" (unknown condition operators: {operator}; ")
    assert not unknown_operators(read({"Statement": []}))


def test_the_known_conditions_of_a_denial_still_limit_it():
    condition = {"StringMatches": {"x": "y"}, "StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
    statement = {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": condition}
    policy = read({"Statement": [statement]})

    via = {"kms:ViaService": "s3.us-east-1.amazonaws.com"}
    assert resource_denies(policy, Request("kms:Decrypt", "x", via), [ROLE])
    assert not resource_denies(policy, Request("kms:Decrypt", "x", {}), [ROLE])
