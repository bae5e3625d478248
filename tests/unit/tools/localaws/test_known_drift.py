from __future__ import annotations

import pytest

from tools.localaws import known_drift

KNOWN = (
    known_drift.KnownDrift("aws_security_group", "egress", "what the provider took away is forgotten"),
    known_drift.KnownDrift("aws_flow_log", "*", "nothing is told of it but that it exists"),
)


@pytest.fixture
def some_are_known(monkeypatch):
    monkeypatch.setattr(known_drift, "known_drift", lambda: KNOWN)


def test_everything_that_the_emulator_is_known_for_says_why():
    assert all(len(each.why.split()) > 5 for each in known_drift.known_drift())


def test_a_known_attribute_includes_what_lies_in_it_and_nothing_that_only_starts_alike(some_are_known):
    assert known_drift.is_known("aws_security_group", "egress[0].cidr_blocks")
    assert known_drift.is_known("aws_flow_log", "anything")
    assert not known_drift.is_known("aws_security_group", "egress_rules")
    assert not known_drift.is_known("aws_kinesis_stream", "egress")
