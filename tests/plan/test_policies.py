"""Who may do what: every policy that the modules write, statement by statement."""

from __future__ import annotations

import json
import re

import pytest

from tests.plan.reading import resources, statements, values
from tools.core import paths

A, B = "111111111111", "222222222222"
KEY = f"arn:aws:kms:us-east-1:{A}:key/11111111-2222-3333-4444-555555555555"
KEY_OF_B = f"arn:aws:kms:us-east-1:{B}:key/11111111-2222-3333-4444-555555555555"
ROOT = {"AWS": f"arn:aws:iam::{A}:root"}
ROOT_OF_B = {"AWS": f"arn:aws:iam::{B}:root"}
WRITER = f"arn:aws:iam::{B}:role/orders-delivery-stream"
PLACE = {"account_id": A, "region": "us-east-1"}
DELIVERY = {
    **PLACE,
    "name": "orders-delivery-stream",
    "table_name": "orders",
    "stream_name": "orders-data-stream",
    "function_name": "lake-transform",
    "bucket_name": "my-lake",
    "kms_key_arn": KEY,
}
MODULES = {
    "key": {**PLACE, "kms_key_alias": "lake", "log_group_names": ["/aws/lambda/f"]},
    "key_in_china": {"account_id": A, "region": "cn-north-1", "partition": "aws-cn", "kms_key_alias": "lake"},
    "key_with_writer": {
        **PLACE,
        "kms_key_alias": "lake",
        "writer_role_arns": [WRITER],
        "writer_bucket_name": "my-lake",
    },
    "network": {**PLACE, "name": "lake", "kms_key_arn": KEY},
    "bucket": {"bucket_name": "my-lake", "kms_key_arn": KEY},
    "bucket_with_writer": {
        "bucket_name": "my-lake",
        "kms_key_arn": KEY,
        "writers": [{"role_arn": WRITER, "prefixes": ["data/orders/", "errors/orders/"]}],
    },
    "transform": {
        **PLACE,
        "name": "lake-transform",
        "package": {"s3_bucket": "artifacts", "s3_key": "k"},
        "vpc_id": "vpc-1",
        "subnet_ids": ["subnet-1"],
        "kms_key_arn": KEY,
    },
    "stream": {"name": "orders-data-stream", "kms_key_arn": KEY},
    "table": {**PLACE, "name": "orders", "stream_arn": f"arn:aws:kinesis:us-east-1:{A}:stream/s", "kms_key_arn": KEY},
    "delivery": DELIVERY,
    "delivery_abroad": {**DELIVERY, "bucket_kms_key_arn": KEY_OF_B, "bucket_is_in_other_account": True},
}

USE = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"]
REENCRYPT = ["kms:ReEncryptFrom", "kms:ReEncryptTo"]
VIA = [f"{service}.us-east-1.amazonaws.com" for service in ("dynamodb", "kinesis", "lambda", "s3")]


@pytest.fixture(scope="module")
def parts(sandbox):
    """Plan of each module on its own, with literal inputs, so that every policy is known."""
    folder = sandbox.root / "parts"
    folder.mkdir()
    calls = {name: {"source": f"../modules/{name.split('_')[0]}", **inputs} for name, inputs in MODULES.items()}
    (folder / "main.tf.json").write_text(json.dumps({"provider": {"aws": {"region": "us-east-1"}}, "module": calls}))
    return sandbox.plan("parts")


def policy(parts, address, attribute="policy"):
    return statements(values(parts, f"module.{address}")[attribute])


def test_the_account_administers_the_key_and_uses_it_only_through_services(parts):
    made = policy(parts, "key.aws_kms_key.this")
    assert list(made) == [
        "AccountAdministersTheKey",
        "AccountUsesTheKeyThroughServices",
        "ServicesHoldGrantsForTheAccount",
        "CloudWatchLogsEncryptsOurLogGroups",
    ]
    administration = made["AccountAdministersTheKey"]
    assert administration["Principal"] == ROOT
    assert not {*USE, *REENCRYPT, "kms:CreateGrant"} & set(administration["Action"])
    assert {"kms:PutKeyPolicy", "kms:DescribeKey", "kms:ScheduleKeyDeletion"} <= set(administration["Action"])
    here = {"kms:CallerAccount": [A], "kms:ViaService": VIA}
    assert made["AccountUsesTheKeyThroughServices"] == {
        "Effect": "Allow",
        "Principal": ROOT,
        "Action": [*USE, *REENCRYPT],
        "Resource": ["*"],
        "Condition": {"StringEquals": here},
    }
    assert made["ServicesHoldGrantsForTheAccount"] == {
        "Effect": "Allow",
        "Principal": ROOT,
        "Action": ["kms:CreateGrant"],
        "Resource": ["*"],
        "Condition": {"StringEquals": here, "Bool": {"kms:GrantIsForAWSResource": ["true"]}},
    }


def test_cloudwatch_logs_uses_the_key_for_the_named_log_groups_only(parts):
    assert policy(parts, "key.aws_kms_key.this")["CloudWatchLogsEncryptsOurLogGroups"] == {
        "Effect": "Allow",
        "Principal": {"Service": "logs.us-east-1.amazonaws.com"},
        "Action": sorted(["kms:DescribeKey", *USE, *REENCRYPT]),
        "Resource": ["*"],
        "Condition": {
            "ArnEquals": {"kms:EncryptionContext:aws:logs:arn": [f"arn:aws:logs:us-east-1:{A}:log-group:/aws/lambda/f"]}
        },
    }


def test_a_writer_of_another_account_uses_the_key_through_s3_for_its_bucket_only(parts):
    assert policy(parts, "key_with_writer.aws_kms_key.this")[f"WritersOf{B}"] == {
        "Effect": "Allow",
        "Principal": ROOT_OF_B,
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": ["*"],
        "Condition": {
            "ArnEquals": {"aws:PrincipalArn": [WRITER]},
            "StringEquals": {"kms:ViaService": ["s3.us-east-1.amazonaws.com"]},
            "StringLike": {"kms:EncryptionContext:aws:s3:arn": ["arn:aws:s3:::my-lake", "arn:aws:s3:::my-lake/*"]},
        },
    }


def test_a_key_in_china_is_used_through_services_in_china(parts):
    made = policy(parts, "key_in_china.aws_kms_key.this")
    assert made["AccountAdministersTheKey"]["Principal"] == {"AWS": f"arn:aws-cn:iam::{A}:root"}
    via = made["AccountUsesTheKeyThroughServices"]["Condition"]["StringEquals"]["kms:ViaService"]
    assert "s3.cn-north-1.amazonaws.com.cn" in via


def test_the_delivery_role_may_do_this_and_nothing_else(parts):
    stream = f"arn:aws:kinesis:us-east-1:{A}:stream/orders-data-stream"
    assert policy(parts, "delivery.aws_iam_role_policy.this") == {
        "ReadTheDataStream": {
            "Effect": "Allow",
            "Action": [
                "kinesis:DescribeStream",
                "kinesis:GetRecords",
                "kinesis:GetShardIterator",
                "kinesis:ListShards",
            ],
            "Resource": [stream],
        },
        "DecryptTheDataStream": {
            "Effect": "Allow",
            "Action": ["kms:Decrypt"],
            "Resource": [KEY],
            "Condition": {
                "StringEquals": {
                    "kms:ViaService": ["kinesis.us-east-1.amazonaws.com"],
                    "kms:EncryptionContext:aws:kinesis:arn": [stream],
                }
            },
        },
        "CallTheFunction": {
            "Effect": "Allow",
            "Action": ["lambda:GetFunctionConfiguration", "lambda:InvokeFunction"],
            "Resource": [f"arn:aws:lambda:us-east-1:{A}:function:lake-transform:live"],
        },
        "WriteToTheLake": {
            "Effect": "Allow",
            "Action": ["s3:AbortMultipartUpload", "s3:PutObject"],
            "Resource": ["arn:aws:s3:::my-lake/data/orders/*", "arn:aws:s3:::my-lake/errors/orders/*"],
        },
        "LookAtTheBucket": {
            "Effect": "Allow",
            "Action": ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
            "Resource": ["arn:aws:s3:::my-lake"],
        },
        "EncryptTheLake": {
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": [KEY],
            "Condition": {
                "StringEquals": {"kms:ViaService": ["s3.us-east-1.amazonaws.com"]},
                "StringLike": {"kms:EncryptionContext:aws:s3:arn": ["arn:aws:s3:::my-lake", "arn:aws:s3:::my-lake/*"]},
            },
        },
        "WriteLogs": {
            "Effect": "Allow",
            "Action": ["logs:PutLogEvents"],
            "Resource": [
                f"arn:aws:logs:us-east-1:{A}:log-group:/aws/kinesisfirehose/orders-delivery-stream:log-stream:*"
            ],
        },
    }


def test_a_delivery_role_that_writes_abroad_differs_in_key_and_acl_only(parts):
    here = policy(parts, "delivery.aws_iam_role_policy.this")
    abroad = policy(parts, "delivery_abroad.aws_iam_role_policy.this")
    assert abroad.pop("EncryptTheLake") == here.pop("EncryptTheLake") | {"Resource": [KEY_OF_B]}
    writes = here.pop("WriteToTheLake")
    assert abroad.pop("WriteToTheLake") == writes | {"Action": [*writes["Action"], "s3:PutObjectAcl"]}
    assert abroad == here


def test_services_assume_their_roles_for_this_account_only(parts):
    trusts = {
        "delivery.aws_iam_role.this": ("firehose.amazonaws.com", {"StringEquals": {"sts:ExternalId": [A]}}),
        "transform.aws_iam_role.this": ("lambda.amazonaws.com", {"StringEquals": {"aws:SourceAccount": [A]}}),
        "network.aws_iam_role.flow": (
            "vpc-flow-logs.amazonaws.com",
            {
                "StringEquals": {"aws:SourceAccount": [A]},
                "ArnLike": {"aws:SourceArn": [f"arn:aws:ec2:us-east-1:{A}:vpc-flow-log/*"]},
            },
        ),
    }
    for address, (service, condition) in trusts.items():
        (statement,) = json.loads(values(parts, f"module.{address}")["assume_role_policy"])["Statement"]
        assert statement["Effect"] == "Allow"
        assert statement["Action"] == "sts:AssumeRole"
        assert statement["Principal"] == {"Service": service}
        assert {t: {k: [v] for k, v in c.items()} for t, c in statement["Condition"].items()} == condition


def test_the_flow_log_writes_to_its_group_only(parts):
    made = policy(parts, "network.aws_iam_role_policy.flow")
    group = f"arn:aws:logs:us-east-1:{A}:log-group:/aws/vpc-flow-logs/lake"
    assert made["WriteToTheGroup"]["Resource"] == [group, f"{group}:log-stream:*"]
    assert made["FindTheGroup"]["Action"] == ["logs:DescribeLogGroups"]
    assert len(made) == 2


def test_the_bucket_refuses_plain_http_and_other_encryption(parts):
    made = policy(parts, "bucket.aws_s3_bucket_policy.this")
    assert {statement["Effect"] for statement in made.values()} == {"Deny"}
    assert {json.dumps(statement["Principal"]) for statement in made.values()} == {'"*"'}
    assert made["DenyWithoutTls"]["Action"] == ["s3:*"]
    assert made["DenyWithoutTls"]["Resource"] == ["arn:aws:s3:::my-lake", "arn:aws:s3:::my-lake/*"]
    header = "s3:x-amz-server-side-encryption"
    assert {sid: statement["Condition"] for sid, statement in made.items()} == {
        "DenyWithoutTls": {"Bool": {"aws:SecureTransport": ["false"]}},
        "DenyOtherEncryption": {"Null": {header: ["false"]}, "StringNotEquals": {header: ["aws:kms"]}},
        "DenyOtherKeys": {
            "Null": {f"{header}-aws-kms-key-id": ["false"]},
            "StringNotEquals": {f"{header}-aws-kms-key-id": [KEY]},
        },
        "DenyTheAwsManagedKey": {
            "Null": {f"{header}-aws-kms-key-id": ["true"]},
            "StringEquals": {header: ["aws:kms"]},
        },
        "DenyKeysOfTheCaller": {"Null": {f"{header}-customer-algorithm": ["false"]}},
    }
    writes = [statement for sid, statement in made.items() if sid != "DenyWithoutTls"]
    assert {(*s["Action"], *s["Resource"]) for s in writes} == {("s3:PutObject", "arn:aws:s3:::my-lake/*")}


def test_a_writer_of_another_account_writes_under_its_prefixes_only(parts):
    made = policy(parts, "bucket_with_writer.aws_s3_bucket_policy.this")
    allowed = {sid: statement for sid, statement in made.items() if statement["Effect"] == "Allow"}
    condition = {"ArnEquals": {"aws:PrincipalArn": [WRITER]}}
    assert allowed == {
        "Writer0WritesObjects": {
            "Effect": "Allow",
            "Principal": ROOT_OF_B,
            "Action": ["s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectAcl"],
            "Resource": ["arn:aws:s3:::my-lake/data/orders/*", "arn:aws:s3:::my-lake/errors/orders/*"],
            "Condition": condition,
        },
        f"WritersOf{B}LookAtTheBucket": {
            "Effect": "Allow",
            "Principal": ROOT_OF_B,
            "Action": ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
            "Resource": ["arn:aws:s3:::my-lake"],
            "Condition": condition,
        },
    }
    assert set(policy(parts, "bucket.aws_s3_bucket_policy.this")) == set(made) - set(allowed)


KEYED = {
    "aws_cloudwatch_log_group": lambda v: v["kms_key_id"],
    "aws_dynamodb_table": lambda v: v["server_side_encryption"][0]["kms_key_arn"],
    "aws_kinesis_firehose_delivery_stream": lambda v: v["extended_s3_configuration"][0]["kms_key_arn"],
    "aws_kinesis_stream": lambda v: v["kms_key_id"],
    "aws_lambda_function": lambda v: v["kms_key_arn"],
    "aws_s3_bucket_server_side_encryption_configuration": lambda v: v["rule"][0][
        "apply_server_side_encryption_by_default"
    ][0]["kms_master_key_id"],
}
KEYLESS = {
    "aws_cloudwatch_log_stream",
    "aws_default_security_group",
    "aws_dynamodb_kinesis_streaming_destination",
    "aws_flow_log",
    "aws_iam_role",
    "aws_iam_role_policy",
    "aws_kms_alias",
    "aws_kms_key",
    "aws_lambda_alias",
    "aws_route_table",
    "aws_route_table_association",
    "aws_s3_bucket",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_versioning",
    "aws_security_group",
    "aws_subnet",
    "aws_vpc",
}


def test_whatever_can_take_a_key_has_ours(parts):
    made = resources(parts)
    assert {resource["type"] for resource in made.values()} == KEYLESS | set(KEYED)
    keys = {a: KEYED[r["type"]](r["values"]) for a, r in made.items() if r["type"] in KEYED}
    assert keys.pop("module.delivery_abroad.aws_kinesis_firehose_delivery_stream.this") == KEY_OF_B
    assert {address: key for address, key in keys.items() if key != KEY} == {}


def test_no_policy_allows_an_action_by_wildcard():
    files = sorted(paths.MODULES.glob("*/*.tf"))
    found = {(f.parent.name, a) for f in files for a in re.findall(r'"([a-z0-9-]+:[A-Za-z]*\*)"', f.read_text())}
    assert found == {("bucket", "s3:*")}, "s3:* stands in the bucket's refusal of plain HTTP, and nowhere else"


def test_nothing_leads_out_of_the_network(parts):
    route_table = values(parts, "module.network.aws_route_table.private")
    assert route_table["route"] == []
    for address in ("module.network.aws_default_security_group.closed", "module.transform.aws_security_group.this"):
        group = values(parts, address)
        assert (group["ingress"], group["egress"]) == ([], [])
    subnets = [r["values"] for a, r in resources(parts).items() if r["type"] == "aws_subnet"]
    assert [subnet["map_public_ip_on_launch"] for subnet in subnets] == [False, False]
