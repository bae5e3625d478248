"""The delivery worker on the real emulator: everything here is made with boto3 and is as small as it can be."""

from __future__ import annotations

import copy
import gzip
import io
import json
import os
import re
import signal
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import psutil
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.system.commands import acting_as
from tests.system.waiting import wait_until
from tools import paths
from tools.deployments.aws import Aws
from tools.errors import LakeError
from tools.localaws import installation, process, service, status
from tools.localaws.state_folder import StateFolder

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("worker")]

ACCOUNT = service.SINGLE_ACCOUNT
FUNCTION = """
import base64, json, time

def handler(event, context):
    return {"records": [one(record) for record in event["records"]]}

def one(record):
    change = json.loads(base64.b64decode(record["data"]))
    key = change["dynamodb"]["Keys"]["id"]["S"]
    if key == "crash":
        raise ValueError(key)
    if key == "sleep":
        time.sleep(600)
    if key.startswith(("drop", "fail")):
        return {"recordId": record["recordId"], "result": "Dropped" if key.startswith("drop") else "ProcessingFailed"}
    number = change["dynamodb"].get("NewImage", {}).get("number", {}).get("N")
    row = json.dumps({"id": key, "number": number, "event": change["eventName"]}) + "\\n"
    return {"recordId": record["recordId"], "result": "Ok", "data": base64.b64encode(row.encode()).decode()}
"""
READS = ["kinesis:DescribeStream", "kinesis:GetShardIterator", "kinesis:GetRecords", "kinesis:ListShards"]


def archive(source):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr("function.py", source)
    return buffer.getvalue()


def trust(service_name, **conditions):
    statement = {"Effect": "Allow", "Principal": {"Service": service_name}, "Action": "sts:AssumeRole"}
    if conditions:
        statement["Condition"] = conditions
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class Pipeline:
    """A table, its encrypted stream, a function, a delivery stream with an exact role, and a bucket."""

    def __init__(self, home, name):
        self.home, self.name = StateFolder(home), name
        aws = Aws(service.connect(home).environment(ACCOUNT))
        names = ("dynamodb", "kinesis", "s3", "kms", "iam", "lambda", "firehose", "logs")
        self.dynamodb, self.kinesis, self.s3, self.kms, self.iam, self.functions, self.firehose, self.logs = map(
            aws.client, names
        )
        self.table, self.stream, self.bucket = f"{name}-table", f"{name}-data-stream", f"{name}-lake"
        self.role, self.group, self.written = f"{name}-delivery", f"/aws/kinesisfirehose/{name}", 0
        self._make()

    def _make(self):
        administration = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
        key_policy = {"Version": "2012-10-17", "Statement": [{**administration, "Action": "kms:*", "Resource": "*"}]}
        self.key = self.kms.create_key(Policy=json.dumps(key_policy))["KeyMetadata"]["Arn"]
        self.s3.create_bucket(Bucket=self.bucket)
        # With a bucket key the encryption context is the bucket, as the role's policy has it.
        default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": self.key}
        rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}
        self.s3.put_bucket_encryption(Bucket=self.bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
        self.s3.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})
        # Without a Bucket Key the encryption context would be each object's ARN.
        default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": self.key}
        rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}
        self.s3.put_bucket_encryption(Bucket=self.bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
        self.kinesis.create_stream(StreamName=self.stream, ShardCount=2)
        self.kinesis.start_stream_encryption(StreamName=self.stream, EncryptionType="KMS", KeyId=self.key)
        stream = self.kinesis.describe_stream(StreamName=self.stream)["StreamDescription"]["StreamARN"]
        self.dynamodb.create_table(
            TableName=self.table,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        own_role = self.iam.create_role(
            RoleName=f"{self.name}-function", AssumeRolePolicyDocument=trust("lambda.amazonaws.com")
        )["Role"]["Arn"]
        function = self.functions.create_function(
            FunctionName=f"{self.name}-function",
            Runtime="python3.11",
            Role=own_role,
            Handler="function.handler",
            Code={"ZipFile": archive(FUNCTION)},
            Timeout=60,
        )["FunctionArn"]
        self.logs.create_log_group(logGroupName=self.group)
        self.logs.create_log_stream(logGroupName=self.group, logStreamName="delivery")
        role = self.iam.create_role(
            RoleName=self.role,
            AssumeRolePolicyDocument=trust("firehose.amazonaws.com", StringEquals={"sts:ExternalId": ACCOUNT}),
        )["Role"]["Arn"]
        self.policy = {"Version": "2012-10-17", "Statement": self._statements(stream, function)}
        self.permit(self.policy)
        self.firehose.create_delivery_stream(
            DeliveryStreamName=f"{self.name}-delivery-stream",
            DeliveryStreamType="KinesisStreamAsSource",
            KinesisStreamSourceConfiguration={"KinesisStreamARN": stream, "RoleARN": role},
            ExtendedS3DestinationConfiguration=self._destination(role, function),
        )
        self.dynamodb.enable_kinesis_streaming_destination(TableName=self.table, StreamArn=stream)

    def _statements(self, stream, function):
        def allow(actions, resource, **conditions):
            statement = {"Effect": "Allow", "Action": actions, "Resource": resource}
            return {**statement, "Condition": {"StringEquals": conditions}} if conditions else statement

        def via(name, context, arn):
            return {"kms:ViaService": f"{name}.us-east-1.amazonaws.com", f"kms:EncryptionContext:{context}": arn}

        bucket, group = f"arn:aws:s3:::{self.bucket}", f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{self.group}"
        return [
            allow(READS, stream),
            allow(["s3:PutObject"], f"{bucket}/*"),
            allow(["lambda:InvokeFunction"], function),
            allow(["kms:GenerateDataKey"], self.key, **via("s3", "aws:s3:arn", bucket)),
            allow(["kms:Decrypt"], self.key, **via("kinesis", "aws:kinesis:arn", stream)),
            allow(["logs:PutLogEvents"], f"{group}:log-stream:*"),
        ]

    def _destination(self, role, function):
        parameters = {"LambdaArn": function, "BufferIntervalInSeconds": "1", "NumberOfRetries": "20"}
        lambda_processor = {
            "Type": "Lambda",
            "Parameters": [{"ParameterName": name, "ParameterValue": value} for name, value in parameters.items()],
        }
        return {
            "BucketARN": f"arn:aws:s3:::{self.bucket}",
            "RoleARN": role,
            "Prefix": "data/t/cdc_date=!{timestamp:yyyy-MM-dd}/cdc_hour=!{timestamp:HH}/",
            "ErrorOutputPrefix": "errors/t/!{firehose:error-output-type}/cdc_date=!{timestamp:yyyy-MM-dd}/",
            "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 0},
            "CompressionFormat": "GZIP",
            "EncryptionConfiguration": {"KMSEncryptionConfig": {"AWSKMSKeyARN": self.key}},
            "CloudWatchLoggingOptions": {"Enabled": True, "LogGroupName": self.group, "LogStreamName": "delivery"},
            "ProcessingConfiguration": {"Enabled": True, "Processors": [lambda_processor]},
        }

    def permit(self, policy):
        self.iam.put_role_policy(RoleName=self.role, PolicyName="delivery", PolicyDocument=json.dumps(policy))

    def put(self, count):
        """Puts items, each with the next number; one that was not acknowledged is put again."""
        for _ in range(count):
            item = {"id": {"S": f"key{self.written % 50}"}, "number": {"N": str(self.written)}}
            wait_until(lambda item=item: self._is_put(item), "local AWS comes back")
            self.written += 1

    def _is_put(self, item):
        try:
            self.dynamodb.put_item(TableName=self.table, Item=item)
        except (BotoCoreError, ClientError):
            return False
        return True

    def rows(self, prefix="data/"):
        listed = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        bodies = [
            self.s3.get_object(Bucket=self.bucket, Key=each["Key"])["Body"].read()
            for page in listed
            for each in page.get("Contents", [])
        ]
        return [json.loads(line) for body in bodies for line in gzip.decompress(body).splitlines()]

    def missing(self):
        """Numbers that were written and are not in the bucket."""
        return set(map(str, range(self.written))) - {row["number"] for row in self.rows()}

    def status(self):
        """The status of the delivery stream, None when the worker has none of it."""
        streams = status.read(self.home.root).streams
        return next((each for each in streams if each.name == f"{self.name}-delivery-stream"), None)

    def last_error(self):
        found = self.status()
        return (found.last_error if found else None) or ""

    def kill(self, part):
        running = process.find_recorded(self.home.process_file(part))
        if running:
            os.kill(running.pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("local")
    service.up(folder)
    yield folder
    service.purge(folder)


@pytest.fixture
def pipeline(home, request):
    return Pipeline(home, f"t{zlib.crc32(request.node.name.encode())}")


def test_changes_arrive_encrypted_named_and_sorted_into_data_and_failures(pipeline):
    pipeline.put(20)
    for key in ("drop", "fail"):
        pipeline.dynamodb.put_item(TableName=pipeline.table, Item={"id": {"S": key}})
    pipeline.dynamodb.delete_item(TableName=pipeline.table, Key={"id": {"S": "key0"}})
    wait_until(lambda: len(pipeline.rows()) == 21 and pipeline.rows("errors/"), "21 records and a failure")
    assert sorted(row["event"] for row in pipeline.rows()) == ["INSERT"] * 20 + ["REMOVE"]
    assert [line["attemptsMade"] for line in pipeline.rows("errors/t/processing-failed/cdc_date=")] == [1]
    stored = pipeline.s3.list_objects_v2(Bucket=pipeline.bucket, Prefix="data/t/cdc_date=")["Contents"]
    described = pipeline.s3.head_object(Bucket=pipeline.bucket, Key=stored[0]["Key"])
    assert described["SSEKMSKeyId"] == pipeline.key
    assert f"/{pipeline.name}-delivery-stream-1-" in stored[0]["Key"]
    assert stored[0]["Key"].endswith(".gz")


def test_every_acknowledged_change_arrives_though_both_processes_are_killed_again_and_again(home, pipeline):
    for parts in (("emulator",), ("delivery",), ("emulator", "delivery"), ("delivery",), ("emulator",)):
        pipeline.put(60)
        for part in parts:
            pipeline.kill(part)
        service.up(home)
    pipeline.put(60)
    wait_until(lambda: not pipeline.missing(), lambda: f"records {pipeline.missing()}")
    counted = pipeline.dynamodb.scan(TableName=pipeline.table, Select="COUNT")["Count"]
    assert counted == 50


@pytest.mark.parametrize(
    "action",
    ["s3:PutObject", "lambda:InvokeFunction", "kms:GenerateDataKey", "kms:Decrypt", "kinesis:GetRecords"],
)
def test_a_missing_permission_holds_delivery_is_named_and_loses_nothing(pipeline, action):
    reduced = copy.deepcopy(pipeline.policy)
    for statement in reduced["Statement"]:
        statement["Action"] = [each for each in statement["Action"] if each != action] or ["sts:GetCallerIdentity"]
    pipeline.permit(reduced)
    pipeline.put(10)
    wait_until(lambda: action in pipeline.last_error(), lambda: f"{action} in {pipeline.last_error()!r}")
    assert pipeline.rows() == []
    events = pipeline.logs.get_log_events(logGroupName=pipeline.group, logStreamName="delivery")["events"]
    assert any(action in json.loads(event["message"])["message"] for event in events)
    assert action in pipeline.home.log("delivery").read_text()
    pipeline.permit(pipeline.policy)
    wait_until(lambda: not pipeline.missing(), lambda: f"records {pipeline.missing()}")
    assert pipeline.rows("errors/") == []


def test_a_batch_that_makes_the_function_crash_does_not_hold_up_those_after_it(pipeline):
    pipeline.dynamodb.put_item(TableName=pipeline.table, Item={"id": {"S": "crash"}})
    wait_until(lambda: "Lambda.FunctionError" in pipeline.last_error(), "the error of the function")
    pipeline.put(20)
    wait_until(lambda: not pipeline.missing(), lambda: f"records {pipeline.missing()}")
    assert pipeline.rows("errors/") == []


def test_a_function_that_does_not_answer_does_not_hold_up_other_batches(pipeline):
    pipeline.dynamodb.put_item(TableName=pipeline.table, Item={"id": {"S": "sleep"}})
    wait_until(
        lambda: (found := pipeline.status()) and found.busy_with == "lambda:InvokeFunction", "the function has it"
    )
    pipeline.put(20)
    wait_until(lambda: not pipeline.missing(), lambda: f"records {pipeline.missing()}")
    # It has a minute, which is not over.
    assert pipeline.last_error() == ""


def test_once_its_role_is_gone_a_session_that_delivers_can_put_no_object(pipeline):
    # Destroying stops delivery so before it empties the bucket.
    pipeline.put(1)
    wait_until(lambda: not pipeline.missing(), "the session is in use")
    session = acting_as(pipeline.home.root, f"arn:aws:iam::{ACCOUNT}:role/{pipeline.role}").client("s3")
    session.put_object(Bucket=pipeline.bucket, Key="before", Body=b"x")
    pipeline.firehose.delete_delivery_stream(DeliveryStreamName=f"{pipeline.name}-delivery-stream")
    pipeline.iam.delete_role_policy(RoleName=pipeline.role, PolicyName="delivery")
    pipeline.iam.delete_role(RoleName=pipeline.role)
    with pytest.raises(ClientError, match=r"AccessDenied|InvalidAccessKeyId|InvalidClientTokenId"):
        session.put_object(Bucket=pipeline.bucket, Key="after", Body=b"x")
    pipeline.put(20)
    wait_until(lambda: pipeline.status() is None, "the worker has left the delivery stream")
    assert len(pipeline.rows()) == 1


def test_records_of_a_shard_that_was_replaced_arrive(pipeline):
    pipeline.put(40)
    pipeline.kinesis.update_shard_count(StreamName=pipeline.stream, TargetShardCount=3, ScalingType="UNIFORM_SCALING")
    pipeline.put(40)
    wait_until(lambda: not pipeline.missing(), lambda: f"records {pipeline.missing()}")
    summary = pipeline.kinesis.describe_stream_summary(StreamName=pipeline.stream)["StreamDescriptionSummary"]
    assert summary["OpenShardCount"] == 3


def test_nothing_listens_but_one_port_of_the_loopback_interface(home, pipeline):
    pipeline.put(1)
    wait_until(lambda: not pipeline.missing(), lambda: f"records {pipeline.missing()}")
    place = StateFolder(home)
    roots = [process.find_recorded(place.process_file(part)).find() for part in ("emulator", "delivery")]
    family = [member for root in roots for member in [root, *root.children(recursive=True)]]
    listening = {
        (connection.laddr.ip, connection.laddr.port)
        for member in family
        for connection in member.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {("127.0.0.1", int(service.connect(home).endpoint_url.rpartition(":")[2]))}
    assert len(family) > 2


def test_starting_what_runs_changes_nothing(home):
    place = StateFolder(home)
    before = [process.find_recorded(place.process_file(part)) for part in ("emulator", "delivery")]
    assert service.up(home) == service.up(home)
    assert [process.find_recorded(place.process_file(part)) for part in ("emulator", "delivery")] == before
    assert status.read(home).is_running


def test_a_second_process_ends_by_itself_and_one_whose_record_is_lost_is_told(home):
    place = StateFolder(home)
    running = {part: process.find_recorded(place.process_file(part)).pid for part in service.PARTS}
    commands = {
        "delivery": [sys.executable, "-m", "tools.localaws.firehose", "--home", str(home)],
        "emulator": [str(installation.python()), "-m", "tools.localaws.emulator"],
    }
    for part, command in commands.items():
        locked = {"LAKE_PROCESS_LOCK": str(place.process_lock(part)), "PYTHONPATH": str(paths.REPOSITORY)}
        environment = {**os.environ, **locked}
        second = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert (second.returncode, f"process {running[part]} works in" in second.stderr) == (1, True), second.stderr
        record = place.process_file(part).read_bytes()
        place.process_file(part).unlink()
        with pytest.raises(LakeError, match=f"kill {running[part]}$"):
            service.up(home)
        assert not status.read(home).is_running
        place.process_file(part).write_bytes(record)
    assert status.read(home).is_running


def test_a_stopped_worker_is_told_and_goes_on(home, pipeline, monkeypatch):
    monkeypatch.setattr(status, "STALE_SECONDS", 4.0)
    pipeline.put(1)
    wait_until(lambda: not pipeline.missing(), lambda: f"records {pipeline.missing()}")
    wait_until(lambda: status.read(home).is_running, "a heartbeat")
    pid = process.find_recorded(pipeline.home.process_file("delivery")).pid
    os.kill(pid, signal.SIGSTOP)
    try:
        wait_until(lambda: status.read(home).worker_hangs, "the end of the heartbeat")
        assert {each.state for each in status.read(home).streams} == {"unknown"}
        pipeline.put(1)
    finally:
        os.kill(pid, signal.SIGCONT)
    wait_until(lambda: not pipeline.missing(), lambda: f"records {pipeline.missing()}")
    wait_until(lambda: status.read(home).is_running, "a heartbeat")


def test_the_worker_stays_small_with_a_large_backlog(home, pipeline):
    process.stop(pipeline.home.process_file("delivery"), 10.0)
    for number in range(300):
        item = {"id": {"S": f"large{number}"}, "number": {"N": str(number)}, "text": {"S": "x" * 300_000}}
        change = {"eventName": "INSERT", "dynamodb": {"Keys": {"id": item["id"]}, "NewImage": item}}
        data = json.dumps(change).encode()
        pipeline.kinesis.put_record(StreamName=pipeline.stream, PartitionKey=str(number), Data=data)
    pipeline.written = 300
    service.up(home)
    wait_until(lambda: not pipeline.missing(), lambda: f"records {pipeline.missing()}")
    pid = process.find_recorded(pipeline.home.process_file("delivery")).pid
    (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert int(peak) < 140 * 1024
