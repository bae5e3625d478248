from __future__ import annotations

import pytest

from tools.deployments.aws import Aws
from tools.errors import LakeError

KEYS = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
NOWHERE = "http://127.0.0.1:1"


def test_without_a_way_to_aws_the_credentials_are_not_blamed(monkeypatch):
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)

    with pytest.raises(LakeError, match=r'^AWS cannot be reached \(.*"http://127.0.0.1:1/"\); look at network'):
        Aws({**KEYS, "AWS_ENDPOINT_URL": NOWHERE}).account_id()


def test_a_profile_that_is_not_there_is_named_with_the_options_that_take_one(monkeypatch, tmp_path):
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))

    with pytest.raises(LakeError, match=r"profile \(lake\) could not be found; .*--consumer-profile"):
        Aws({"AWS_PROFILE": "lake"})
