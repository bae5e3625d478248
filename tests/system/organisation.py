"""What an organisation has in an account of local AWS: a role that deploys, a boundary, a key, a network, a bucket."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.docs import deployer_policy
from tests.system.accounts import document
from tools.deployments.aws import Aws

PATH = "/lake/"
BUCKET = "lake-of-the-organisation"
ADMINISTRATION = ("kms:DescribeKey", "kms:GetKeyPolicy", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion")

BOUNDED = ("ec2", "kinesis", "kms", "lambda", "logs", "s3")
"""The services that the boundary leaves to roles."""


EVERYWHERE = {"Action": sorted(deployer_policy.LOCAL), "Resource": "*"}
"""What local AWS authorises on another resource than AWS does: the documents have these actions on AWS's."""


@dataclass(frozen=True)
class Organisation:
    """What hands it to an environment, and the variables by which a client acts as the role that deploys."""

    variables: dict[str, Any]
    deployer: dict[str, str]


def make(root: dict[str, str], place: deployer_policy.Place) -> Organisation:
    """Makes all of it with the root of the account; the role that deploys may do what its documents say alone."""
    aws = Aws(root)
    iam, account = aws.client("iam"), place.account
    boundary = iam.create_policy(
        PolicyName="workloads",
        PolicyDocument=document({"Action": [f"{each}:*" for each in BOUNDED], "Resource": "*"}),
    )["Policy"]["Arn"]
    trust = document({"Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}})
    role = iam.create_role(RoleName="deployer", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    policies = [*deployer_policy.documents("single-account", place), json.loads(document(EVERYWHERE))]
    for number, policy in enumerate(policies):
        made = iam.create_policy(PolicyName=f"deployer-{number}", PolicyDocument=json.dumps(policy))
        iam.attach_role_policy(RoleName="deployer", PolicyArn=made["Policy"]["Arn"])
    keys = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="deployer")["Credentials"]
    variables = {
        "iam_path": PATH,
        "permissions_boundary_arn": boundary,
        "kms_key_arn": aws.client("kms").create_key()["KeyMetadata"]["Arn"],
        "network": _network(aws.client("ec2")),
        "existing_bucket": BUCKET,
        "tags": {"cost-centre": "42"},
    }
    _bucket(aws.client("s3"), variables["kms_key_arn"])
    return Organisation(
        variables,
        {
            **root,
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "AWS_SESSION_TOKEN": keys["SessionToken"],
        },
    )


def hold_to_policies(aws: Aws, key: str, outputs: dict[str, Any]) -> None:
    """Gives the key and the bucket the policies that a deployment asks for, the key's administration beside."""
    account = key.split(":")[4]
    administration = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": ADMINISTRATION,
        "Resource": "*",
    }
    asked = json.loads(outputs["kms_key_policy_json"])
    whole = {**asked, "Statement": [administration, *asked["Statement"]]}
    aws.client("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(whole))
    aws.client("s3").put_bucket_policy(Bucket=BUCKET, Policy=outputs["bucket_policy_json"])


def _network(ec2: Any) -> dict[str, Any]:
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/24")["Vpc"]["VpcId"]
    zones = {"us-east-1a": "10.1.0.0/26", "us-east-1b": "10.1.0.64/26"}
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for zone, cidr in zones.items()
    ]
    return {"vpc_id": vpc, "subnet_ids": subnets}


def _bucket(s3: Any, key: str) -> None:
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    s3.put_bucket_encryption(
        Bucket=BUCKET,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}]
        },
    )
