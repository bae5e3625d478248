"""A lake with a replica: what is replicated, what each permission is for, and how both are taken down together."""

from __future__ import annotations

import gzip
import json
import signal
import subprocess
import uuid
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from tests.system.accounts import document
from tests.system.commands import done, run
from tests.system.faults import alarm_causes as causes
from tests.system.faults.lake import MODULE
from tests.system.waiting import wait_until
from tools.deployments.aws import Aws
from tools.deployments.outputs import parse_outputs
from tools.lake.erasure import versions
from tools.lake.erasure.versions import Marker, Version
from tools.localaws import service

pytestmark = [
    pytest.mark.system,
    pytest.mark.xdist_group("faults-replica"),
    pytest.mark.timeout(3600),
    pytest.mark.long,
]

ENVIRONMENT = ("single-account", "--local")
WEST = "us-west-2"
REPLICATION = f'replication={{region="{WEST}"}}'
DEPLOY = ("tools.deploy", *ENVIRONMENT, "--yes", "--var-file", "envs/single-account/demo.tfvars", "--var", REPLICATION)
DESTROY = ("tools.destroy", *ENVIRONMENT, "--yes", "--purge-bucket", "--now")
TABLE = "blog-srsa-ddb-table"
ADMINISTERED = {
    "Principal": {"AWS": f"arn:aws:iam::{service.CONSUMER}:root"},
    "Action": "kms:*",
    "Resource": "*",
}
OF_OBJECTS = (
    "s3:GetReplicationConfiguration",
    "s3:ListBucket",
    "s3:GetObjectVersionForReplication",
    "s3:GetObjectVersionAcl",
    "s3:GetObjectVersionTagging",
    "s3:ReplicateObject",
    "s3:ReplicateTags",
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
)
OF_MARKERS = "s3:ReplicateDelete"


class Replicated:
    """A deployed lake with its replica, as the account's root sees both."""

    def __init__(self, home):
        self.home = home
        command = ["terraform", "output", "-json", f"-state={self.state}"]
        self.outputs = parse_outputs(
            "single-account", json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        )
        self.environment = service.connect(home).environment(service.SINGLE_ACCOUNT)
        self.s3, self.west = self.client("s3"), self.client("s3", WEST)
        self.lake, self.copy = self.outputs.bucket_name, self.outputs.replica.bucket_name

    @property
    def state(self):
        return self.home / "deployments/single-account/default/terraform.tfstate"

    def client(self, name, region="us-east-1"):
        return Aws(self.environment, region).client(name)

    def put(self, key, body=b"row\n"):
        """Puts an object as a tool would, with a tag, and returns its replication status."""
        self.s3.put_object(Bucket=self.lake, Key=key, Body=body, Tagging="of=test")
        return self.s3.head_object(Bucket=self.lake, Key=key).get("ReplicationStatus")

    def copies(self, key):
        """Returns the replica's versions of a key, the latest first: their bytes, None for a delete marker."""
        return [
            None
            if isinstance(each, Marker)
            else self.west.get_object(Bucket=self.copy, Key=key, VersionId=each.id)["Body"].read()
            for each in sorted(versions.of_key(self.west, self.copy, key), key=lambda each: not each.is_latest)
        ]

    def bodies(self):
        """Returns key and bytes, unpacked, of every version in both buckets."""
        for s3, bucket in ((self.s3, self.lake), (self.west, self.copy)):
            for each in versions.listed(s3, bucket, ""):
                if isinstance(each, Version):
                    found = s3.get_object(Bucket=bucket, Key=each.key, VersionId=each.id)["Body"].read()
                    yield f"{bucket}/{each.key}", gzip.decompress(found) if found[:2] == b"\x1f\x8b" else found

    def deprived(self, action):
        """Takes one permission from the replication role, for a while."""
        return causes.lost_permission(Aws(self.environment, "us-east-1"), self.outputs.replica.role_name, action)

    def permissions(self):
        iam, role = self.client("iam"), self.outputs.replica.role_name
        (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
        document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        named = [each["Action"] for each in document["Statement"]]
        return {action for each in named for action in ([each] if isinstance(each, str) else each)}

    def alarm(self, key, region="us-east-1"):
        found = self.client("cloudwatch", region).describe_alarms(AlarmNames=[f"blog-srsa/{key}"])["MetricAlarms"]
        return found[0]["StateValue"]

    def failures(self):
        """Returns the sum of what the alarm `replication-failing` looks at for `data/`, in the last hours."""
        now = datetime.now(UTC)
        named = {"SourceBucket": self.lake, "DestinationBucket": self.copy, "RuleId": "data"}
        found = self.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/S3",
            MetricName="OperationsFailedReplication",
            Dimensions=[{"Name": name, "Value": value} for name, value in named.items()],
            StartTime=now - timedelta(hours=3),
            EndTime=now + timedelta(minutes=5),
            Period=86400,
            Statistics=["Sum"],
        )
        return sum(each["Sum"] for each in found["Datapoints"])

    def verb(self, verb, *options):
        return run(f"tools.{verb}", *ENVIRONMENT, *options, home=self.home, timeout=900)


@pytest.fixture(scope="module")
def replicated(tmp_path_factory):
    home = tmp_path_factory.mktemp("replica")
    done("tools.local", "up", home=home, timeout=600)
    done(*DEPLOY, home=home, timeout=1200)
    yield Replicated(home)
    service.purge(home)


def test_the_objects_of_a_change_are_in_the_replica_byte_for_byte(replicated):
    result = replicated.verb("verify", "--replica", "--json")

    assert result.returncode == 0, result.stderr
    for each in json.loads(result.stdout):
        assert each["replica"] == f"s3://{replicated.copy}/{each['key']}"
        own = replicated.s3.get_object(Bucket=replicated.lake, Key=each["key"])["Body"].read()
        assert replicated.copies(each["key"]) == [own]


def test_versions_and_delete_markers_are_replicated_and_the_removal_of_a_version_is_not(replicated):
    key = f"data/{TABLE}/written-twice"
    assert [replicated.put(key, b"first"), replicated.put(key, b"second")] == ["COMPLETED", "COMPLETED"]
    assert replicated.copies(key) == [b"second", b"first"]

    replicated.s3.delete_object(Bucket=replicated.lake, Key=key)
    assert replicated.copies(key)[0] is None

    for each in versions.of_key(replicated.s3, replicated.lake, key):
        replicated.s3.delete_object(Bucket=replicated.lake, Key=key, VersionId=each.id)
    assert set(replicated.copies(key)) == {None, b"first", b"second"}


@pytest.mark.parametrize("prefix", ["exports/", "state/", "results/"])
def test_what_belongs_to_the_bucket_or_can_be_made_anew_is_not_replicated(replicated, prefix):
    assert replicated.put(f"{prefix}x") is None
    assert replicated.copies(f"{prefix}x") == []


def test_every_permission_of_the_role_is_tried(replicated):
    assert replicated.permissions() == {*OF_OBJECTS, OF_MARKERS}


@pytest.mark.parametrize("action", OF_OBJECTS)
def test_without_a_permission_objects_fail_and_with_it_new_ones_are_replicated(replicated, action):
    key, failures = f"data/{TABLE}/without-{action.partition(':')[2]}", replicated.failures()
    with replicated.deprived(action):
        assert replicated.put(key) == "FAILED"
    assert replicated.failures() == failures + 1

    assert replicated.copies(key) == []
    assert replicated.put(f"{key}-later") == "COMPLETED"
    assert replicated.copies(f"{key}-later") == [b"row\n"]


def test_without_the_permission_for_markers_a_reader_of_the_replica_still_sees_what_was_deleted(replicated):
    key = f"data/{TABLE}/deleted"
    replicated.put(key)
    with replicated.deprived(OF_MARKERS):
        replicated.s3.delete_object(Bucket=replicated.lake, Key=key)

    assert replicated.copies(key) == [b"row\n"]


def test_what_cannot_be_replicated_raises_the_alarm_and_verify_and_status_say_so(replicated):
    with replicated.deprived("s3:ReplicateObject"):
        failed = replicated.verb("verify", "--replica")
        wait_until(lambda: replicated.alarm("replication-failing") == "ALARM", "the alarm")
        status = replicated.verb("status", "--json")

    assert failed.returncode == 1
    assert "could not be replicated, and S3 does not try it again by itself" in failed.stderr
    assert "Traceback" not in failed.stderr
    found = json.loads(status.stdout)
    assert status.returncode == 1
    assert [each["state"] for each in found["hops"] if each["hop"] == "replica"] == ["failing"]
    assert any("replication-failing since" in each["says"] for each in found["findings"])
    assert replicated.verb("verify", "--replica").returncode == 0


def test_a_late_replica_raises_the_alarm_of_its_own_region(replicated):
    known_by = {"SourceBucket": replicated.lake, "DestinationBucket": replicated.copy, "RuleId": "data"}
    data = [
        {
            "MetricName": "ReplicationLatency",
            "Value": 7200,
            "Unit": "Seconds",
            "Dimensions": [{"Name": name, "Value": value} for name, value in known_by.items()],
            "Timestamp": datetime.now(UTC) - timedelta(minutes=ago),
        }
        for ago in range(causes.MINUTES)
    ]
    replicated.client("cloudwatch", WEST).put_metric_data(Namespace="AWS/S3", MetricData=data)

    wait_until(lambda: replicated.alarm("replica-late", WEST) == "ALARM", "the alarm")
    found = json.loads(replicated.verb("status", "--json").stdout)
    assert [each["state"] for each in found["hops"] if each["hop"] == "replica"] in (["late"], ["failing"])
    assert any("replica-late since" in each["says"] for each in found["findings"])


def test_who_is_erased_is_erased_from_the_replica_and_the_notes_there_too(replicated):
    person = f"person-{uuid.uuid4().hex}"
    items, key = replicated.client("dynamodb"), {"id": {"S": person}}
    items.put_item(TableName=TABLE, Item={**key, "name": {"S": f"name of {person}"}})
    items.delete_item(TableName=TABLE, Key=key)

    def places():
        return {place for place, body in replicated.bodies() if person.encode() in body}

    wait_until(lambda: any(replicated.copy in each for each in places()), "the rows in the replica")
    result = replicated.verb("erase", "--table", TABLE, "--key", person, "--wait", "--yes")

    assert result.returncode == 0, result.stderr
    assert places() == set()
    assert not [place for place, _ in replicated.bodies() if "/erasure/open/" in place]


def test_a_deploy_that_says_nothing_of_the_replica_is_refused(replicated):
    for given in ("null", '{region="eu-west-1"}'):
        result = replicated.verb("deploy", "--yes", "--var", f"replication={given}")

        assert result.returncode == 3, result.stdout
        assert f"refused: the replica of this deployment is in {WEST}" in result.stderr


def test_with_the_replica_as_it_is_nothing_changes_and_nothing_has_drifted(replicated):
    again = done(*DEPLOY, "--plan-only", home=replicated.home, timeout=600)
    assert "no resource changes" in again

    drift = replicated.verb("deploy", "--check-drift")
    assert drift.returncode == 0, drift.stdout


def left(environment):
    """Returns what the APIs list of an account in each Region."""
    for region in ("us-east-1", WEST):
        own = Aws(environment, region).client
        yield from (each["AlarmName"] for each in own("cloudwatch").describe_alarms()["MetricAlarms"])
        yield from (each["TopicArn"] for each in own("sns").list_topics()["Topics"])
        aliases = own("kms").list_aliases()["Aliases"]
        yield from (each["AliasName"] for each in aliases if "alias/aws/" not in each["AliasName"])
    own = Aws(environment, "us-east-1").client
    yield from (each["Name"] for each in own("s3").list_buckets()["Buckets"])
    yield from (each["RoleName"] for each in own("iam").list_roles()["Roles"])


def killed(replicated, tmp_path, **fault):
    """Runs a destroy that kills itself at a call of a function."""
    mark = tmp_path / "killed"
    given = json.dumps({"kill": {**fault, "mark": str(mark)}})
    module, *arguments = DESTROY
    result = run(MODULE, given, module, *arguments, home=replicated.home, timeout=900)
    assert mark.exists(), result.stdout + result.stderr
    mark.unlink()
    assert result.returncode == -signal.SIGKILL
    return result.stdout


@contextmanager
def held(replicated):
    """Puts one version in the replica under a legal hold for a while, so that nobody may remove it."""
    lock = {"ObjectLockEnabled": "Enabled"}
    replicated.west.put_object_lock_configuration(Bucket=replicated.copy, ObjectLockConfiguration=lock)
    version = next(each for each in versions.listed(replicated.west, replicated.copy, "data/") if hasattr(each, "size"))
    place = {"Bucket": replicated.copy, "Key": version.key, "VersionId": version.id}
    replicated.west.put_object_legal_hold(**place, LegalHold={"Status": "ON"})
    yield
    replicated.west.put_object_legal_hold(**place, LegalHold={"Status": "OFF"})


def test_a_destroy_takes_both_down_whatever_interrupts_it_and_whatever_the_variables_say(replicated, tmp_path):
    replicated.put(f"data/{TABLE}/last")
    refused = replicated.verb("destroy", "--yes", "--now")
    assert refused.returncode == 3
    assert "object versions" in refused.stderr
    assert list(versions.listed(replicated.west, replicated.copy, ""))

    with held(replicated):
        stopped = run(*DESTROY, home=replicated.home, timeout=900)
    assert stopped.returncode == 1, stopped.stdout
    assert f"cannot delete data/{TABLE}" in stopped.stderr
    assert f"from {replicated.copy}" in stopped.stderr
    # The lake was emptied before, and is replicated no more.
    assert list(versions.listed(replicated.s3, replicated.lake, "")) == []
    assert replicated.put(f"data/{TABLE}/after") is None

    printed = killed(replicated, tmp_path, function="tools.lake.purge:purge", when="after")
    assert "==> purge bucket" in printed
    killed(replicated, tmp_path, function="tools.terraform.runner:Terraform.apply", when="before")
    # Terraform takes the outputs out of a state when it begins to destroy.
    content = json.loads(replicated.state.read_text())
    replicated.state.write_text(json.dumps({**content, "outputs": {}}))
    (replicated.home / "deployments/single-account/default/outputs.json").unlink()
    assert any(replicated.copy == each for each in left(replicated.environment))

    done(*DESTROY, home=replicated.home, timeout=900)

    assert list(left(replicated.environment)) == []
    assert not (replicated.home / "deployments/single-account/default").exists()


def test_of_a_pair_the_consumer_has_the_replica_under_a_key_that_was_there(tmp_path_factory):
    home = tmp_path_factory.mktemp("pair")
    done("tools.local", "up", home=home, timeout=600)
    consumer = service.connect(home).environment(service.CONSUMER)
    key = Aws(consumer, WEST).client("kms").create_key(Policy=document(ADMINISTERED))["KeyMetadata"]["Arn"]
    pair = ("cross-account", "--local")
    replication = f'replication={{region="{WEST}",kms_key_arn="{key}"}}'
    settings = ("--var-file", "envs/producer/demo.tfvars", "--var", replication)
    done("tools.deploy", *pair, "--yes", *settings, home=home, timeout=1500)

    assert "byte for byte the same" in done("tools.verify", *pair, "--replica", home=home, timeout=600)
    before = set(left(consumer))
    assert {"blog-srca/replication-failing", "blog-srca/replica-late"} <= before
    refused = run("tools.destroy", *pair, "--yes", "--now", home=home, timeout=600)
    assert refused.returncode == 3
    assert "object versions" in refused.stderr
    assert set(left(consumer)) == before

    done("tools.destroy", *pair, "--yes", "--now", "--purge-bucket", home=home, timeout=1500)
    assert list(left(consumer)) == []
    assert Aws(consumer, WEST).client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
    service.purge(home)
