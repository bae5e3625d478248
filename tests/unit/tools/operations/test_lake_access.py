from __future__ import annotations

import pytest

from tools import paths
from tools.deployments.choose import Where
from tools.deployments.credentials import Identities, Identity
from tools.errors import UsageError
from tools.localaws import service
from tools.operations.lake_access import choose_lake


@pytest.fixture(autouse=True)
def _own_folders(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "DEPLOYMENTS", tmp_path / "deployments")
    monkeypatch.setenv("LAKE_LOCAL_HOME", str(tmp_path / "local"))
    local = service.LocalAws("https://127.0.0.1:1", tmp_path / "ca.pem")
    monkeypatch.setattr(service, "up", lambda _home: local)
    monkeypatch.setattr(service, "connect", lambda _home: local)


def names(env):
    found = choose_lake(env, Where(local=True), Identities(), quiet=True)
    return found.lake.environment_name, found.tables and found.tables.environment_name


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ("single-account", ("single-account", "single-account")),
        ("consumer", ("consumer", None)),
        ("cross-account", ("consumer", "producer")),
    ],
)
def test_the_lake_is_the_consumers_and_tables_are_the_producers(env, expected):
    assert names(env) == expected


def test_the_producer_is_told_to_ask_the_consumer():
    with pytest.raises(UsageError, match=r"give consumer --local$"):
        choose_lake("producer", Where(local=True), Identities(), quiet=True)


def test_credentials_are_those_that_are_named():
    found = choose_lake("consumer", Where(), Identities(consumer=Identity("lake")), quiet=True)

    assert found.lake.environment_variables["AWS_PROFILE"] == "lake"
