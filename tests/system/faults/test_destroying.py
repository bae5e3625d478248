"""Destroying what a failed deploy left, and going on after a kill, a refusal or a failure at each stage."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress

import pytest

from tests.system import checkouts
from tests.system.commands import run
from tests.system.faults.lake import MODULE
from tests.system.waiting import wait_until
from tools import paths
from tools.deployments.aws import Aws
from tools.localaws import service

pytestmark = [
    pytest.mark.system,
    pytest.mark.xdist_group("faults-destroying"),
    pytest.mark.timeout(3600),
    pytest.mark.long,
]

ENVIRONMENT = ("single-account", "--local")
DEPLOY = ("tools.deploy", *ENVIRONMENT, "--yes", "--var-file", "envs/single-account/demo.tfvars")
DESTROY = ("tools.destroy", *ENVIRONMENT, "--yes", "--purge-bucket")
PAIR = ("cross-account", "--local", "--yes")
TABLE = "blog-srsa-ddb-table"
APPLY = "tools.terraform.runner:Terraform.apply"
STAGES = {
    "stop changes, before": {"function": "tools.lake.delivery_end:stop_changes", "when": "before"},
    "stop changes, after": {"function": "tools.lake.delivery_end:stop_changes", "when": "after"},
    "wait for delivery": {"function": "tools.operations.draining:wait", "when": "before"},
    "stop delivery": {"function": "tools.lake.delivery_end:remove_delivery_streams", "when": "after"},
    "purge": {"function": "tools.lake.purge:purge", "when": "after"},
    "lift deletion protection": {"function": "tools.lake.deletion_protection:lift", "when": "after"},
    "destroy, before": {"function": APPLY, "when": "before"},
}
"""Stage -> where the command is killed, in the order in which stages come: each run finds what the last one left."""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Local AWS in a folder of its own, with nothing deployed."""
    folder = tmp_path_factory.mktemp("destroying")
    service.up(folder)
    yield folder
    service.purge(folder)


def clients(home, account=service.SINGLE_ACCOUNT):
    return Aws(service.connect(home).environment(account)).client


def left(home, account=service.SINGLE_ACCOUNT):
    """Returns what is left in an account, as its APIs list it."""
    client = clients(home, account)
    return [
        *client("dynamodb").list_tables()["TableNames"],
        *client("kinesis").list_streams()["StreamNames"],
        *client("firehose").list_delivery_streams()["DeliveryStreamNames"],
        *(each["Name"] for each in client("s3").list_buckets()["Buckets"]),
        *(each["FunctionName"] for each in client("lambda").list_functions()["Functions"]),
        *(each["RoleName"] for each in client("iam").list_roles()["Roles"]),
        *(each["logGroupName"] for each in client("logs").describe_log_groups()["logGroups"]),
        *(each["AlarmName"] for each in client("cloudwatch").describe_alarms()["MetricAlarms"]),
        *(each["Name"] for each in client("glue").get_databases()["DatabaseList"]),
        *(each["VpcId"] for each in client("ec2").describe_vpcs()["Vpcs"] if not each["IsDefault"]),
        *(
            each["AliasName"]
            for each in client("kms").list_aliases()["Aliases"]
            if "alias/aws/" not in each["AliasName"]
        ),
        *(each["TopicArn"] for each in client("sns").list_topics()["Topics"]),
        *(each["Name"] for each in client("athena").list_work_groups()["WorkGroups"] if each["Name"] != "primary"),
    ]


def killed(home, tmp_path, command, **fault):
    """Runs a command that kills itself at a call of a function, and returns what it had printed."""
    mark = tmp_path / "killed"
    mark.unlink(missing_ok=True)
    module, *arguments = command
    given = json.dumps({"kill": {**fault, "mark": str(mark)}})
    result = run(MODULE, given, module, *arguments, home=home, timeout=900)
    assert mark.exists(), result.stdout + result.stderr
    assert result.returncode == -signal.SIGKILL
    return result.stdout


def resources(home):
    """Returns how many resources the state holds, without those that Terraform only reads."""
    try:
        state = json.loads((home / "deployments/single-account/default/terraform.tfstate").read_text())
    except (OSError, ValueError):
        return 0
    return sum(each["mode"] == "managed" for each in state["resources"])


def lose_a_security_group(home):
    """Makes a security group that the state does not know in the deployment's network, and returns its id."""
    ec2 = clients(home)("ec2")
    networks = [each for each in ec2.describe_vpcs()["Vpcs"] if not each["IsDefault"]]
    ((network, name),) = ((each["VpcId"], tag["Value"]) for each in networks for tag in each["Tags"])
    tags = [{"ResourceType": "security-group", "Tags": [{"Key": "Name", "Value": name}]}]
    group = ec2.create_security_group(GroupName="lost", Description="lost", VpcId=network, TagSpecifications=tags)
    return group["GroupId"]


def test_a_deploy_that_failed_in_its_middle_is_destroyed_without_outputs(home):
    dynamodb = clients(home)("dynamodb")
    dynamodb.create_table(
        TableName=TABLE,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    failed = run(*DEPLOY, home=home, timeout=900)
    assert failed.returncode == 1, failed.stderr
    assert resources(home) > 10
    lost = lose_a_security_group(home)

    destroyed = run(*DESTROY, home=home, timeout=900)

    assert destroyed.returncode == 0, destroyed.stderr
    assert f"removed security group {lost}" in destroyed.stdout
    # Somebody else's table is not touched.
    assert f"table {TABLE} is still there, and was not in the state" in destroyed.stderr
    assert left(home) == [TABLE]
    assert not (home / "deployments/single-account/default").exists()
    dynamodb.delete_table(TableName=TABLE)


def test_a_deploy_that_is_interrupted_is_destroyed(home):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    deploy = subprocess.Popen(
        [sys.executable, "-m", *DEPLOY],
        cwd=paths.REPOSITORY,
        env={**environment, "LAKE_LOCAL_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: resources(home) > 10 or deploy.poll() is not None, "some resources")
    deploy.send_signal(signal.SIGINT)
    assert deploy.wait(timeout=600)

    destroyed = run(*DESTROY, home=home, timeout=900)

    assert destroyed.returncode == 0, destroyed.stderr
    assert left(home) == []


@contextmanager
def held(home, bucket):
    """Puts one object version under a legal hold for a while, so that nobody may remove it."""
    s3 = clients(home)("s3")
    s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"})
    version = s3.list_object_versions(Bucket=bucket)["Versions"][0]
    place = {"Bucket": bucket, "Key": version["Key"], "VersionId": version["VersionId"]}
    s3.put_object_legal_hold(**place, LegalHold={"Status": "ON"})
    yield
    s3.put_object_legal_hold(**place, LegalHold={"Status": "OFF"})


def test_a_destroy_goes_on_after_a_kill_at_each_stage_and_after_a_refusal(home, tmp_path):
    deployed = run(*DEPLOY, home=home, timeout=900)
    assert deployed.returncode == 0, deployed.stderr
    (bucket,) = (each["Name"] for each in clients(home)("s3").list_buckets()["Buckets"])
    clients(home)("dynamodb").put_item(TableName=TABLE, Item={"id": {"S": "last"}})

    for stage, fault in STAGES.items():
        if stage == "purge":
            with held(home, bucket):
                refused = run(*DESTROY, home=home, timeout=900)
            assert refused.returncode == 1, refused.stdout
            assert "cannot delete data/" in refused.stderr
            assert "Traceback" not in refused.stderr
        printed = killed(home, tmp_path, DESTROY, **fault)
        assert f"==> {stage.partition(',')[0]}" in printed or stage == "purge"
        assert left(home), stage
    # All is gone, and the folder is not.
    killed(home, tmp_path, DESTROY, function="tools.deployments.memory:forget", when="before")
    assert left(home) == []
    again = run(*DESTROY, home=home, timeout=900)

    assert again.returncode == 0, again.stderr
    assert "Nothing is deployed as single-account --local" in again.stdout
    assert not (home / "deployments/single-account/default").exists()


def test_of_a_pair_the_consumer_stays_until_the_producer_is_gone(home, tmp_path):
    deploy = ("tools.deploy", *PAIR, "--var-file", "envs/producer/demo.tfvars")
    deployed = run(*deploy, home=home, timeout=1500)
    assert deployed.returncode == 0, deployed.stderr
    item = {"id": {"S": "last"}}
    clients(home, service.PRODUCER)("dynamodb").put_item(TableName="blog-srca-ddb-table", Item=item)
    destroy = ("tools.destroy", *PAIR, "--purge-bucket")
    lake = left(home, service.CONSUMER)

    # In the middle of the producer's apply: its outputs are gone, and some of it is there.
    killed(home, tmp_path, destroy, function=APPLY, when="before")
    assert left(home, service.CONSUMER) == lake
    state = home / "deployments/producer/default/terraform.tfstate"
    content = json.loads(state.read_text())
    assert content["resources"]
    state.write_text(json.dumps({**content, "outputs": {}}))

    printed = killed(home, tmp_path, destroy, function="tools.lake.purge:purge", when="after")
    assert "Destroyed producer" in printed
    assert left(home, service.PRODUCER) == []
    again = run(*destroy, home=home, timeout=900)

    assert again.returncode == 0, again.stderr
    assert left(home, service.CONSUMER) == []


REFUSED = "444444444444"
"""An account in which a role may do all but one thing."""


def act_as_one_who_may_not(home, action):
    """Lets the deployer's role do everything but `action`, and returns its ARN; None lets it do all."""
    iam = clients(home, REFUSED)("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{REFUSED}:root"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    with suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName="deployer", AssumeRolePolicyDocument=document)
    statements = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    statements += [{"Effect": "Deny", "Action": action, "Resource": "*"}] if action else []
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_role_policy(RoleName="deployer", PolicyName="all-but-one", PolicyDocument=policy)
    return f"arn:aws:iam::{REFUSED}:role/deployer"


ROLE = ("--assume-role-arn", f"arn:aws:iam::{REFUSED}:role/deployer")


def test_a_deploy_and_a_destroy_that_were_refused_one_action_end_with_it(home, tmp_path):
    checkout = checkouts.copy(tmp_path / "checkout", service.connect(home).environment(REFUSED))

    def acting(verb, *options):
        """Runs a verb as the deployer's role, in an account and not with --local."""
        return checkout.run(verb, "single-account", "--yes", *ROLE, *options)

    act_as_one_who_may_not(home, "firehose:CreateDeliveryStream")
    deployed = acting("deploy", "--no-check-account", "--var-file", "envs/single-account/demo.tfvars")
    assert deployed.code == 1, deployed.err
    assert "firehose:CreateDeliveryStream" in deployed.err

    act_as_one_who_may_not(home, "iam:DeleteRole")
    refused = acting("destroy", "--purge-bucket")
    assert refused.code == 1, refused.err
    assert "iam:DeleteRole" in refused.err
    assert "Traceback" not in refused.err

    act_as_one_who_may_not(home, None)
    destroyed = acting("destroy", "--purge-bucket")
    assert destroyed.code == 0, destroyed.err
    assert left(home, REFUSED) == ["deployer"]
