"""An organisation's deployment: its role that deploys, its boundary and path of roles, its key, network and bucket.

The role has the documents of the deployer's policy alone, and what the organisation had is all that stays.
"""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from tests.system import checkouts, organisation
from tests.system.accounts import holdings
from tests.system.commands import done
from tests.system.organisation import PLACE
from tools.deployments.aws import Aws
from tools.localaws import service

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("faults-organisation"), pytest.mark.long]

ENVIRONMENT = ("single-account",)
DEPLOY = (
    *(*ENVIRONMENT, "--yes", "--var-file", "envs/single-account/demo.tfvars"),
    *("--var-file", "organisation.tfvars.json", "--backend-config", "state.s3.tfbackend"),
)


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    """The organisation in an account of local AWS, what it has there, and a checkout whose commands its role runs."""
    home = tmp_path_factory.mktemp("organisation") / "local"
    done("tools.local", "up", home=home, timeout=600)
    root = service.connect(home).environment(PLACE.account)
    made = organisation.make(root)
    checkout = checkouts.copy(home.parent / "checkout", made.deployer.environment())
    (checkout.folder / "organisation.tfvars.json").write_text(json.dumps(made.variables))
    (checkout.folder / "state.s3.tfbackend").write_text(
        f'bucket = "{PLACE.states}"\nkey = "lake.tfstate"\nregion = "us-east-1"\nuse_path_style = true\n'
    )
    aws = Aws(root)
    yield SimpleNamespace(
        given=made.variables, deployer=made.deployer, run=checkout.run, aws=aws, had=holdings(aws.client)
    )
    done("tools.local", "down", home=home)


def state(theirs):
    return json.loads(theirs.aws.client("s3").get_object(Bucket=PLACE.states, Key="lake.tfstate")["Body"].read())


def test_a_deploy_names_what_the_deployers_policy_lacks_before_anything_is_made(theirs):
    with theirs.deployer.lacking("firehose:CreateDeliveryStream"):
        ended = theirs.run("deploy", *DEPLOY)

    assert ended.code == 1
    assert f"firehose:CreateDeliveryStream on arn:aws:firehose:us-east-1:{PLACE.account}:deliverystream/" in ended.err
    assert "is not allowed by the policies of" in ended.err
    assert holdings(theirs.aws.client) == theirs.had


def test_an_apply_names_what_the_deployers_policy_lacks(theirs):
    with theirs.deployer.lacking("lambda:CreateAlias"):
        ended = theirs.run("deploy", *DEPLOY, "--no-check-account")

    assert ended.code == 1
    assert "not authorized to perform: lambda:CreateAlias" in ended.err
    assert "Traceback" not in ended.err


def test_the_deployers_policy_alone_is_enough_to_go_on_and_deploy(theirs):
    ended = theirs.run("deploy", *DEPLOY)

    assert ended.code == 0, ended.out + ended.err
    made = {each["type"] for each in state(theirs)["resources"] if each["mode"] == "managed"}
    assert not made & {"aws_vpc", "aws_subnet", "aws_kms_key", "aws_s3_bucket", "aws_s3_bucket_policy"}


def test_changes_arrive_under_the_policies_that_key_and_bucket_are_asked_to_have(theirs):
    outputs = {name: output["value"] for name, output in state(theirs)["outputs"].items()}
    organisation.hold_to_policies(theirs.aws, theirs.given["kms_key_arn"], outputs)

    ended = theirs.run("verify", *ENVIRONMENT)

    assert ended.code == 0, ended.out + ended.err
    s3 = theirs.aws.client("s3")
    delivered = s3.list_objects_v2(Bucket=PLACE.bucket, Prefix="data/")["Contents"]
    head = s3.head_object(Bucket=PLACE.bucket, Key=delivered[0]["Key"])
    assert head["SSEKMSKeyId"] == theirs.given["kms_key_arn"]


def test_every_role_is_on_the_path_under_the_boundary_with_the_tags(theirs):
    iam = theirs.aws.client("iam")
    roles = [iam.get_role(RoleName=each["RoleName"])["Role"] for each in iam.list_roles()["Roles"]]
    ours = {role["Arn"].partition(":role")[2]: role for role in roles if role["RoleName"] != "deployer"}

    assert sorted(ours) == [
        "/lake/blog-srsa-transform-schedule-us-east-1",
        "/lake/blog-srsa-transform-us-east-1",
        "/lake/dynamo-to-lake/us-east-1/blog-srsa-ddb-table-delivery-stream-us-east-1",
    ]
    for role in ours.values():
        boundary = role["PermissionsBoundary"]["PermissionsBoundaryArn"]
        assert boundary == theirs.given["permissions_boundary_arn"]
        assert {"Key": "cost-centre", "Value": "42"} in role["Tags"]


def test_destroy_leaves_what_the_organisation_had_and_what_was_delivered(theirs):
    delivered = theirs.aws.client("s3").list_objects_v2(Bucket=PLACE.bucket, Prefix="data/")["KeyCount"]

    ended = theirs.run("destroy", *ENVIRONMENT, "--yes")

    assert ended.code == 0, ended.out + ended.err
    assert holdings(theirs.aws.client) == theirs.had
    assert state(theirs)["resources"] == []
    assert theirs.aws.client("s3").list_objects_v2(Bucket=PLACE.bucket, Prefix="data/")["KeyCount"] == delivered > 0
    key = theirs.aws.client("kms").describe_key(KeyId=theirs.given["kms_key_arn"])["KeyMetadata"]
    assert key["KeyState"] == "Enabled"
