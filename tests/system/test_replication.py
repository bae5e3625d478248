"""Objects are replicated with what the role, both buckets and both keys allow, and not otherwise."""

from __future__ import annotations

import datetime

import pytest
from botocore.exceptions import ClientError

from tests.system.accounts import Account, document
from tools.localaws import service

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("corrections")]

A, B = service.PRODUCER, service.CONSUMER
WEST = "us-west-2"
ADMINISTERED = {"Principal": {"AWS": [f"arn:aws:iam::{A}:root"]}, "Action": "kms:*", "Resource": "*"}
SOURCE_ACTIONS = (
    "s3:GetReplicationConfiguration",
    "s3:ListBucket",
    "s3:GetObjectVersionForReplication",
    "s3:GetObjectVersionAcl",
    "s3:GetObjectVersionTagging",
)
KEY_ACTIONS = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey")
ACTIONS = (*SOURCE_ACTIONS, "s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags", *KEY_ACTIONS)


class Pair:
    """A bucket, its replica in another Region, a key for each, and the replication role."""

    def __init__(self, local, name, destination_account=A, **rule):
        self.own, self.other = Account(local, A), Account(local, destination_account)
        self.source, self.replica = name, f"{name}-replica"
        self.s3 = self.own.client("s3")
        self.west = self.other.client("s3", AWS_REGION=WEST)
        self.key = self.own.client("kms").create_key(Policy=document(ADMINISTERED))["KeyMetadata"]["Arn"]
        west_kms = self.own.client("kms", AWS_REGION=WEST)
        self.west_key = west_kms.create_key(Policy=document(ADMINISTERED))["KeyMetadata"]["Arn"]
        self.s3.create_bucket(Bucket=self.source)
        self.west.create_bucket(Bucket=self.replica, CreateBucketConfiguration={"LocationConstraint": WEST})
        for client, bucket in ((self.s3, self.source), (self.west, self.replica)):
            client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        self.role = self.own.role(name, ACTIONS, "*", Principal={"Service": "s3.amazonaws.com"})
        self.configure(**rule)

    def configure(self, **rule):
        encryption = {"EncryptionConfiguration": {"ReplicaKmsKeyID": self.west_key}}
        changed = {
            "ID": "all",
            "Priority": 1,
            "Status": "Enabled",
            "Filter": {"Prefix": "data/"},
            "DeleteMarkerReplication": {"Status": "Enabled"},
            "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
            "Destination": {
                "Bucket": f"arn:aws:s3:::{self.replica}",
                "Metrics": {"Status": "Enabled"},
                **encryption,
            },
            **rule,
        }
        rules = [{name: value for name, value in changed.items() if value is not None}]
        configuration = {"Role": self.role, "Rules": rules}
        self.s3.put_bucket_replication(Bucket=self.source, ReplicationConfiguration=configuration)

    def allow(self, *actions, **trust):
        iam = self.own.client("iam")
        iam.put_role_policy(
            RoleName=self.source, PolicyName="p", PolicyDocument=document({"Action": actions, "Resource": "*"})
        )
        if trust:
            trusted = document({"Action": "sts:AssumeRole", **trust})
            iam.update_assume_role_policy(RoleName=self.source, PolicyDocument=trusted)

    def put(self, key, **options):
        """Puts an object and returns its replication status, and its replica as HeadObject returns it."""
        encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.key}
        self.s3.put_object(Bucket=self.source, Key=key, Body=b"1", **{**encryption, **options})
        return self.status(key), self.found(key)

    def status(self, key):
        return self.s3.head_object(Bucket=self.source, Key=key).get("ReplicationStatus")

    def found(self, key):
        listed = self.west.list_objects_v2(Bucket=self.replica, Prefix=key).get("Contents", [])
        return self.west.head_object(Bucket=self.replica, Key=key) if listed else None


@pytest.fixture(scope="module")
def pair(corrected):
    return Pair(corrected, "replicated")


def copied_without_permission(local, name):
    pair = Pair(local, name)
    pair.allow("s3:ListBucket")
    return pair.put("data/x")[1] is not None


def test_nothing_is_copied_without_the_roles_permission(corrected):
    assert not copied_without_permission(corrected, "without-permission")


def test_the_emulator_still_needs_the_correction(uncorrected):
    assert copied_without_permission(uncorrected, "without-permission"), (
        "the emulator asks the role by itself now: remove replicate_with_the_roles_permissions, and see what is left"
    )


def test_a_replica_in_another_region_is_under_the_rules_own_key(pair):
    status, replica = pair.put("data/x", Tagging="a=1")

    assert status == "COMPLETED"
    assert (replica["ReplicationStatus"], replica["SSEKMSKeyId"]) == ("REPLICA", pair.west_key)
    assert pair.s3.head_object(Bucket=pair.source, Key="data/x")["SSEKMSKeyId"] == pair.key
    assert pair.west.get_object(Bucket=pair.replica, Key="data/x")["Body"].read() == b"1"
    tags = pair.west.get_object_tagging(Bucket=pair.replica, Key="data/x")["TagSet"]
    assert tags == [{"Key": "a", "Value": "1"}]


@pytest.mark.parametrize("missing", [action for action in ACTIONS if action != "s3:ReplicateDelete"])
def test_each_permission_of_the_role_is_needed_and_what_failed_is_not_tried_again(pair, missing):
    key = f"data/{missing}"
    pair.allow(*(action for action in ACTIONS if action != missing))
    try:
        assert pair.put(key, Tagging="a=1") == ("FAILED", None)
    finally:
        pair.allow(*ACTIONS)

    assert pair.put("data/later")[0] == "COMPLETED"
    assert pair.status(key) == "FAILED"
    assert pair.found(key) is None


def test_a_failure_is_counted_where_the_rule_asks_for_metrics(pair):
    pair.allow("s3:ListBucket")
    pair.put("data/counted")
    pair.allow(*ACTIONS)

    now = datetime.datetime.now(datetime.UTC)
    found = pair.own.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/S3",
        MetricName="OperationsFailedReplication",
        Dimensions=[
            {"Name": "SourceBucket", "Value": pair.source},
            {"Name": "DestinationBucket", "Value": pair.replica},
            {"Name": "RuleId", "Value": "all"},
        ],
        StartTime=now - datetime.timedelta(hours=1),
        EndTime=now + datetime.timedelta(minutes=1),
        Period=7200,
        Statistics=["Sum"],
    )
    assert sum(point["Sum"] for point in found["Datapoints"]) >= 1


@pytest.mark.parametrize(
    "trust",
    [
        {"Principal": {"Service": "firehose.amazonaws.com"}},
        {
            "Principal": {"Service": "s3.amazonaws.com"},
            "Condition": {"StringEquals": {"aws:SourceAccount": "999999999999"}},
        },
    ],
)
def test_a_role_that_does_not_trust_s3_for_this_bucket_replicates_nothing(pair, trust):
    key = f"data/trust-{len(trust)}"
    pair.allow(*ACTIONS, **trust)
    assert pair.put(key) == ("FAILED", None)

    own = {"aws:SourceAccount": A, "aws:SourceArn": f"arn:aws:s3:::{pair.source}"}
    pair.allow(*ACTIONS, Principal={"Service": "s3.amazonaws.com"}, Condition={"StringEquals": own})
    assert pair.put(key)[0] == "COMPLETED"


@pytest.mark.parametrize("side", ["key", "west_key"])
def test_the_policy_of_either_key_may_keep_the_role_out(pair, side):
    kms = pair.own.client("kms", AWS_REGION="us-east-1" if side == "key" else WEST)
    denial = {"Effect": "Deny", "Principal": {"AWS": pair.role}, "Action": "kms:*", "Resource": "*"}
    key = getattr(pair, side)
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document(ADMINISTERED, denial))
    try:
        assert pair.put(f"data/{side}") == ("FAILED", None)
    finally:
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document(ADMINISTERED))


def test_the_destinations_bucket_policy_may_keep_the_role_out(pair):
    denial = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:ReplicateObject",
        "Resource": f"arn:aws:s3:::{pair.replica}/*",
    }
    pair.west.put_bucket_policy(Bucket=pair.replica, Policy=document(denial))
    try:
        assert pair.put("data/denied") == ("FAILED", None)
    finally:
        pair.west.delete_bucket_policy(Bucket=pair.replica)


def test_objects_under_a_key_are_left_alone_unless_the_rule_selects_them(pair):
    pair.configure(SourceSelectionCriteria=None, Destination={"Bucket": f"arn:aws:s3:::{pair.replica}"})
    try:
        assert pair.put("data/unselected") == (None, None)
        pair.s3.put_object(Bucket=pair.source, Key="data/plain", Body=b"1", ServerSideEncryption="AES256")
        assert pair.status("data/plain") == "COMPLETED"
        assert pair.found("data/plain")["ServerSideEncryption"] == "AES256"
    finally:
        pair.configure()


def test_a_delete_marker_is_replicated_as_the_rule_says_and_needs_its_permission(pair):
    for key, status, actions, is_left in (
        ("data/marked", "Enabled", ACTIONS, False),
        ("data/unmarked", "Disabled", ACTIONS, True),
        ("data/forbidden", "Enabled", (*SOURCE_ACTIONS, "s3:ReplicateObject", *KEY_ACTIONS), True),
    ):
        pair.configure(DeleteMarkerReplication={"Status": status})
        pair.put(key)
        pair.allow(*actions)
        pair.s3.delete_object(Bucket=pair.source, Key=key)
        pair.allow(*ACTIONS)
        assert bool(pair.found(key)) == is_left, key
    pair.configure()


def test_the_deletion_of_a_version_is_never_replicated(pair):
    pair.put("data/version")
    version = pair.s3.head_object(Bucket=pair.source, Key="data/version")["VersionId"]
    pair.s3.delete_object(Bucket=pair.source, Key="data/version", VersionId=version)

    assert pair.found("data/version")


def test_a_rule_with_a_filter_must_say_what_happens_to_delete_markers(pair):
    with pytest.raises(ClientError, match="DeleteMarkerReplication must be specified"):
        pair.configure(DeleteMarkerReplication=None)
    assert pair.put("data/still")[0] == "COMPLETED"


def test_a_bucket_of_another_account_is_written_once_its_policy_lets_the_role_in(corrected):
    pair = Pair(corrected, "across-accounts", B)
    assert pair.put("data/x") == ("FAILED", None)

    named = {
        "Principal": {"AWS": pair.role},
        "Action": ["s3:ReplicateObject", "s3:ReplicateTags"],
        "Resource": f"arn:aws:s3:::{pair.replica}/*",
    }
    pair.west.put_bucket_policy(Bucket=pair.replica, Policy=document(named))
    assert pair.put("data/x")[0] == "COMPLETED"
    assert pair.found("data/x")["ReplicationStatus"] == "REPLICA"
