"""What the roles of the deployed environment may do: judged by their deployed policies, and by calling."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.system import permissions
from tests.system import test_flow as flow
from tools.deployments.aws import Aws
from tools.localaws import service

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("lake")]


@pytest.mark.parametrize("table", [flow.ARTICLE, "orders"])
def test_every_role_may_do_what_it_must_and_nothing_else(deployed, table):
    permissions.check(deployed.client, deployed.outputs, table)


def test_the_delivery_role_is_let_in_and_kept_out_by_the_services_themselves(deployed):
    role = deployed.outputs.tables[flow.ARTICLE].delivery_role_arn
    given = deployed.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    keys = {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
    }
    aws = Aws({**service.connect(deployed.home).environment(service.SINGLE_ACCOUNT), **keys})
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
