from __future__ import annotations

import pytest

from tools.iam.documents import read
from tools.iam.evaluator import Request
from tools.localaws.firehose.key_policies import denial

OWN, OTHER = "111111111111", "222222222222"
ROLE = f"arn:aws:iam::{OWN}:role/delivery"
ROOT = {"AWS": f"arn:aws:iam::{OWN}:root"}
USE = {"Action": "kms:Decrypt", "Resource": "*"}


def policy(*statements):
    return read({"Statement": [{"Effect": "Allow", **USE, **each} for each in statements]})


def refused(key_policy, role_policies=None, state="Enabled", account=OWN):
    request = Request("kms:Decrypt", f"arn:aws:kms:us-east-1:{account}:key/1", {"kms:CallerAccount": OWN})
    return denial(ROLE, policy({}) if role_policies is None else role_policies, key_policy, state, request) or ""


def test_a_role_may_use_a_key_whose_policy_names_its_account_and_that_its_own_policies_allow():
    assert not refused(policy({"Principal": ROOT}))
    assert "does not allow it" in refused(policy())
    assert "none of the role's policies" in refused(policy({"Principal": ROOT}), policy())


@pytest.mark.parametrize("principal", ["*", {"AWS": ROLE}, {"AWS": "*"}, ROOT, {"AWS": OWN}])
def test_a_denial_in_the_keys_policy_wins_however_it_names_the_role(principal):
    allowed, denied = {"Principal": ROOT}, {"Principal": principal, "Effect": "Deny"}

    assert "the key's policy denies it" in refused(policy(allowed, denied))


def test_a_denial_for_somebody_else_changes_nothing():
    denied = {"Principal": {"AWS": f"arn:aws:iam::{OWN}:role/other"}, "Effect": "Deny"}

    assert not refused(policy({"Principal": ROOT}, denied))


def test_a_denial_of_the_roles_own_wins_over_a_key_that_names_the_role():
    named = policy({"Principal": {"AWS": ROLE}})

    assert not refused(named, policy())
    assert "the role's policies deny it" in refused(named, policy({"Effect": "Deny"}))


def test_a_key_of_another_account_needs_both_policies():
    named = policy({"Principal": {"AWS": ROLE}})

    assert not refused(named, account=OTHER)
    assert "none of the role's policies" in refused(named, policy(), account=OTHER)


def test_an_unknown_operator_is_named_once_in_the_reason():
    allowed = policy({"Principal": ROOT, "Condition": {"StringMatches": {"kms:CallerAccount": OWN}}})

    assert refused(allowed).count("StringMatches") == 1


@pytest.mark.parametrize("state", ["Disabled", "PendingDeletion"])
def test_a_key_that_is_not_enabled_refuses(state):
    assert refused(policy({"Principal": ROOT}), state=state) == f"the key is {state}"
