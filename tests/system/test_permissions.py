"""What the roles of the deployed environment may do: judged by their deployed policies, and by calling."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.system import permissions
from tests.system import test_flow as flow

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("lake")]


@pytest.mark.parametrize("table", [flow.ARTICLE, "orders"])
def test_every_role_may_do_what_it_must_and_nothing_else(deployed, table):
    permissions.check(deployed.client, deployed.outputs, table)


def test_the_delivery_role_is_let_in_and_kept_out_by_the_services_themselves(deployed):
    role = deployed.outputs.tables[flow.ARTICLE].delivery_role_arn
    aws = deployed.session(role)
    s3, bucket, key = aws.client("s3"), deployed.outputs.bucket_name, f"errors/{flow.ARTICLE}/by-the-role"

    s3.put_object(Bucket=bucket, Key=key, Body=b"1")

    refused = {
        "another table's data": lambda: s3.put_object(Bucket=bucket, Key="data/orders/x", Body=b""),
        "no table's data": lambda: s3.put_object(Bucket=bucket, Key="x", Body=b""),
        "another encryption": lambda: s3.put_object(Bucket=bucket, Key=key, Body=b"", ServerSideEncryption="AES256"),
        "reading": lambda: s3.get_object(Bucket=bucket, Key=key),
        "deleting": lambda: s3.delete_object(Bucket=bucket, Key=key),
        "reading the table": lambda: aws.client("dynamodb").scan(TableName=flow.ARTICLE),
        "writing to the stream": lambda: aws.client("kinesis").put_record(
            StreamName=deployed.outputs.tables[flow.ARTICLE].stream_name, Data=b"", PartitionKey="1"
        ),
        "using the key by itself": lambda: aws.client("kms").generate_data_key(
            KeyId=deployed.outputs.kms_key_arn, KeySpec="AES_256"
        ),
    }
    answers = {}
    for what, call in refused.items():
        with pytest.raises(ClientError) as refusal:
            call()
        answers[what] = refusal.value.response["Error"]["Code"]
    assert set(answers.values()) <= {"AccessDenied", "AccessDeniedException"}, answers


CLOSED = ("errors/orders/", "exports/orders/")
"""Where the records of a table with rules lie as they came."""


@pytest.fixture(scope="module")
def readers(deployed):
    """Clients of two roles whose own policies let them use S3 and its keys; the deployment names the first."""
    iam = deployed.client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:root"}, "Action": "sts:AssumeRole"}
    everything = {"Effect": "Allow", "Action": ["s3:*", "kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*"}
    clients = {}
    for name in ("mender", "analyst"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))
        iam.put_role_policy(RoleName=name, PolicyName="s3", PolicyDocument=document(everything))
        clients[name] = deployed.session(f"arn:aws:iam::111111111111:role/{name}").client("s3")
    yield clients
    for name in clients:
        iam.delete_role_policy(RoleName=name, PolicyName="s3")
        iam.delete_role(RoleName=name)


def document(statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_originals_of_a_table_with_rules_are_read_by_the_named_role_and_by_no_other(deployed, readers):
    bucket = deployed.outputs.bucket_name
    keys = [f"{prefix}x" for prefix in (*CLOSED, "data/orders/", f"errors/{flow.ARTICLE}/")]
    versions = {key: readers["mender"].put_object(Bucket=bucket, Key=key, Body=b"1")["VersionId"] for key in keys}

    answers = {
        (who, key): {
            status(s3.get_object, Bucket=bucket, Key=key),
            status(s3.get_object, Bucket=bucket, Key=key, VersionId=versions[key]),
            status(s3.head_object, Bucket=bucket, Key=key),
        }
        for who, s3 in readers.items()
        for key in keys
    }

    assert answers == {
        (who, key): {403 if who == "analyst" and key.startswith(CLOSED) else 200} for who, key in answers
    }
    for key, version in versions.items():
        assert deployed.keys(key) == [key]
        readers["analyst"].delete_object(Bucket=bucket, Key=key, VersionId=version)


def status(call, **request):
    try:
        return call(**request)["ResponseMetadata"]["HTTPStatusCode"]
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"]


def test_originals_of_a_table_with_rules_do_not_stay(deployed):
    rules = deployed.client("s3").get_bucket_lifecycle_configuration(Bucket=deployed.outputs.bucket_name)["Rules"]
    expiring = {rule["Filter"]["Prefix"]: rule for rule in rules if "Days" in rule.get("Expiration", {})}
    del expiring["results/"]

    assert expiring.keys() == {*CLOSED, "errors/people/", "exports/people/"}
    for rule in expiring.values():
        assert (rule["Status"], rule["Expiration"]["Days"]) == ("Enabled", 30)
        assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] == 1
