"""Without --local: a deployment in the account of the credentials, here an account of local AWS."""

from __future__ import annotations

import json
import signal
from types import SimpleNamespace

import pytest

from tests.system import checkouts
from tests.system.commands import done
from tools.deployments.aws import Aws
from tools.localaws import service

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("account")]

ACCOUNT = "333333333333"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A checkout of its own, local AWS as the account of the credentials, and buckets for state and artifact."""
    home = tmp_path_factory.mktemp("account") / "local"
    folder = home.parent / "checkout"
    done("tools.local", "up", home=home, timeout=600)
    environment = service.connect(home).environment(ACCOUNT)
    s3 = Aws(environment).client("s3")
    for bucket in ("state-of-the-lake", "artifacts-of-the-lake"):
        s3.create_bucket(Bucket=bucket)
    checkout = checkouts.copy(folder, environment)
    settings = folder / "state.s3.tfbackend"
    settings.write_text(
        'bucket = "state-of-the-lake"\nkey = "lake.tfstate"\nregion = "us-east-1"\nuse_path_style = true\n'
    )
    yield SimpleNamespace(
        folder=folder, environment=environment, s3=s3, settings=settings, start=checkout.start, run=checkout.run
    )
    done("tools.local", "down", home=home)


DEPLOY = ("--yes", "--var-file", "envs/single-account/demo.tfvars", "--var", "artifact_bucket=artifacts-of-the-lake")


def look(checkout, *options):
    """What `--check-account` finds: its exit code, where something would stop an apply, and all of it."""
    ended = checkout.run("deploy", "single-account", "--check-account", "--json", *options)
    (found,) = json.loads(ended.out)
    assert found["account_id"] == ACCOUNT
    return ended.code, {each["where"] for each in found["findings"] if each["kind"] == "stops"}, ended.out


def test_a_look_at_the_account_finds_what_is_taken_and_makes_nothing(checkout):
    aws = Aws(checkout.environment, "us-east-1")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    aws.impatient_client("iam").create_role(RoleName="Taken-Transform-us-east-1", AssumeRolePolicyDocument=policy)
    aws.client("kinesis").create_stream(StreamName="taken-data-stream", ShardCount=1)
    aws.client("logs").create_log_group(logGroupName="/aws/lambda/taken-transform")
    aws.client("s3").create_bucket(Bucket=f"taken-datalake-{ACCOUNT}-us-east-1")

    options = ("--deployment", "taken", "--var", "name=taken", "--var", "tables={taken={},absent={existing=true}}")
    code, stops, found = look(checkout, *options, "--var", 'availability_zone_suffixes=["a","z"]')

    assert code == 1
    assert stops == {
        "role taken-transform-us-east-1",
        "data stream taken-data-stream",
        "log group /aws/lambda/taken-transform",
        f"bucket taken-datalake-{ACCOUNT}-us-east-1",
        "table absent",
        "Availability Zone us-east-1z",
    }, found
    assert aws.client("kinesis").list_streams()["StreamNames"] == ["taken-data-stream"]
    aws.client("kinesis").delete_stream(StreamName="taken-data-stream")


def test_ctrl_c_lets_terraform_write_its_state(checkout):
    process = checkout.start("deploy", "single-account", *DEPLOY, "--backend-config", str(checkout.settings))
    for line in process.stdout:
        # By now only a setting is waited for: the provider gives up what is under way, and would not record a stream.
        if "streaming_destination.this created" in line:
            process.send_signal(signal.SIGINT)
            break
    ended = checkouts.finish(process)

    assert ended.code == 130, ended.err
    assert "its state is written" in ended.err
    state = json.loads(checkout.s3.get_object(Bucket="state-of-the-lake", Key="lake.tfstate")["Body"].read())
    assert {"aws_vpc", "aws_kinesis_stream"} <= {resource["type"] for resource in state["resources"]}


def test_the_same_command_goes_on_where_it_was_stopped_with_the_state_where_it_was_put(checkout):
    ended = checkout.run("deploy", "single-account", *DEPLOY)

    assert ended.code == 0, ended.err
    assert f"account {ACCOUNT}" in ended.out
    assert "aws_vpc.this created" not in ended.out
    assert not (checkout.folder / "envs" / "single-account" / "terraform.tfstate").exists()


def test_the_artifact_is_deployed_from_the_bucket_under_its_content_hash(checkout):
    (artifact,) = checkout.s3.list_objects_v2(Bucket="artifacts-of-the-lake")["Contents"]
    deployed = Aws(checkout.environment).client("lambda").get_function(FunctionName="blog-srsa-transform")

    assert artifact["Key"].startswith("lake_transform/lake_transform-python3.13-arm64-")
    assert deployed["Configuration"]["CodeSize"] == artifact["Size"]


def test_what_the_deployment_made_itself_is_not_taken(checkout):
    code, stops, found = look(checkout)

    assert (code, stops) == (0, set()), found


def test_a_second_deployment_keeps_its_state_elsewhere_and_remembers_where(checkout):
    settings = checkout.folder / "second.s3.tfbackend"
    settings.write_text(checkout.settings.read_text().replace("lake.tfstate", "second.tfstate"))
    options = ("--deployment", "second", "--plan-only", "--var", "name=second", "--var", "tables={second={}}")
    planned = checkout.run("deploy", "single-account", *options, "--backend-config", str(settings))
    assert planned.code == 0, planned.err
    assert "aws_vpc.this" in planned.out

    listed = checkout.run("deploy", "--list", "--json")
    states = {each["deployment"]: each["state"] for each in json.loads(listed.out)}
    assert states == {
        "default": "s3://state-of-the-lake/lake.tfstate",
        "second": "s3://state-of-the-lake/second.tfstate",
    }
    again = checkout.run("deploy", "single-account", "--deployment", "second", "--plan-only")
    assert again.code == 3, again.err
    assert "using what the last deploy was given: --backend-config second.s3.tfbackend" in again.out
    assert "left out since the last deploy: --var name, --var tables" in again.err
    assert "table blog-srsa-ddb-table is streamed already by single-account in account" in again.err


def test_another_account_than_the_one_named_is_refused(checkout):
    ended = checkout.run("deploy", "single-account", *DEPLOY, "--plan-only", "--var", "account_id=444444444444")

    assert ended.code == 1
    assert f"credentials are of account {ACCOUNT}" in ended.err
    assert "Traceback" not in ended.err


def test_destroy_finds_what_is_deployed_whatever_the_variables_say_today(checkout):
    ended = checkout.run("destroy", "single-account", "--yes", "--now", "--var", "region=eu-west-1")

    assert ended.code == 0, ended.err
    assert Aws(checkout.environment).client("kinesis").list_streams()["StreamNames"] == []
