"""Who may do what: every policy that the modules write, statement by statement."""

from __future__ import annotations

import json

import pytest

from tests.plan.plans import ALONE, EXPORTER, KEY, KEY_OF_B, READER, WRITERS
from tests.plan.reading import statements, values
from tests.plan.terraform_copy import ACCOUNT, CONSUMER

A, B = ACCOUNT, CONSUMER
ROOT = {"AWS": f"arn:aws:iam::{A}:root"}
ROOT_OF_B = {"AWS": f"arn:aws:iam::{B}:root"}
USE = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"]
REENCRYPT = ["kms:ReEncryptFrom", "kms:ReEncryptTo"]
VIA = [f"{service}.us-east-1.amazonaws.com" for service in ("dynamodb", "kinesis", "lambda", "s3")]


@pytest.fixture
def parts(plans):
    """Plan of each module on its own, with literal inputs, so that every policy is known."""
    return plans[ALONE]


def policy(parts, address, attribute="policy"):
    return statements(values(parts, f"module.{address}")[attribute])


def test_the_account_administers_the_key_and_uses_it_only_through_services(parts):
    made = policy(parts, 'key.aws_kms_key.this["this"]')
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
    assert policy(parts, 'key.aws_kms_key.this["this"]')["CloudWatchLogsEncryptsOurLogGroups"] == {
        "Effect": "Allow",
        "Principal": {"Service": "logs.us-east-1.amazonaws.com"},
        "Action": sorted(["kms:DescribeKey", *USE, *REENCRYPT]),
        "Resource": ["*"],
        "Condition": {
            "ArnLike": {
                "kms:EncryptionContext:aws:logs:arn": [
                    f"arn:aws:logs:us-east-1:{A}:log-group:/aws/kinesisfirehose/*",
                    f"arn:aws:logs:us-east-1:{A}:log-group:/aws/lambda/f",
                ]
            }
        },
    }


def test_a_writer_of_another_account_uses_the_key_through_s3_for_its_bucket_only(parts):
    assert policy(parts, 'key_with_writer.aws_kms_key.this["this"]')[f"WritersOf{B}"] == {
        "Effect": "Allow",
        "Principal": ROOT_OF_B,
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": ["*"],
        "Condition": {
            "ArnLike": {"aws:PrincipalArn": [WRITERS, EXPORTER]},
            "StringEquals": {"kms:ViaService": ["s3.us-east-1.amazonaws.com"]},
            "StringLike": {"kms:EncryptionContext:aws:s3:arn": ["arn:aws:s3:::my-lake", "arn:aws:s3:::my-lake/*"]},
        },
    }


def test_a_key_in_china_is_used_through_services_in_china(parts):
    made = policy(parts, 'key_in_china.aws_kms_key.this["this"]')
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


def test_services_but_lambda_assume_their_roles_for_this_account_only(parts):
    trusts = {
        "delivery.aws_iam_role.this": ("firehose.amazonaws.com", {"StringEquals": {"sts:ExternalId": [A]}}),
        "transform.aws_iam_role.this": ("lambda.amazonaws.com", {}),
        'catalog_with_settings.aws_iam_role.crawler["this"]': (
            "glue.amazonaws.com",
            {"StringEquals": {"aws:SourceAccount": [A]}},
        ),
        "backfill.aws_iam_role.this": ("glue.amazonaws.com", {"StringEquals": {"aws:SourceAccount": [A]}}),
        'catalog_with_settings.aws_iam_role.lake_formation["this"]': (
            "lakeformation.amazonaws.com",
            {"StringEquals": {"aws:SourceAccount": [A]}},
        ),
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
        assert {t: {k: [v] for k, v in c.items()} for t, c in statement.get("Condition", {}).items()} == condition


def test_lambda_manages_the_functions_interfaces_and_the_functions_code_does_not(parts):
    manages = ["ec2:AssignPrivateIpAddresses", "ec2:DeleteNetworkInterface", "ec2:UnassignPrivateIpAddresses"]
    looks = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"]
    function = f"arn:aws:lambda:us-east-1:{A}:function:lake-transform"
    assert policy(parts, "transform.aws_iam_role_policy.interfaces") == {
        "LambdaManagesItsInterfaces": {
            "Effect": "Allow",
            "Action": manages,
            "Resource": [f"arn:aws:ec2:us-east-1:{A}:*/*"],
        },
        "LambdaLooksAtInterfaces": {"Effect": "Allow", "Action": looks, "Resource": ["*"]},
        "TheCodeItselfMayNot": {
            "Effect": "Deny",
            "Action": sorted([*manages, *looks, "ec2:CreateNetworkInterface", "ec2:DetachNetworkInterface"]),
            "Resource": ["*"],
            "Condition": {"ArnEquals": {"lambda:SourceFunctionArn": [function]}},
        },
    }


def test_the_flow_log_writes_to_its_group_only(parts):
    made = policy(parts, "network.aws_iam_role_policy.flow")
    group = f"arn:aws:logs:us-east-1:{A}:log-group:/aws/vpc-flow-logs/lake"
    assert made["WriteToTheGroup"]["Resource"] == [group, f"{group}:log-stream:*"]
    assert made["FindTheGroup"]["Action"] == ["logs:DescribeLogGroups"]
    assert len(made) == 2


def test_a_crawler_reads_what_was_delivered_and_writes_to_its_own_database_and_log(parts):
    made = policy(parts, 'catalog_with_settings.aws_iam_role_policy.crawler["this"]')
    glue = f"arn:aws:glue:us-east-1:{A}"
    group = (
        f"arn:aws:logs:us-east-1:{A}:log-group:/aws-glue/crawlers-role/lake-crawler-us-east-1-lake-crawler-us-east-1"
    )
    assert {sid: statement["Resource"] for sid, statement in made.items()} == {
        "ReadWhatWasDelivered": ["arn:aws:s3:::my-lake/data/*"],
        "FindTheBucket": ["arn:aws:s3:::my-lake"],
        "ListObjects": ["arn:aws:s3:::my-lake"],
        "DecryptTheLake": [KEY],
        "WriteToItsOwnDatabase": [f"{glue}:catalog", f"{glue}:database/lake_crawled", f"{glue}:table/lake_crawled/*"],
        "WriteLogs": [group, f"{group}:log-stream:*"],
    }
    assert made["ReadWhatWasDelivered"]["Action"] == ["s3:GetObject"]
    assert made["ListObjects"]["Condition"] == {"StringLike": {"s3:prefix": ["data/*"]}}
    assert made["DecryptTheLake"]["Action"] == ["kms:Decrypt"]
    assert made["DecryptTheLake"]["Condition"] == {
        "StringEquals": {"kms:ViaService": ["s3.us-east-1.amazonaws.com"]},
        "StringLike": {"kms:EncryptionContext:aws:s3:arn": ["arn:aws:s3:::my-lake", "arn:aws:s3:::my-lake/*"]},
    }
    # What the crawler made it may not take away either.
    assert not [action for action in made["WriteToItsOwnDatabase"]["Action"] if "Delete" in action]


def test_a_backfill_reads_exports_and_settings_and_writes_rows_and_what_failed(parts):
    made = policy(parts, "backfill.aws_iam_role_policy.this")
    lake, function = "arn:aws:s3:::my-lake", f"arn:aws:lambda:us-east-1:{A}:function:lake-transform"
    group = f"arn:aws:logs:us-east-1:{A}:log-group:/aws-glue/jobs/lake-backfill/*"
    assert {sid: (statement["Action"], statement["Resource"]) for sid, statement in made.items()} == {
        "ReadExports": (["s3:GetObject"], [f"{lake}/exports/orders/*"]),
        "WriteRows": (["s3:GetObject", "s3:PutObject"], [f"{lake}/data/orders/*"]),
        "KeepWhatFailed": (["s3:PutObject"], [f"{lake}/errors/orders/backfill-failed/*"]),
        "ReadThePlanAndSayWhatWasDone": (["s3:GetObject", "s3:PutObject"], [f"{lake}/ledger/orders/backfill/*"]),
        "ReadTheCode": (["s3:GetObject"], [f"{lake}/ledger/-/*"]),
        "LookForRows": (["s3:ListBucket"], [lake]),
        "ReadTheFunctionsSettings": (["lambda:GetFunctionConfiguration"], [function, f"{function}:*"]),
        "UseTheKeyThroughS3AndLambda": (["kms:Decrypt", "kms:GenerateDataKey"], [KEY]),
        "WriteLogs": (
            ["logs:AssociateKmsKey", "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            [group, f"{group}:log-stream:*"],
        ),
    }
    assert made["LookForRows"]["Condition"] == {"StringLike": {"s3:prefix": ["data/orders/*"]}}
    assert made["UseTheKeyThroughS3AndLambda"]["Condition"] == {
        "StringEquals": {"kms:ViaService": ["lambda.us-east-1.amazonaws.com", "s3.us-east-1.amazonaws.com"]}
    }


def test_the_bucket_refuses_plain_http_and_other_encryption(parts):
    made = policy(parts, 'bucket.aws_s3_bucket_policy.this["this"]')
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


def test_nobody_but_the_named_roles_reads_originals_and_nothing_else_is_denied_for_them(parts):
    made = policy(parts, 'bucket_with_originals.aws_s3_bucket_policy.this["this"]')
    assert made.pop("DenyReadingOriginals") == {
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectVersionForReplication"],
        "Resource": ["arn:aws:s3:::my-lake/errors/orders/*", "arn:aws:s3:::my-lake/exports/orders/*"],
        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": [READER]}},
    }
    assert made == policy(parts, 'bucket.aws_s3_bucket_policy.this["this"]')


def test_a_writer_of_another_account_writes_for_the_table_of_its_tag_only(parts):
    made = policy(parts, 'bucket_with_writer.aws_s3_bucket_policy.this["this"]')
    allowed = {sid: statement for sid, statement in made.items() if statement["Effect"] == "Allow"}
    condition = {"ArnLike": {"aws:PrincipalArn": [WRITERS]}}
    assert allowed == {
        f"WritersOf{B}WriteTheirOwn": {
            "Effect": "Allow",
            "Principal": ROOT_OF_B,
            "Action": ["s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectAcl"],
            "Resource": [
                "arn:aws:s3:::my-lake/data/${aws:PrincipalTag/lake-table}/*",
                "arn:aws:s3:::my-lake/errors/${aws:PrincipalTag/lake-table}/*",
            ],
            "Condition": {**condition, "StringEquals": {"aws:PrincipalTag/lake-table": ["events", "orders"]}},
        },
        f"WritersOf{B}LookAtTheBucket": {
            "Effect": "Allow",
            "Principal": ROOT_OF_B,
            "Action": ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
            "Resource": ["arn:aws:s3:::my-lake"],
            "Condition": condition,
        },
        f"ExportersOf{B}WriteExports": {
            "Effect": "Allow",
            "Principal": ROOT_OF_B,
            "Action": ["s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectAcl"],
            "Resource": ["arn:aws:s3:::my-lake/exports/*"],
            "Condition": {"ArnEquals": {"aws:PrincipalArn": [EXPORTER]}},
        },
    }
    assert set(policy(parts, 'bucket.aws_s3_bucket_policy.this["this"]')) == set(made) - set(allowed)
