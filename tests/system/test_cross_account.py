"""Tables in one account, lake in another: changes arrive, each side may do its part, and nobody may do more."""

from __future__ import annotations

import base64
import json
import shlex
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.system import permissions, profiles
from tests.system.commands import acting_as, done, kept_plan, run
from tests.system.waiting import wait_until
from tools.deployments.aws import Aws
from tools.deployments.outputs import Outputs, parse_outputs
from tools.lake import objects
from tools.localaws import service, status

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("cross-account")]

A, B = service.PRODUCER, service.CONSUMER
TABLE = "blog-srca-ddb-table"
BUCKET = f"blog-srca-datalake-{B}-us-east-1"
SETTINGS = ("--var-file", "envs/producer/demo.tfvars")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Local AWS in a folder of its own, with nothing deployed yet."""
    folder = tmp_path_factory.mktemp("cross") / "local"
    done("tools.local", "up", home=folder, timeout=600)
    yield folder
    done("tools.local", "down", home=folder)


@dataclass
class Both:
    """A deployed pair: clients as each account's root, and the outputs of both halves."""

    home: Path
    producer: Outputs
    consumer: Outputs

    def client(self, account: str, name: str):
        return Aws(service.connect(self.home).environment(account)).client(name)

    def session(self, role_arn: str, name: str):
        """Returns a client that acts as a role."""
        return acting_as(self.home, role_arn).client(name)

    def records(self) -> list[dict]:
        s3 = self.client(B, "s3")
        found = objects.list_objects(s3, BUCKET, f"data/{TABLE}/")
        return [record for each in found for record in objects.read_records(s3, BUCKET, each.key)]

    def put(self, key: str) -> None:
        self.client(A, "dynamodb").put_item(TableName=TABLE, Item={"id": {"S": key}})

    def arrived(self, key: str) -> bool:
        return any(record["id"] == key for record in self.records())


def outputs(home: Path, environment: str) -> Outputs:
    command = ["terraform", "output", "-json", f"-state={profiles.state_of(home, environment)}"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return parse_outputs(environment, json.loads(printed))


def test_without_the_consumer_nothing_of_the_producer_is_made(home):
    result = run(
        *("tools.deploy", "producer", "--local", "--yes", *SETTINGS),
        *("--var", f"consumer_account_id={B}", "--var", f"cross_account_datalake_bucket={BUCKET}"),
        *("--var", f"cross_account_kms_key_arn=arn:aws:kms:us-east-1:{B}:key/11111111-2222-3333-4444-555555555555"),
        home=home,
    )

    assert result.returncode == 1
    assert f"cross_account_datalake_bucket: there is no bucket {BUCKET}; deploy the consumer first" in result.stderr
    client = Aws(service.connect(home).environment(A)).client
    assert client("dynamodb").list_tables()["TableNames"] == []
    assert client("kinesis").list_streams()["StreamNames"] == []


@pytest.fixture(scope="module")
def both(home):
    """The real pair, deployed with one command."""
    done("tools.deploy", "cross-account", "--local", "--native", "--yes", *SETTINGS, home=home, timeout=600)
    return Both(home, outputs(home, "producer"), outputs(home, "consumer"))


def test_each_half_lives_in_its_own_account(both):
    assert (both.producer.account_id, both.consumer.account_id) == (A, B)
    assert both.client(B, "s3").list_buckets()["Buckets"][0]["Name"] == BUCKET
    assert both.client(A, "s3").list_buckets()["Buckets"] == []
    assert both.client(A, "dynamodb").list_tables()["TableNames"] == [TABLE]
    assert both.client(B, "dynamodb").list_tables()["TableNames"] == []
    assert both.producer.kms_key_arn.split(":")[4] == A
    assert both.producer.cross_account_kms_key_arn == both.consumer.kms_key_arn


def test_the_roles_that_the_consumer_names_are_the_roles_that_the_producer_has(both):
    named = {name: table.delivery_role_arn for name, table in both.consumer.tables.items()}

    assert named == {name: table.delivery_role_arn for name, table in both.producer.tables.items()}
    for arn in named.values():
        assert both.client(A, "iam").get_role(RoleName=arn.rpartition("/")[2])["Role"]["Arn"] == arn


def test_what_a_writes_b_reads_and_both_sides_agree_whose_it_is(both):
    printed = done("tools.verify", "cross-account", "--local", home=both.home)

    assert "Both changes are in the lake, exactly as written." in printed
    assert '"name":"Chris","designation":"Senior Consultant"' in printed
    assert '"name":"Chris","designation":"Principal Consultant"' in printed
    assert f"encrypted with {both.consumer.kms_key_arn}" in printed
    assert "owned by the lake's account" in printed
    assert "closed to the delivering account (AccessDenied)" in printed


@pytest.mark.parametrize("half", ["producer", "consumer"])
def test_one_half_alone_cannot_be_verified_and_says_how_both_can(both, half):
    result = run("tools.verify", half, "--local", home=both.home)

    assert result.returncode == 2
    assert "python -m tools.verify cross-account" in result.stderr


def test_the_command_that_the_consumer_prints_deploys_the_producer_as_it_is(both):
    printed = done("tools.deploy", "consumer", "--local", "--yes", *SETTINGS, home=both.home)
    (line,) = [line.strip() for line in printed.splitlines() if "tools.deploy producer" in line]
    words = shlex.split(line)[2:]
    tables = next(i for i, word in enumerate(words) if word.startswith("tables="))
    assert json.loads(words[tables].removeprefix("tables=")) == {TABLE: {}}
    # As it says: the other settings of the same tables from a file, in the place of --var tables.
    words[tables - 1 : tables + 1] = SETTINGS

    planned = done(*words, "--native", "--plan-only", home=both.home)

    assert "Planned, nothing applied" in planned
    assert kept_plan(both.home, "producer") == ()


def test_neither_half_has_drifted_since_it_was_deployed(both):
    printed = done("tools.deploy", "cross-account", "--local", "--check-drift", *SETTINGS, home=both.home)

    assert "consumer --local: nothing was changed outside of Terraform." in printed
    assert "producer --local: nothing was changed outside of Terraform." in printed


def denied(call, *codes, **request):
    """Asserts that AWS refuses a call for want of permission."""
    with pytest.raises(ClientError) as refusal:
        call(**request)
    assert refusal.value.response["Error"]["Code"] in {"AccessDenied", "AccessDeniedException", "403", *codes}


def test_failed_records_of_b_become_rows_by_the_function_of_a(both):
    item = {"id": {"S": "replayed"}}
    change = {"ApproximateCreationDateTime": 1769854830123456, "Keys": item, "NewImage": item}
    record = {"eventID": "replayed", "eventName": "INSERT", "tableName": TABLE, "dynamodb": change}
    line = {"errorCode": "Lambda.Lost", "rawData": base64.b64encode(json.dumps(record).encode()).decode()}
    key = f"errors/{TABLE}/processing-failed/cdc_date=2026-01-31/cdc_hour=10/lost"
    both.client(B, "s3").put_object(Bucket=BUCKET, Key=key, Body=json.dumps(line).encode())

    printed = done("tools.replay", "cross-account", "--local", "--yes", "--code", "Lambda.Lost", home=both.home)

    assert "1 became rows, 0 dropped by the hook, 0 fail again" in printed
    assert [row["cdc_event_id"] for row in both.records() if row["id"] == "replayed"] == ["replayed"]


def test_the_delivery_role_writes_under_its_tables_prefixes_and_does_nothing_else(both):
    s3 = both.session(both.producer.tables[TABLE].delivery_role_arn, "s3")
    key = f"errors/{TABLE}/by-the-role"
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"1")
    under_the_key = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": both.consumer.kms_key_arn}
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"2", **under_the_key)

    denied(s3.put_object, Bucket=BUCKET, Key="data/another-table/x", Body=b"")
    denied(s3.put_object, Bucket=BUCKET, Key="x", Body=b"")
    denied(s3.put_object, Bucket=BUCKET, Key=key, Body=b"", ServerSideEncryption="AES256")
    own_key = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": both.producer.kms_key_arn}
    denied(s3.put_object, Bucket=BUCKET, Key=key, Body=b"", **own_key)
    denied(s3.get_object, Bucket=BUCKET, Key=key)
    denied(s3.delete_object, Bucket=BUCKET, Key=key)
    denied(s3.delete_objects, Bucket=BUCKET, Delete={"Objects": [{"Key": key}]})
    denied(s3.list_object_versions, Bucket=BUCKET)
    denied(s3.get_bucket_policy, Bucket=BUCKET)
    denied(s3.put_bucket_versioning, Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"})
    kms = both.session(both.producer.tables[TABLE].delivery_role_arn, "kms")
    denied(kms.generate_data_key, "NotFoundException", KeyId=both.consumer.kms_key_arn, KeySpec="AES_256")


def test_every_role_of_a_may_do_what_it_must_and_nothing_else_and_b_has_none(both):
    permissions.check(lambda name: both.client(A, name), both.producer, TABLE)

    assert both.client(B, "iam").list_roles()["Roles"] == []


@pytest.fixture(scope="module")
def powerful(both):
    """Another role of A, whose own policy lets it do everything everywhere."""
    iam = both.client(A, "iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{A}:root"}, "Action": "sts:AssumeRole"}
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}

    def document(statement):
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    role = iam.create_role(RoleName="powerful", AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="powerful", PolicyName="everything", PolicyDocument=document(everything))
    yield role
    iam.delete_role_policy(RoleName="powerful", PolicyName="everything")
    iam.delete_role(RoleName="powerful")


@pytest.mark.parametrize("who", ["another role with every permission", "root", "the function's role"])
def test_nobody_else_of_a_reads_writes_or_deletes_the_lake(both, powerful, who):
    function = both.client(A, "lambda").get_function(FunctionName=both.producer.function_name)
    roles = {"another role with every permission": powerful, "the function's role": function["Configuration"]["Role"]}
    s3 = both.session(roles[who], "s3") if who in roles else both.client(A, "s3")
    key = next(objects.list_objects(both.client(B, "s3"), BUCKET, f"data/{TABLE}/")).key

    denied(s3.put_object, Bucket=BUCKET, Key=f"data/{TABLE}/x", Body=b"")
    denied(s3.get_object, Bucket=BUCKET, Key=key)
    denied(s3.head_object, Bucket=BUCKET, Key=key)
    denied(s3.delete_object, Bucket=BUCKET, Key=key)
    denied(s3.list_objects_v2, Bucket=BUCKET)
    denied(s3.list_object_versions, Bucket=BUCKET)
    denied(s3.copy_object, Bucket=BUCKET, Key="data/x", CopySource={"Bucket": BUCKET, "Key": key})
    denied(s3.delete_bucket_policy, Bucket=BUCKET)
    kms = both.session(roles[who], "kms") if who in roles else both.client(A, "kms")
    denied(kms.generate_data_key, "NotFoundException", KeyId=both.consumer.kms_key_arn, KeySpec="AES_256")
    denied(kms.schedule_key_deletion, "NotFoundException", KeyId=both.consumer.kms_key_arn)


@contextmanager
def bucket_policy(both, change):
    """Puts a changed bucket policy in place for a while."""
    s3 = both.client(B, "s3")
    whole = s3.get_bucket_policy(Bucket=BUCKET)["Policy"]
    document = json.loads(whole)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({**document, "Statement": change(document["Statement"])}))
    try:
        yield
    finally:
        s3.put_bucket_policy(Bucket=BUCKET, Policy=whole)


def wait_until_held(both, reason):
    """Waits until delivery is held because of `reason`, and not of an earlier one; returns all that it says."""

    def last_error():
        (stream,) = status.read(both.home).streams
        return stream.state == "held" and (stream.last_error or "").startswith(reason) and stream.last_error

    return wait_until(last_error, f"delivery that is held: {reason}")


def test_without_the_bucket_policys_statement_delivery_waits_says_why_and_loses_nothing(both):
    with bucket_policy(both, lambda statements: [each for each in statements if each["Effect"] == "Deny"]):
        both.put("held-by-the-bucket")
        wait_until_held(both, "S3.AccessDenied: s3:PutObject on ")
        assert not both.arrived("held-by-the-bucket")

    wait_until(lambda: both.arrived("held-by-the-bucket"), "the change that was held back")


@pytest.mark.parametrize(
    ("what", "ours", "anothers"),
    [("path", ":role/dynamo-to-lake/", ":role/somebody-elses/"), ("tag", f'"{TABLE}"', '"somebody-elses"')],
)
def test_with_the_statement_of_another_role_delivery_waits(both, what, ours, anothers):
    def for_another(statements):
        written = json.dumps(statements)
        assert ours in written
        return json.loads(written.replace(ours, anothers))

    with bucket_policy(both, for_another):
        both.put(f"held-for-the-{what}")
        wait_until_held(both, "S3.AccessDenied: s3:PutObject on ")
        assert not both.arrived(f"held-for-the-{what}")

    wait_until(lambda: both.arrived(f"held-for-the-{what}"), "the change that was held back")


def test_without_the_key_policys_statement_delivery_waits_says_why_and_loses_nothing(both):
    kms, key = both.client(B, "kms"), both.consumer.kms_key_arn
    whole = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    document = json.loads(whole)
    document["Statement"] = [each for each in document["Statement"] if not each["Sid"].startswith("WritersOf")]
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(document))
    try:
        both.put("held-by-the-key")
        reason = wait_until_held(both, "S3.KMS.AccessDenied")
        assert f"kms:GenerateDataKey on {key}: the key's policy does not allow it" in reason
    finally:
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=whole)

    wait_until(lambda: both.arrived("held-by-the-key"), "the change that was held back")


def redeploy_producer(both, *options):
    return run("tools.deploy", "producer", "--local", "--native", "--yes", *SETTINGS, *options, home=both.home)


def test_with_the_wrong_key_delivery_waits_names_the_key_and_goes_on_with_the_right_one(both):
    wrong = both.client(B, "kms").create_key()["KeyMetadata"]["Arn"]
    result = redeploy_producer(both, "--var", f"cross_account_kms_key_arn={wrong}")
    assert result.returncode == 0, result.stderr

    both.put("held-by-the-wrong-key")
    reason = wait_until_held(both, "S3.KMS.AccessDenied")
    assert wrong in reason

    result = redeploy_producer(both)
    assert result.returncode == 0, result.stderr
    wait_until(lambda: both.arrived("held-by-the-wrong-key"), "the change that was held back")


@pytest.mark.parametrize(
    ("half", "option", "code", "message"),
    [
        ("consumer", f"ddb_producer_account_id={B}", 2, "this account: for a lake in the account of its tables use"),
        ("consumer", "ddb_producer_account_id=12", 2, "give an AWS account id, exactly 12 digits"),
        ("consumer", "account_id=333333333333", 1, f"credentials are of account {B}"),
        ("producer", f"consumer_account_id={A}", 2, "this account: for a lake in the account of its tables use"),
        ("producer", "consumer_account_id=333333333333", 2, "a key of another account than consumer_account_id"),
        ("producer", "account_id=333333333333", 1, f"credentials are of account {A}"),
        ("producer", "cross_account_datalake_bucket=no-such-bucket-anywhere", 1, "there is no bucket no-such-bucket"),
        ("producer", "region=eu-west-1", 3, "would leave what is deployed in us-east-1 behind"),
    ],
)
def test_a_wrong_account_bucket_or_region_is_refused_before_anything_changes(both, half, option, code, message):
    result = run("tools.deploy", half, "--local", "--yes", *SETTINGS, "--var", option, home=both.home)

    assert result.returncode == code, result.stderr
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert "==> apply" not in result.stdout


@pytest.fixture(scope="module")
def by_profile(both, tmp_path_factory):
    """Runs a verb as somebody with AWS profiles would, in a checkout whose states describe the same pair."""
    return profiles.verbs(both.home, tmp_path_factory.mktemp("profiles") / "checkout")


def test_two_profiles_are_two_accounts(by_profile):
    result = by_profile(
        "verify", "cross-account", "--producer-profile", "tables", "--consumer-profile", "lake", "--json"
    )

    assert result.returncode == 0, result.stderr
    assert [found["record"]["designation"] for found in json.loads(result.stdout)] == [
        "Senior Consultant",
        "Principal Consultant",
    ]


def test_a_role_stands_in_for_a_profile(both, by_profile):
    iam = both.client(B, "iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{A}:root"}, "Action": "sts:AssumeRole"}
    reads = {
        "Effect": "Allow",
        "Action": ["s3:ListBucket", "s3:GetObject", "s3:ListAllMyBuckets", "kms:Decrypt"],
        "Resource": "*",
    }
    document = {"Version": "2012-10-17"}
    role = iam.create_role(RoleName="analyst", AssumeRolePolicyDocument=json.dumps({**document, "Statement": [trust]}))[
        "Role"
    ]["Arn"]
    iam.put_role_policy(
        RoleName="analyst", PolicyName="reads", PolicyDocument=json.dumps({**document, "Statement": [reads]})
    )
    try:
        accounts = ("--producer-profile", "tables", "--consumer-profile", "tables", "--consumer-assume-role-arn")
        result = by_profile("verify", "cross-account", *accounts, role)
        assert result.returncode == 0, result.stderr
        result = by_profile("verify", "cross-account", *accounts, role + "-that-is-not-there")
        assert result.returncode == 1
        assert "cannot assume" in result.stderr
        assert "Traceback" not in result.stderr
    finally:
        iam.delete_role_policy(RoleName="analyst", PolicyName="reads")
        iam.delete_role(RoleName="analyst")


def test_profiles_of_one_account_are_refused(by_profile):
    result = by_profile("deploy", "cross-account", "--yes", "--producer-profile", "lake", "--consumer-profile", "lake")

    assert result.returncode == 2
    assert f"producer and consumer are both account {B}" in result.stderr


def test_the_consumer_is_not_destroyed_while_the_producer_delivers_to_it(both, by_profile):
    result = run("tools.destroy", "consumer", "--local", "--yes", "--purge-bucket", home=both.home)

    assert result.returncode == 3
    assert f"account {A} still delivers to {BUCKET} ({TABLE}-delivery-stream)" in result.stderr
    assert "destroy the producer first" in result.stderr

    profiles = ("--consumer-profile", "lake", "--producer-profile", "tables")
    seen = by_profile("destroy", "consumer", "--yes", "--purge-bucket", *profiles)
    assert seen.returncode == 3
    assert "destroy the producer first" in seen.stderr
    assert both.records()


def test_a_consumer_whose_producer_cannot_be_seen_is_not_destroyed(both, by_profile):
    result = by_profile("destroy", "consumer", "--yes", "--purge-bucket", "--consumer-profile", "lake")

    assert result.returncode == 3
    assert "--producer-is-gone" in result.stderr
    assert both.records()


def test_destroying_both_keeps_both_while_the_lake_holds_objects(both):
    result = run("tools.destroy", "cross-account", "--local", "--yes", home=both.home)

    assert result.returncode == 3
    assert f"refused: {BUCKET} holds" in result.stderr
    assert both.client(A, "dynamodb").list_tables()["TableNames"] == [TABLE]


def test_destroying_both_takes_the_producer_first_and_leaves_nothing(both):
    printed = done("tools.destroy", "cross-account", "--local", "--yes", "--purge-bucket", home=both.home, timeout=600)

    assert printed.index("Destroyed producer") < printed.index("Destroyed consumer")
    assert both.client(A, "dynamodb").list_tables()["TableNames"] == []
    assert both.client(A, "firehose").list_delivery_streams()["DeliveryStreamNames"] == []
    assert both.client(B, "s3").list_buckets()["Buckets"] == []
    result = run("tools.verify", "cross-account", "--local", home=both.home)
    assert result.returncode == 1
    assert "not deployed here" in result.stderr
