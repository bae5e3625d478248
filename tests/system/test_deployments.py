"""Several deployments of one environment: side by side in one account, and of the same tables in two accounts.

`dev` and `prod` are in one account of local AWS, `copy` has the tables and the name of `prod` in the other, and a
replica in another Region.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.system.commands import done, kept_plan, run
from tools.deployments.aws import Aws
from tools.localaws import service

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("deployments")]

FIRST, SECOND = service.ACCOUNTS
DEPLOYMENTS = {
    "dev": ("--var-file", "tests/system/dev.tfvars", "--var", f"account_id={SECOND}", "--var", "log_retention_days=90"),
    "prod": ("--var-file", "tests/system/prod.tfvars", "--var", f"account_id={SECOND}"),
    "copy": (
        *("--var-file", "tests/system/prod.tfvars", "--var", f"account_id={FIRST}"),
        *("--var", 'replication={region="us-west-2"}'),
    ),
}


def verb(name, deployment):
    return (f"tools.{name}", "single-account", "--local", "--deployment", deployment)


@pytest.fixture(scope="module")
def three(home):
    """All three, deployed at once by three processes."""
    with ThreadPoolExecutor() as pool:
        deploys = {
            name: pool.submit(done, *verb("deploy", name), "--yes", *options, home=home, timeout=550)
            for name, options in DEPLOYMENTS.items()
        }
    return {name: deploy.result() for name, deploy in deploys.items()}


def tables(home, account):
    return Aws(service.connect(home).environment(account)).client("dynamodb").list_tables()["TableNames"]


def verified(home, name, *options):
    return [found["record"] for found in json.loads(done(*verb("verify", name), *options, "--json", home=home))]


def in_west(home):
    """Returns what the second Region has of the first account, as its APIs list it."""
    client = Aws(service.connect(home).environment(FIRST), "us-west-2").client
    keys = (each["AliasName"] for each in client("kms").list_aliases()["Aliases"])
    buckets = (each["Name"] for each in client("s3").list_buckets()["Buckets"])
    return {
        *(each["AlarmName"] for each in client("cloudwatch").describe_alarms()["MetricAlarms"]),
        *(each["TopicArn"].rpartition(":")[2] for each in client("sns").list_topics()["Topics"]),
        *(name for name in keys if not name.startswith("alias/aws/")),
        *(name for name in buckets if name.endswith("us-west-2")),
    }


def test_each_deployment_has_its_table_in_its_account(three, home):
    assert {"dev-orders", "prod-orders"} <= set(tables(home, SECOND))
    assert "prod-orders" in tables(home, FIRST)
    assert "dev-orders" not in tables(home, FIRST)


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_what_a_deploy_prints_as_the_next_step_names_the_deployment(three, name):
    assert f"python -m tools.verify single-account --local --deployment {name}" in three[name]


def test_changes_arrive_in_each_deployments_own_lake(three, home):
    with ThreadPoolExecutor() as pool:
        options = {"copy": ("--replica",)}
        verifying = pool.map(lambda name: verified(home, name, *options.get(name, ())), DEPLOYMENTS)
        found = dict(zip(DEPLOYMENTS, verifying, strict=True))

    assert {name: {record["cdc_table"] for record in records} for name, records in found.items()} == {
        "dev": {"dev-orders"},
        "prod": {"prod-orders"},
        "copy": {"prod-orders"},
    }


def test_where_there_is_no_replica_verify_writes_nothing_and_says_so(three, home):
    result = run(*verb("verify", "dev"), "--replica", home=home)

    assert (result.returncode, result.stdout) == (2, "")
    assert "single-account --local --deployment dev has no replica" in result.stderr


def test_a_deploy_without_what_it_was_given_of_the_replica_is_refused(three, home):
    result = run(*verb("deploy", "copy"), "--plan-only", home=home)

    assert result.returncode == 3, result.stdout
    assert "refused: the replica of this deployment is in us-west-2, and replication is not given" in result.stderr


def test_the_list_shows_where_each_deployment_is_and_what_it_was_given(three, home):
    listed = {each["deployment"]: each for each in json.loads(done("tools.deploy", "--list", "--json", home=home))}

    for name, account, table in (
        ("dev", SECOND, "dev-orders"),
        ("prod", SECOND, "prod-orders"),
        ("copy", FIRST, "prod-orders"),
    ):
        each = listed[name]
        assert (each["environment"], each["local"], each["region"]) == ("single-account", True, "us-east-1")
        assert (each["account_id"], each["tables"]) == (account, [table])
        assert each["deployed_at"]
        assert each["state"] == str(home / "deployments" / "single-account" / name / "terraform.tfstate")


def test_the_next_deploy_uses_what_the_last_one_was_given_and_says_what_it_could_not_keep(three, home):
    result = run(*verb("deploy", "dev"), "--plan-only", home=home)

    assert result.returncode == 0, result.stderr
    label = "single-account --local --deployment dev"
    given = "using what the last deploy was given: --var-file tests/system/dev.tfvars"
    assert result.stdout.startswith(f"{label}: {given}\n")
    assert f"{label}: left out since the last deploy: --var log_retention_days\n" in result.stderr
    review = result.stdout.partition("==> review\n")[2]
    assert review.startswith("left out since the last deploy: --var log_retention_days\n")
    assert {item.type for item in kept_plan(home, "single-account", "dev")} == {"aws_cloudwatch_log_group"}


@pytest.mark.parametrize(
    ("deployment", "account", "options", "code", "message"),
    [
        ("other", SECOND, ("--var-file", "tests/system/prod.tfvars"), 3, "table prod-orders is streamed already by"),
        ("other", SECOND, ("--var", "name=prod", "--var", "tables={mine={}}"), 3, "name prod is in use already by"),
        ("prod", FIRST, (), 3, f"of account {FIRST}, and single-account --local --deployment prod is deployed in"),
        ("other", "333333333333", (), 2, f"its accounts are {FIRST}, {SECOND}"),
        ("../other", SECOND, (), 2, "use 1 to 64 letters, digits, - and _"),
    ],
)
def test_what_cannot_stand_beside_the_others_is_refused_before_anything_is_planned(
    three, home, deployment, account, options, code, message
):
    result = run(*verb("deploy", deployment), "--yes", *options, "--var", f"account_id={account}", home=home)

    assert result.returncode == code, result.stderr
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert "==>" not in result.stdout
    assert not (home / "deployments" / "single-account" / "other").exists()


def test_a_deployment_that_does_not_exist_is_not_verified_and_nothing_is_made_for_it(three, home):
    result = run(*verb("verify", "nobody"), home=home)

    assert result.returncode == 1
    assert "single-account --local --deployment nobody is not deployed here" in result.stderr
    assert not (home / "deployments" / "single-account" / "nobody").exists()


def test_one_is_destroyed_by_name_and_the_others_are_untouched(three, home):
    replica = {"alias/prod-kms-key", "prod-alarms", "prod/replica-late", f"prod-datalake-{FIRST}-us-west-2"}
    assert in_west(home) == replica
    asked = run(*verb("destroy", "dev"), "--purge-bucket", home=home)
    assert asked.returncode == 2
    assert f"(deployment dev in account {SECOND}, us-east-1; tables: dev-orders)" in asked.stdout

    with ThreadPoolExecutor() as pool:
        options = ("--purge-bucket", "--now", "--yes")
        destroys = [
            pool.submit(done, *verb("destroy", name), *options, home=home, timeout=550) for name in ("dev", "copy")
        ]
    for destroy in destroys:
        assert "Destroyed single-account --local --deployment" in destroy.result()

    assert {record["cdc_table"] for record in verified(home, "prod")} == {"prod-orders"}
    assert "dev-orders" not in tables(home, SECOND)
    assert "prod-orders" not in tables(home, FIRST)
    assert in_west(home) == set()
    left = {each["deployment"] for each in json.loads(done("tools.deploy", "--list", "--json", home=home))}
    assert left & DEPLOYMENTS.keys() == {"prod"}
    assert not (home / "deployments" / "single-account" / "dev").exists()
