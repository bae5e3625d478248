"""Exports of tables lie in S3 as AWS writes them, of the time that was asked for, where the caller may write."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from time import sleep, time

import pytest
from botocore.exceptions import ClientError

from tests.system.accounts import Account, document
from tests.system.waiting import wait_until
from tools.localaws import service

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("corrections")]

A, B = service.PRODUCER, service.CONSUMER
ROOT = {"AWS": f"arn:aws:iam::{A}:root"}
WRITES = ["s3:PutObject", "s3:AbortMultipartUpload", "s3:PutObjectAcl"]


class Table:
    def __init__(self, local, name, *, recovery=True):
        self.own = Account(local, A)
        self.dynamodb, self.s3, self.name = self.own.client("dynamodb"), self.own.client("s3"), name
        self.bucket = f"exports-of-{name}"
        made = self.dynamodb.create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        self.arn = made["TableDescription"]["TableArn"]
        self.s3.create_bucket(Bucket=self.bucket)
        if recovery:
            self.recover(enabled=True)

    def recover(self, *, enabled):
        wanted = {"PointInTimeRecoveryEnabled": enabled}
        self.dynamodb.update_continuous_backups(TableName=self.name, PointInTimeRecoverySpecification=wanted)

    def put(self, **items):
        for key, value in items.items():
            self.dynamodb.put_item(TableName=self.name, Item={"id": {"S": key}, "v": {"N": str(value)}})

    def export(self, *, client=None, **settings):
        client = client or self.dynamodb
        begun = client.export_table_to_point_in_time(TableArn=self.arn, **{"S3Bucket": self.bucket, **settings})
        arn = begun["ExportDescription"]["ExportArn"]
        assert begun["ExportDescription"]["ExportStatus"] == "IN_PROGRESS"

        def described():
            return client.describe_export(ExportArn=arn)["ExportDescription"]

        wait_until(lambda: described()["ExportStatus"] != "IN_PROGRESS", "the export")
        return described()

    def read(self, description, s3=None):
        """Returns the lines of an export, after a check of all that its manifests say."""
        s3, bucket = s3 or self.s3, description["S3Bucket"]

        def content(key):
            return s3.get_object(Bucket=bucket, Key=key)["Body"].read()

        folder = description["ExportManifest"].rpartition("/")[0]
        for name in ("summary", "files"):
            told = content(f"{folder}/manifest-{name}.checksum").decode()
            assert told == md5(content(f"{folder}/manifest-{name}.json"))
        assert content(f"{folder}/_started") == b""
        summary = json.loads(content(description["ExportManifest"]))
        assert (summary["itemCount"], summary["exportArn"]) == (description["ItemCount"], description["ExportArn"])
        lines = []
        for line in content(summary["manifestFilesS3Key"]).splitlines():
            file = json.loads(line)
            data = content(file["dataFileS3Key"])
            assert md5(data) == file["md5Checksum"]
            assert s3.head_object(Bucket=bucket, Key=file["dataFileS3Key"])["ETag"].strip('"') == file["etag"]
            found = [json.loads(each) for each in gzip.decompress(data).splitlines()]
            assert len(found) == file["itemCount"]
            lines += found
        assert len(lines) == description["ItemCount"]
        return lines

    def items(self, description, **more):
        return {line["Item"]["id"]["S"]: int(line["Item"]["v"]["N"]) for line in self.read(description, **more)}


def md5(content):
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


@pytest.fixture(scope="module")
def table(corrected):
    return Table(corrected, "exported")


def writes_nothing(local):
    found = Table(local, "writes-nothing")
    found.put(a=1)
    found.dynamodb.export_table_to_point_in_time(TableArn=found.arn, S3Bucket=found.bucket)
    sleep(1.5)
    return found.s3.list_objects_v2(Bucket=found.bucket)["KeyCount"] == 0


def test_an_export_writes_objects(corrected):
    assert not writes_nothing(corrected)


def test_the_emulator_still_needs_the_correction(uncorrected):
    assert writes_nothing(uncorrected), "the emulator exports by itself now: see what is left of table_exports"


def test_a_full_export_holds_the_table_as_it_was_at_its_time(table):
    table.put(a=1, b=2, c=3)
    sleep(1)
    then = int(time())
    sleep(1)
    table.put(a=10, d=4)
    table.dynamodb.delete_item(TableName=table.name, Key={"id": {"S": "b"}})

    earlier = table.export(ExportTime=then, S3Prefix="exports/t")
    now = table.export(S3Prefix="exports/t/")

    assert table.items(earlier) == {"a": 1, "b": 2, "c": 3}
    assert table.items(now) == {"a": 10, "c": 3, "d": 4}
    assert earlier["ExportManifest"].startswith("exports/t/AWSDynamoDB/")
    assert earlier["BilledSizeBytes"] > 0
    listed = table.dynamodb.list_exports(TableArn=table.arn)["ExportSummaries"]
    assert {earlier["ExportArn"], now["ExportArn"]} <= {each["ExportArn"] for each in listed}


def test_an_incremental_export_holds_one_line_an_item_in_the_shared_folder(corrected):
    table = Table(corrected, "incremental")
    table.put(a=1, b=2, c=3)
    sleep(1.1)
    start = int(time())
    table.put(a=10)
    table.put(a=11, d=4)
    table.dynamodb.delete_item(TableName=table.name, Key={"id": {"S": "b"}})
    sleep(1.1)
    end = int(time())
    window = {"ExportFromTime": start, "ExportToTime": end, "ExportViewType": "NEW_AND_OLD_IMAGES"}

    found = table.export(ExportType="INCREMENTAL_EXPORT", IncrementalExportSpecification=window)

    lines = {line["Keys"]["id"]["S"]: line for line in table.read(found)}
    values = {
        key: tuple(line[name]["v"]["N"] if name in line else None for name in ("OldImage", "NewImage"))
        for key, line in lines.items()
    }
    assert values == {"a": ("1", "11"), "b": ("2", None), "d": (None, "4")}
    assert all(start * 1e6 <= int(line["Metadata"]["WriteTimestampMicros"]["N"]) < end * 1e6 for line in lines.values())
    keys = [each["Key"] for each in table.s3.list_objects_v2(Bucket=table.bucket)["Contents"]]
    assert {key.rpartition("/")[0] for key in keys if key.endswith(".json.gz")} == {"AWSDynamoDB/data"}


def test_a_time_that_cannot_be_known_is_refused_with_awss_errors(corrected):
    table = Table(corrected, "unknown-times", recovery=False)
    with pytest.raises(ClientError, match="PointInTimeRecoveryUnavailableException"):
        table.export()
    table.recover(enabled=True)
    with pytest.raises(ClientError, match="InvalidExportTimeException"):
        table.export(ExportTime=int(time()) - 60)
    with pytest.raises(ClientError, match="InvalidExportTimeException"):
        table.export(ExportTime=int(time()) + 60)
    with pytest.raises(ClientError, match="TableNotFoundException"):
        table.dynamodb.export_table_to_point_in_time(TableArn=f"{table.arn}-2", S3Bucket=table.bucket)
    described = table.dynamodb.describe_continuous_backups(TableName=table.name)["ContinuousBackupsDescription"]
    earliest = described["PointInTimeRecoveryDescription"]["EarliestRestorableDateTime"].timestamp()
    assert time() - 30 < earliest < time()


def test_the_same_token_is_the_same_export_and_another_request_with_it_is_refused(table):
    first = table.export(ClientToken="token")
    again = table.dynamodb.export_table_to_point_in_time(
        TableArn=table.arn, S3Bucket=table.bucket, ClientToken="token"
    )["ExportDescription"]

    assert again["ExportArn"] == first["ExportArn"]
    with pytest.raises(ClientError, match="ExportConflictException"):
        table.export(ClientToken="token", S3Prefix="elsewhere")


@pytest.mark.parametrize("missing", WRITES)
def test_each_permission_of_the_caller_is_needed(table, missing):
    name = missing.replace(":", "-")
    role = table.own.role(name, ["dynamodb:*", *(each for each in WRITES if each != missing)], "*")
    found = table.export(client=table.own.session(role, "dynamodb"))

    assert (found["ExportStatus"], found["FailureCode"]) == ("FAILED", "S3AccessDenied")
    assert f"perform: {missing} on" in found["FailureMessage"]


def test_a_key_that_the_caller_may_not_use_fails_the_export(table):
    kms = table.own.client("kms")
    administered = {"Principal": ROOT, "Action": "kms:*", "Resource": "*"}
    key = kms.create_key(Policy=document(administered))["KeyMetadata"]["Arn"]
    encryption = {"S3SseAlgorithm": "KMS", "S3SseKmsKeyId": key}
    found = table.export(**encryption)
    head = table.s3.head_object(Bucket=table.bucket, Key=found["ExportManifest"])
    assert (found["ExportStatus"], head["SSEKMSKeyId"]) == ("COMPLETED", key)

    role = table.own.role("without-the-key", ["dynamodb:*", *WRITES], "*")
    found = table.export(client=table.own.session(role, "dynamodb"), **encryption)
    assert (found["ExportStatus"], found["FailureCode"]) == ("FAILED", "S3KMSAccessDenied")


def test_another_accounts_bucket_needs_its_owner_and_its_policy(corrected, table):
    other = Account(corrected, B).client("s3")
    other.create_bucket(Bucket="exports-in-b")
    assert table.export(S3Bucket="exports-in-b")["FailureCode"] == "S3AccessDenied"
    assert table.export(S3Bucket="exports-in-b", S3BucketOwner=B)["FailureCode"] == "S3AccessDenied"
    allowed = {"Principal": ROOT, "Action": WRITES, "Resource": "arn:aws:s3:::exports-in-b/*"}
    other.put_bucket_policy(Bucket="exports-in-b", Policy=document(allowed))
    found = table.export(S3Bucket="exports-in-b", S3BucketOwner=B)

    assert found["ExportStatus"] == "COMPLETED"
    assert table.items(found, s3=other)
    assert table.export(S3Bucket="exports-of-nobody")["FailureCode"] == "S3NoSuchBucket"
