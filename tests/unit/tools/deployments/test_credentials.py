from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.unit.tools.aws_answers import failed, raising
from tools.deployments.credentials import Identities, Identity
from tools.errors import LakeError, UsageError


def test_a_profile_puts_keys_of_the_environment_aside():
    base = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t", "PATH": "/bin"}

    assert Identity("lake").environment(base) == {"AWS_PROFILE": "lake", "PATH": "/bin"}
    assert Identity().environment(base) == base


def test_a_role_that_may_not_be_assumed_is_named(monkeypatch):
    client = SimpleNamespace(assume_role=raising(failed("AssumeRole", 403, "AccessDenied")))
    monkeypatch.setattr("tools.deployments.aws.Aws", lambda *_: SimpleNamespace(client=lambda _: client))

    with pytest.raises(LakeError, match=r"cannot assume arn:role .*AccessDenied"):
        Identity(role_arn="arn:role").environment({})


def test_credentials_of_a_pair_are_a_usage_error_for_one_account():
    identities = Identities(producer=Identity("tables"), consumer=Identity(role_arn="arn:role"))

    with pytest.raises(UsageError, match="others: --producer-profile tables --consumer-assume-role-arn arn:role"):
        identities.for_environment("single-account")
    with pytest.raises(UsageError, match="consumer is in one account"):
        identities.for_environment("consumer")
    assert Identities().for_environment("single-account") == Identity()


def test_one_half_takes_its_own_credentials():
    assert Identities(producer=Identity("tables")).for_environment("producer") == Identity("tables")
    assert Identities(consumer=Identity("lake")).for_environment("consumer") == Identity("lake")
    for env in ("consumer", "single-account"):
        assert Identities(Identity("lake")).for_environment(env) == Identity("lake")
    with pytest.raises(UsageError, match="give --profile a or --consumer-profile b, not both"):
        Identities(Identity("a"), consumer=Identity("b")).for_environment("consumer")
