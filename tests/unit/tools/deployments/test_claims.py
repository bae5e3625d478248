from __future__ import annotations

import threading

import pytest

from tools.deployments import claims, environments, folders, settings
from tools.deployments.deployment import Deployment
from tools.deployments.folders import DeploymentFolder
from tools.deployments.settings import Claim, Settings
from tools.errors import RefusedError

A, B = "111111111111", "222222222222"
DEV = Claim(A, "us-east-1", "dev", ("events", "orders"))


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (Claim(A, "us-east-1", "prod", ("orders",)), "table orders is streamed already by the dev one in account 1111"),
        (Claim(A, "us-east-1", "dev", ("customers",)), "name dev is in use already by the dev one in account 1111"),
    ],
)
def test_two_deployments_in_one_account_and_region_share_no_table_and_no_name(wanted, says):
    assert says in claims.collision(wanted, [("the dev one", DEV)])


@pytest.mark.parametrize(
    "wanted",
    [
        Claim(A, "us-east-1", "prod", ("customers",)),
        Claim(B, "us-east-1", "dev", ("orders",)),
        Claim(A, "eu-west-1", "dev", ("orders",)),
    ],
)
def test_other_tables_another_account_or_another_region_stand_side_by_side(wanted):
    assert claims.collision(wanted, [("the dev one", DEV)]) is None


@pytest.mark.parametrize("env", ["single-account", "producer"])
def test_what_is_not_given_is_the_environments_own_default(env):
    environment = environments.find(env)

    claim = claims.wanted(environment, {"tables": None}, A)

    assert claim == Claim(A, "us-east-1", environment.default("name"), tuple(environment.default("tables")))
    assert len(claim.tables) == 1


def test_what_is_given_counts_and_a_value_that_is_no_map_names_no_table():
    environment = environments.find("single-account")
    given = {"tables": {"b": {}, "a": {}}, "name": "prod", "region": "eu-west-1"}

    assert claims.wanted(environment, given, A) == Claim(A, "eu-west-1", "prod", ("a", "b"))
    assert claims.wanted(environment, {**given, "tables": "broken"}, A).tables == ()


def test_the_tables_of_a_consumer_are_not_in_its_account():
    assert claims.wanted(environments.find("consumer"), {"tables": {"a": {}}}, A).tables == ()


def deployment(root, name):
    environment = environments.find("single-account")
    home = DeploymentFolder(root / "single-account" / name)
    return Deployment(environment, home, home.terraform_folder, home.data_folder, {})


def keep(place, claim):
    settings.write(place.home.settings_file, Settings(claim=claim))


def test_a_deployment_is_refused_what_another_holds_and_never_what_it_holds_itself(tmp_path):
    dev, prod = deployment(tmp_path, "dev"), deployment(tmp_path, "prod")
    keep(dev, DEV)

    claims.check(dev, DEV)
    with pytest.raises(RefusedError, match="by single-account --deployment dev in account"):
        claims.check(prod, DEV)


def test_a_deployment_that_was_only_planned_holds_nothing(tmp_path):
    dev = deployment(tmp_path, "dev")
    keep(dev, None)

    claims.check(deployment(tmp_path, "prod"), DEV)
    assert [folder.name for folder in folders.existing(tmp_path)] == ["dev"]


def test_of_two_that_claim_the_same_at_once_one_goes_on(tmp_path):
    outcomes = []
    both_ready = threading.Barrier(2, timeout=30)

    def claim(name):
        place = deployment(tmp_path, name)
        claims.check(place, DEV)
        both_ready.wait()
        try:
            with claims.exclusive(place, DEV):
                keep(place, DEV)
            outcomes.append("goes on")
        except RefusedError:
            outcomes.append("refused")

    threads = [threading.Thread(target=claim, args=(name,)) for name in ("dev", "prod")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(outcomes) == ["goes on", "refused"]
