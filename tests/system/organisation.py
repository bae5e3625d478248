"""What an organisation has in an account of local AWS: a role that deploys, a boundary, a key, a network, a bucket."""

from __future__ import annotations

import json
import platform
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.docs import deployer_policy
from tests.system.accounts import document
from tools.deployments.aws import Aws
from tools.localaws import service

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PLACE = deployer_policy.Place(
    "blog-srsa",
    account=service.SINGLE_ACCOUNT,
    roles="/lake/",
    bucket="lake-of-the-organisation",
    artifacts="packages-of-the-organisation",
    states="states-of-the-organisation",
)
"""Where the organisation deploys single-account to, and what it calls what it has."""

BOUNDED = ("ec2", "kinesis", "kms", "lambda", "logs", "s3")
"""The services that the boundary leaves to roles."""

ADMINISTRATION = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{PLACE.account}:root"},
    "Action": ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:PutKeyPolicy"],
    "Resource": "*",
}
"""What the key's policy holds beside what the deployment asks for."""


class Deployer:
    """The role that deploys: it may do what its documents say, and nothing else.

    Local AWS authorises some actions on another resource than AWS does; of these the documents decide the action alone.
    """

    def __init__(self, root: Mapping[str, str]) -> None:
        self._root, self._iam = root, Aws(dict(root)).client("iam")
        trust = document({"Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{PLACE.account}:root"}})
        self.arn: str = self._iam.create_role(RoleName="deployer", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        self._allow(policies())

    def _allow(self, documents: list[dict[str, Any]]) -> None:
        self._policies = []
        for number, policy in enumerate(documents):
            made = self._iam.create_policy(PolicyName=f"deployer-{number}", PolicyDocument=json.dumps(policy))
            self._policies.append(made["Policy"]["Arn"])
            self._iam.attach_role_policy(RoleName="deployer", PolicyArn=self._policies[-1])

    def _withdraw(self) -> None:
        for arn in self._policies:
            self._iam.detach_role_policy(RoleName="deployer", PolicyArn=arn)
            self._iam.delete_policy(PolicyArn=arn)

    def environment(self) -> dict[str, str]:
        """Returns the variables by which a client acts as the role, for an hour."""
        given = Aws(dict(self._root)).client("sts").assume_role(RoleArn=self.arn, RoleSessionName="deployer")
        keys = given["Credentials"]
        return {
            **self._root,
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "AWS_SESSION_TOKEN": keys["SessionToken"],
        }

    @contextmanager
    def lacking(self, action: str) -> Iterator[None]:
        """Takes an action out of the role's policies for a while."""
        self._withdraw()
        self._allow(policies(action))
        try:
            yield
        finally:
            self._withdraw()
            self._allow(policies())


def policies(without: str = "") -> list[dict[str, Any]]:
    """Returns the documents of the deployer's policy as local AWS is to have them, with an action left out."""
    found = []
    for policy in deployer_policy.documents("single-account", PLACE):
        kept = [{**each, "Action": [a for a in each["Action"] if a != without]} for each in policy["Statement"]]
        found.append({**policy, "Statement": [each for each in kept if each["Action"]]})
    named = {action for policy in found for each in policy["Statement"] for action in each["Action"]}
    elsewhere = sorted(local for local, action in deployer_policy.LOCAL.items() if action in named)
    return [*found, json.loads(document({"Action": elsewhere, "Resource": "*"}))]


@dataclass(frozen=True)
class Organisation:
    """The variables that hand what it has to an environment, and the role that deploys it."""

    variables: dict[str, Any]
    deployer: Deployer


def make(root: dict[str, str]) -> Organisation:
    """Makes all that the organisation has, with the variables of its account's root."""
    aws = Aws(root)
    boundary = aws.client("iam").create_policy(
        PolicyName="workloads",
        PolicyDocument=document({"Action": [f"{each}:*" for each in BOUNDED], "Resource": "*"}),
    )
    kms, s3 = aws.client("kms"), aws.client("s3")
    key = kms.create_key()["KeyMetadata"]
    kms.enable_key_rotation(KeyId=key["KeyId"])
    for bucket in (PLACE.artifacts, PLACE.states):
        s3.create_bucket(Bucket=bucket)
    _make_lake(s3, key["Arn"])
    variables = {
        "account_id": PLACE.account,
        # Local AWS runs the function with this machine's own Python.
        "transform": {
            "runtime": f"python{sys.version_info.major}.{sys.version_info.minor}",
            "architecture": {"aarch64": "arm64"}.get(platform.machine(), platform.machine()),
        },
        "artifact_bucket": PLACE.artifacts,
        "iam_path": PLACE.roles,
        "permissions_boundary_arn": boundary["Policy"]["Arn"],
        "kms_key_arn": key["Arn"],
        "network": _make_network(aws.client("ec2")),
        "existing_bucket": PLACE.bucket,
        "tags": {"cost-centre": "42"},
    }
    return Organisation(variables, Deployer(root))


def hold_to_policies(aws: Aws, key: str, outputs: Mapping[str, Any]) -> None:
    """Gives the key and the bucket the policies that a deployment's outputs ask for, and the key's administration."""
    asked = json.loads(outputs["kms_key_policy_json"])
    whole = {**asked, "Statement": [ADMINISTRATION, *asked["Statement"]]}
    aws.client("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(whole))
    aws.client("s3").put_bucket_policy(Bucket=PLACE.bucket, Policy=outputs["bucket_policy_json"])


def _make_network(ec2: Any) -> dict[str, Any]:
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/24")["Vpc"]["VpcId"]
    zones = {"us-east-1a": "10.1.0.0/26", "us-east-1b": "10.1.0.64/26"}
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for zone, cidr in zones.items()
    ]
    return {"vpc_id": vpc, "subnet_ids": subnets}


def _make_lake(s3: Any, key: str) -> None:
    bucket = {"Bucket": PLACE.bucket}
    s3.create_bucket(**bucket)
    s3.put_bucket_versioning(**bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_ownership_controls(
        **bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    )
    blocks = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    s3.put_public_access_block(**bucket, PublicAccessBlockConfiguration=dict.fromkeys(blocks, True))
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}
    s3.put_bucket_encryption(**bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
