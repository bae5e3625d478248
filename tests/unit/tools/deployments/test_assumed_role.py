from __future__ import annotations

import json
import os
import shlex
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from tools.deployments import assumed_role
from tools.deployments.aws import Aws
from tools.deployments.credentials import Identity

SOON = datetime.now(UTC) + timedelta(minutes=5)
LATER = datetime.now(UTC) + timedelta(hours=1)


@pytest.fixture
def sts(monkeypatch):
    """STS that gives credentials numbered by call, which last until `expires`, and notes who asked for which role."""
    service = SimpleNamespace(expires=LATER, calls=[])

    def client(base, region):
        def assume_role(**request):
            service.calls.append((dict(base), region, request["RoleArn"]))
            key = f"K{len(service.calls)}"
            return {
                "Credentials": {
                    "AccessKeyId": key,
                    "SecretAccessKey": "S",
                    "SessionToken": "T",
                    "Expiration": service.expires,
                }
            }

        return SimpleNamespace(client=lambda _: SimpleNamespace(assume_role=assume_role))

    monkeypatch.setattr("tools.deployments.aws.Aws", client)
    return service


def test_clients_get_a_profile_that_renews_itself_and_none_of_the_users_own_credentials(sts):
    own = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_WEB_IDENTITY_TOKEN_FILE": "/t"}
    place = {"PATH": "/bin", "AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "https://localhost"}

    acting = Identity(role_arn="arn:role").environment(own | place)

    assert {name: acting[name] for name in place} == place
    assert not own.keys() & acting.keys()
    assert acting["AWS_PROFILE"] == assumed_role.PROFILE
    assert json.loads(acting[assumed_role.BASE]) == own | {name: place[name] for name in place if name != "PATH"}
    assert [(region, role) for _, region, role in sts.calls] == [(None, "arn:role")]


def test_a_client_of_boto3_takes_the_roles_credentials_from_the_process(sts, monkeypatch):
    acting = Identity("base", "arn:role").environment({"PATH": os.environ["PATH"]})
    monkeypatch.undo()

    found = Aws(acting, "us-east-1")._session.get_credentials()

    assert sts.calls[0][0]["AWS_PROFILE"] == "base"
    assert (found.access_key, found.method) == ("K1", "custom-process")
    assert found.refresh_needed() is False


def test_credentials_that_expire_soon_are_asked_for_again_and_others_are_handed_out_again(sts, tmp_path):
    sts.expires = SOON
    assert assumed_role.obtain(tmp_path, {}, "arn:role")["AccessKeyId"] == "K1"
    sts.expires = LATER
    assert assumed_role.obtain(tmp_path, {}, "arn:role")["AccessKeyId"] == "K2"
    assert assumed_role.obtain(tmp_path, {}, "arn:role")["AccessKeyId"] == "K2"
    assert (tmp_path / "credentials.json").stat().st_mode & 0o077 == 0


def test_what_runs_the_process_needs_neither_this_checkouts_folder_nor_its_path(sts, tmp_path):
    acting = Identity(role_arn="arn:role").environment({"PATH": os.environ["PATH"]})
    command = Path(acting["AWS_CONFIG_FILE"]).read_text().partition("credential_process = ")[2]

    done = subprocess.run(
        shlex.split(command), cwd=tmp_path, env={assumed_role.BASE: "{}"}, capture_output=True, check=True
    )

    assert json.loads(done.stdout) == {
        "Version": 1,
        "AccessKeyId": "K1",
        "SecretAccessKey": "S",
        "SessionToken": "T",
        "Expiration": LATER.isoformat(timespec="seconds"),
    }
