from __future__ import annotations

import json
from types import SimpleNamespace

from tools.deployments import environments
from tools.deployments.deployment import Deployment
from tools.deployments.folders import DeploymentFolder
from tools.localaws import known_drift
from tools.operations import drift
from tools.operations.drift import without_known_drift
from tools.plan_review.attributes import Difference
from tools.plan_review.review import Item


def test_on_local_aws_only_what_the_emulator_is_known_for_is_left_out(monkeypatch):
    listed = known_drift.KnownDrift("aws_security_group", "egress", "what the provider took away is forgotten")
    monkeypatch.setattr(known_drift, "known_drift", lambda: (listed,))
    known = Item("a", "aws_security_group", "update", (Difference("egress", "[]", "[{}]"),))
    mixed = Item("b", "aws_security_group", "update", (*known.differences, Difference("ingress", "[]", "[{}]")))
    other = Item("c", "aws_default_security_group", "update", known.differences)
    gone = Item("d", "aws_security_group", "delete")

    found = without_known_drift([known, mixed, other, gone], known_drift.is_known)

    assert [(item.address, [each.path for each in item.differences]) for item in found] == [
        ("b", ["ingress"]),
        ("c", ["egress"]),
        ("d", []),
    ]


def test_a_look_at_what_exists_needs_no_key_of_hashes(tmp_path, monkeypatch):
    seen = []
    outputs = {"region": {"value": "us-east-1"}, "account_id": {"value": "111111111111"}}
    terraform = SimpleNamespace(
        pull_state=lambda: json.dumps({"version": 4, "outputs": outputs}),
        init=lambda _backend: None,
        drift=lambda variables: seen.append(variables.secrets) or {},
    )
    monkeypatch.setattr(Deployment, "terraform", lambda _self: terraform)
    home = DeploymentFolder(tmp_path / "single-account" / "dev")
    environment = environments.find("single-account")

    assert not drift.run(Deployment(environment, home, home.terraform_folder, home.data_folder, {}))
    assert [set(secrets) for secrets in seen] == [{"mask_key"}]
