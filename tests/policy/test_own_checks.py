"""Each check of our own passes what is right and finds what is wrong."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml

from tools import paths
from tools.policy import scanner

pytestmark = pytest.mark.xdist_group("policy")


def document(body):
    return f'data "aws_iam_policy_document" "NAME" {{\n{body}\n}}\n'


def statement(body):
    return document(f"  statement {{\n{body}\n  }}")


def delivery(processor='type = "Lambda"', errors="e/!{firehose:error-output-type}/", logging="true", key='"arn:key"'):
    return f"""
resource "aws_kinesis_firehose_delivery_stream" "NAME" {{
  name        = "x"
  destination = "extended_s3"
  extended_s3_configuration {{
    role_arn            = "arn:role"
    bucket_arn          = "arn:bucket"
    error_output_prefix = "{errors}"
    kms_key_arn         = {key}
    cloudwatch_logging_options {{
      enabled = {logging}
    }}
    processing_configuration {{
      enabled = true
      processors {{
        {processor}
      }}
    }}
  }}
}}
"""


def resource(kind, body=""):
    return f'resource "{kind}" "NAME" {{\n{body}\n}}\n'


def table(more):
    return resource("aws_dynamodb_table", f'name = "x"\n{more}')


def bucket_with(kind, body):
    return resource("aws_s3_bucket", 'bucket = "NAME"') + resource(kind, f"bucket = aws_s3_bucket.NAME.bucket\n{body}")


def public_access(**changed):
    four = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    lines = [f"{name} = {changed.get(name, 'true')}" for name in four]
    return bucket_with("aws_s3_bucket_public_access_block", "\n".join(lines))


def encrypted_bucket(algorithm="aws:kms", key='kms_master_key_id = "arn:key"'):
    return resource(
        "aws_s3_bucket_server_side_encryption_configuration",
        f"""bucket = "x"
  rule {{
    apply_server_side_encryption_by_default {{
      sse_algorithm = "{algorithm}"
      {key}
    }}
  }}""",
    )


def workgroup(encryption):
    inner = f"result_configuration {{\n{encryption}\n}}"
    return resource("aws_athena_workgroup", f'name = "x"\nconfiguration {{\n{inner}\n}}')


def security_configuration(encryption):
    inner = f"encryption_configuration {{\ncloudwatch_encryption {{\n{encryption}\n}}\n}}"
    return resource("aws_glue_security_configuration", f'name = "x"\n{inner}')


def glue_job(version='glue_version = "5.0"', security='security_configuration = "x"', runs="1"):
    property_ = f"execution_property {{\nmax_concurrent_runs = {runs}\n}}"
    return resource("aws_glue_job", f'name = "x"\nrole_arn = "x"\n{version}\n{security}\n{property_}')


def crawler(more='security_configuration = "x"', update="LOG", delete="LOG"):
    policy = f'schema_change_policy {{\nupdate_behavior = "{update}"\ndelete_behavior = "{delete}"\n}}'
    return resource("aws_glue_crawler", f'name = "x"\ndatabase_name = "x"\nrole = "x"\n{more}\n{policy}')


def location(hybrid):
    return resource("aws_lakeformation_resource", f'arn = "arn:x"\n{hybrid}')


def granted(permissions, more=""):
    return resource("aws_lakeformation_permissions", f'principal = "arn:x"\npermissions = {permissions}\n{more}')


def limited_workgroup(enforce="true", limit="bytes_scanned_cutoff_per_query = 10485760"):
    inner = f"enforce_workgroup_configuration = {enforce}\n{limit}"
    return resource("aws_athena_workgroup", f'name = "x"\nconfiguration {{\n{inner}\n}}')


KMS_RESULTS = 'encryption_configuration {\nencryption_option = "SSE_KMS"\nkms_key_arn = "arn:key"\n}'
S3_RESULTS = 'encryption_configuration {\nencryption_option = "SSE_S3"\n}'
OUR_KEY = 'encryption_configuration {\ntype = "CUSTOMER_MANAGED_KMS_KEY"\nkms_key_id = "arn:key"\n}'
SERVICE = 'actions = ["sts:AssumeRole"]\nprincipals {\ntype = "Service"\nidentifiers = ["firehose.amazonaws.com"]\n}\n'
LAMBDA = SERVICE.replace("firehose", "lambda")
EVERYBODY = 'principals {\ntype = "*"\nidentifiers = ["*"]\n}\n'
ANOTHER = 'principals {\ntype = "AWS"\nidentifiers = ["arn:aws:iam::222222222222:root"]\n}\n'


ALARMS = 'principals {\ntype = "Service"\nidentifiers = ["cloudwatch.amazonaws.com"]\n}\n'


def condition(key, value="x", test="StringEquals"):
    return f'condition {{\ntest = "{test}"\nvariable = "{key}"\nvalues = ["{value}"]\n}}\n'


NO_HTTP = (
    f'  statement {{\neffect = "Deny"\nactions = ["s3:*"]\nresources = ["arn:b"]\n{EVERYBODY}'
    f"{condition('aws:SecureTransport', 'false', 'Bool')}}}\n"
)
OBJECTS = f'  statement {{\neffect = "Deny"\nactions = ["s3:PutObject"]\nresources = ["arn:b"]\n{EVERYBODY}}}\n'


NAMED_ROLES = condition("aws:PrincipalArn", "arn:aws:iam::111111111111:role/r", "ArnNotEquals")


def closed(actions='["s3:GetObject", "s3:GetObjectVersion"]', principals=EVERYBODY, condition=""):
    return (
        f'  statement {{\neffect = "Deny"\nactions = {actions}\nresources = ["arn:b/e/*"]\n{principals}{condition}}}\n'
    )


def object_lock(retention):
    return resource("aws_s3_bucket_object_lock_configuration", f"rule {{\ndefault_retention {{\n{retention}\n}}\n}}")


MARKERS = 'delete_marker_replication {\nstatus = "Enabled"\n}'
METRICS = 'metrics {\nstatus = "Enabled"\n}'


def replication(
    status="Enabled", markers=MARKERS, selected="Enabled", key='"arn:key"', metrics=METRICS, rule="rule {\n%s\n}"
):
    """Returns a configuration of replication with one rule."""
    body = f"""
status = "{status}"
{markers}
source_selection_criteria {{
  sse_kms_encrypted_objects {{
    status = "{selected}"
  }}
}}
destination {{
  bucket = "arn:b"
  encryption_configuration {{
    replica_kms_key_id = {key}
  }}
  {metrics}
}}
"""
    return resource("aws_s3_bucket_replication_configuration", rule % body)


def lifecycle(body, more=""):
    rule = f'rule {{\nid = "r"\nstatus = "Enabled"\nfilter {{}}\n{body}\n}}'
    return resource("aws_s3_bucket_lifecycle_configuration", f'bucket = "b"\n{rule}\n{more}')


RESULTS = 'rule {\nid = "s"\nstatus = "Enabled"\nfilter {\nprefix = "results/"\n}\nexpiration {\ndays = 7\n}\n}'


def denied_unless(key, value):
    return OBJECTS.replace("}\n}\n", f"}}\n{condition(key, value, 'StringNotEquals')}}}\n")


OTHER_ALGORITHM = denied_unless("s3:x-amz-server-side-encryption", "aws:kms")
OTHER_KEY = denied_unless("s3:x-amz-server-side-encryption-aws-kms-key-id", "arn:key")

EXAMPLES = {
    "CKV_LAKE_1": ([delivery()], [delivery('type = "AppendDelimiterToRecord"')]),
    "CKV_LAKE_2": ([delivery()], [delivery(errors="errors/")]),
    "CKV_LAKE_3": ([delivery()], [delivery(logging="false")]),
    "CKV_LAKE_4": (
        [table("point_in_time_recovery {\nenabled = true\n}")],
        [table("point_in_time_recovery {\nenabled = false\n}"), table("")],
    ),
    "CKV_LAKE_43": (
        [table("deletion_protection_enabled = true")],
        [table("deletion_protection_enabled = false"), table("")],
    ),
    "CKV_LAKE_5": (
        [resource("aws_cloudwatch_log_group", "retention_in_days = 365")],
        [resource("aws_cloudwatch_log_group", "retention_in_days = 0"), resource("aws_cloudwatch_log_group")],
    ),
    "CKV_LAKE_6": (
        [resource("aws_security_group", "ingress = []\negress = []")],
        [
            resource("aws_security_group"),
            resource("aws_security_group", "ingress = []\negress {\nfrom_port = 443\nto_port = 443\n}"),
        ],
    ),
    "CKV_LAKE_7": (
        [resource("aws_security_group", "ingress = []\negress = []")],
        [
            resource("aws_security_group_rule", 'type = "egress"'),
            resource("aws_vpc_security_group_egress_rule"),
            resource("aws_vpc_security_group_ingress_rule"),
        ],
    ),
    "CKV_LAKE_8": (
        [resource("aws_route_table", "route = []")],
        [resource("aws_route_table"), resource("aws_route_table", 'route {\ncidr_block = "0.0.0.0/0"\n}')],
    ),
    "CKV_LAKE_9": (
        [resource("aws_route_table", "route = []")],
        [resource(kind) for kind in ("aws_internet_gateway", "aws_nat_gateway", "aws_route", "aws_vpc_endpoint")],
    ),
    "CKV_LAKE_10": (
        [resource("aws_default_security_group", 'vpc_id = "v"\ningress = []')],
        [resource("aws_default_security_group", "ingress {\nself = true\n}")],
    ),
    "CKV_LAKE_11": ([workgroup(KMS_RESULTS)], [workgroup(S3_RESULTS), workgroup("")]),
    "CKV_LAKE_12": (
        [resource("aws_cloudwatch_log_group", 'kms_key_id = "arn:key"')],
        [resource("aws_cloudwatch_log_group"), resource("aws_cloudwatch_log_group", "kms_key_id = null")],
    ),
    "CKV_LAKE_13": (
        [table('server_side_encryption {\nenabled = true\nkms_key_arn = "arn:key"\n}')],
        [
            table("server_side_encryption {\nenabled = true\n}"),
            table('server_side_encryption {\nenabled = false\nkms_key_arn = "arn:key"\n}'),
            table(""),
        ],
    ),
    "CKV_LAKE_14": ([delivery()], [delivery(key="null")]),
    "CKV_LAKE_15": (
        [resource("aws_kinesis_stream", 'encryption_type = "KMS"\nkms_key_id = "arn:key"')],
        [
            resource("aws_kinesis_stream", 'encryption_type = "KMS"\nkms_key_id = "alias/aws/kinesis"'),
            resource("aws_kinesis_stream", 'kms_key_id = "arn:key"'),
        ],
    ),
    "CKV_LAKE_16": (
        [resource("aws_lambda_function", 'kms_key_arn = "arn:key"')],
        [resource("aws_lambda_function"), resource("aws_lambda_function", 'kms_key_arn = ""')],
    ),
    "CKV_LAKE_17": (
        [encrypted_bucket()],
        [
            encrypted_bucket("AES256"),
            encrypted_bucket(key=""),
            encrypted_bucket(key='kms_master_key_id = "alias/aws/s3"'),
        ],
    ),
    "CKV_LAKE_18": (
        [resource("aws_sns_topic", 'kms_master_key_id = "arn:key"')],
        [resource("aws_sns_topic"), resource("aws_sns_topic", 'kms_master_key_id = "alias/aws/sns"')],
    ),
    "CKV_LAKE_19": (
        [resource("aws_sqs_queue", 'kms_master_key_id = "arn:key"')],
        [resource("aws_sqs_queue"), resource("aws_sqs_queue", "sqs_managed_sse_enabled = true")],
    ),
    "CKV_LAKE_20": (
        [resource("aws_s3_bucket"), resource("aws_s3_bucket", "force_destroy = false")],
        [resource("aws_s3_bucket", "force_destroy = true"), resource("aws_s3_bucket", "force_destroy = var.x")],
    ),
    "CKV_LAKE_21": (
        [resource("aws_iam_role_policy", 'role = "r"')],
        [resource("aws_iam_role_policy_attachment"), resource("aws_iam_policy_attachment")],
    ),
    "CKV_LAKE_22": (
        [resource("aws_iam_role")],
        [resource("aws_iam_role", 'managed_policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]')],
    ),
    "CKV_LAKE_50": (
        [resource("aws_iam_role", "path = var.path\npermissions_boundary = var.boundary")],
        [
            resource("aws_iam_role"),
            resource("aws_iam_role", "path = var.path"),
            resource("aws_iam_role", "path = null"),
        ],
    ),
    "CKV_LAKE_51": (
        [object_lock("mode = var.mode\ndays = 30")],
        [object_lock("mode = var.mode"), resource("aws_s3_bucket_object_lock_configuration")],
    ),
    "CKV_LAKE_52": (
        [resource("aws_s3_bucket_logging", "target_bucket = var.logs")],
        [resource("aws_s3_bucket_logging", "target_bucket = aws_s3_bucket.this.bucket")],
    ),
    "CKV_LAKE_53": (
        [replication(), replication(rule='dynamic "rule" {\nfor_each = ["x"]\ncontent {\n%s\n}\n}')],
        [
            replication(status="Disabled"),
            replication(markers='delete_marker_replication {\nstatus = "Disabled"\n}'),
            replication(markers=""),
            replication(selected="Disabled"),
            resource("aws_s3_bucket_replication_configuration"),
        ],
    ),
    "CKV_LAKE_54": ([replication(), replication(key="var.key")], [replication(key='""'), replication(key="null")]),
    "CKV_LAKE_55": (
        [replication()],
        [replication(metrics='metrics {\nstatus = "Disabled"\n}'), replication(metrics="")],
    ),
    "CKV_LAKE_23": (
        [
            lifecycle("expiration {\ndays = 30\n}\nnoncurrent_version_expiration {\nnoncurrent_days = 1\n}"),
            lifecycle("expiration {\nexpired_object_delete_marker = true\n}"),
        ],
        [
            lifecycle("expiration {\ndays = 30\n}"),
            lifecycle(
                "expiration {\ndays = var.days\n}\nnoncurrent_version_expiration {\nnewer_noncurrent_versions = 1\n}"
            ),
        ],
    ),
    "CKV_LAKE_24": (
        [limited_workgroup()],
        [limited_workgroup(enforce="false"), limited_workgroup(limit=""), workgroup(KMS_RESULTS)],
    ),
    "CKV_LAKE_26": (
        [security_configuration('cloudwatch_encryption_mode = "SSE-KMS"\nkms_key_arn = "arn:key"')],
        [security_configuration('cloudwatch_encryption_mode = "DISABLED"'), security_configuration("")],
    ),
    "CKV_LAKE_27": (
        [crawler()],
        [crawler(more=""), crawler(update="UPDATE_IN_DATABASE"), crawler(delete="DELETE_FROM_DATABASE")],
    ),
    "CKV_LAKE_28": (
        [location("hybrid_access_enabled = true")],
        [location("hybrid_access_enabled = false"), location("")],
    ),
    "CKV_LAKE_29": (
        [granted('["DESCRIBE", "SELECT"]')],
        [granted('["ALL"]'), granted('["SELECT"]', 'permissions_with_grant_option = ["SELECT"]')],
    ),
    "CKV_LAKE_25": (
        [lifecycle("", RESULTS)],
        [
            lifecycle(""),
            lifecycle("", RESULTS.replace("results/", "data/")),
            lifecycle("", RESULTS.replace("days", "date")),
        ],
    ),
    "CKV_LAKE_30": (
        [
            statement('actions = ["s3:GetObject"]\nresources = ["arn:b/x"]'),
            statement(f'effect = "Deny"\nactions = ["s3:*"]\nresources = ["arn:b"]\n{EVERYBODY}'),
        ],
        [
            statement('actions = ["*"]\nresources = ["arn:b"]'),
            statement('actions = ["s3:Get*"]\nresources = ["arn:b"]'),
            statement('not_actions = ["s3:DeleteObject"]\nresources = ["arn:b"]'),
            document(
                '  dynamic "statement" {\nfor_each = ["x"]\ncontent {\nactions = ["s3:*"]\nresources = ["arn:b"]\n}\n}'
            ),
        ],
    ),
    "CKV_LAKE_31": (
        [
            statement('actions = ["s3:GetObject"]\nresources = ["arn:b/*"]'),
            statement('actions = ["ec2:DescribeSubnets"]\nresources = ["*"]'),
            statement('actions = ["logs:CreateLogDelivery"]\nresources = ["*"]'),
            statement(f'actions = ["kms:Decrypt"]\nresources = ["*"]\n{condition("kms:ViaService")}'),
        ],
        [
            statement('actions = ["s3:GetObject"]\nresources = ["*"]'),
            statement('actions = ["s3:GetObject"]\nnot_resources = ["arn:b"]'),
            statement('actions = ["ec2:DescribeSubnets", "ec2:RunInstances"]\nresources = ["*"]'),
            statement('actions = ["logs:CreateLogDelivery", "logs:GetLogEvents"]\nresources = ["*"]'),
            statement('actions = ["lambda:InvokeFunction"]\nresources = ["arn:aws:lambda:us-east-1:*:function:f"]'),
            statement('actions = ["lambda:InvokeFunction"]\nresources = ["arn:aws:lambda:*:111111111111:function:f"]'),
        ],
    ),
    "CKV_LAKE_32": (
        [
            statement(SERVICE + condition("aws:SourceAccount")),
            statement(SERVICE + condition("sts:ExternalId")),
            statement(SERVICE + condition("kms:EncryptionContext:aws:logs:arn")),
            statement(LAMBDA),
            statement(LAMBDA.replace("lambda.amazonaws.com", "s3.amazonaws.com")),
        ],
        [
            statement(SERVICE),
            statement(SERVICE + condition("aws:RequestedRegion")),
            statement(LAMBDA.replace('"lambda.amazonaws.com"', '"lambda.amazonaws.com", "firehose.amazonaws.com"')),
            statement(LAMBDA.replace("sts:AssumeRole", "kms:DescribeKey")),
        ],
    ),
    "CKV_LAKE_33": (
        [
            statement(f'effect = "Deny"\nactions = ["kms:Decrypt"]\nresources = ["*"]\n{EVERYBODY}'),
            statement(f'actions = ["kms:Decrypt"]\nresources = ["*"]\n{EVERYBODY}{condition("kms:CallerAccount")}'),
        ],
        [
            statement(f'actions = ["kms:Decrypt"]\nresources = ["*"]\n{EVERYBODY}'),
            statement(f'actions = ["sts:AssumeRole"]\n{EVERYBODY}{condition("sts:ExternalId")}'),
        ],
    ),
    "CKV_LAKE_34": (
        [statement(f'actions = ["kms:Decrypt"]\nresources = ["*"]\n{ANOTHER}{condition("aws:PrincipalArn")}')],
        [
            statement(f'actions = ["kms:Decrypt"]\nresources = ["*"]\n{ANOTHER}'),
            statement(f'actions = ["kms:Decrypt"]\nresources = ["*"]\n{ANOTHER}{condition("aws:PrincipalOrgID")}'),
        ],
    ),
    "CKV_LAKE_35": (
        [document(OBJECTS + NO_HTTP), statement('actions = ["s3:GetObject"]\nresources = ["arn:b/x"]')],
        [document(OBJECTS), document(OBJECTS + NO_HTTP.replace('"false"', '"true"'))],
    ),
    "CKV_LAKE_36": (
        [
            statement(f'actions = ["kms:Decrypt"]\nresources = ["arn:k"]\n{condition("kms:ViaService")}'),
            statement(f'actions = ["kms:Encrypt"]\nresources = ["*"]\n{condition("kms:EncryptionContext:aws:s3:arn")}'),
            statement('actions = ["kms:DescribeKey"]\nresources = ["*"]'),
            statement(f'actions = ["kms:Decrypt"]\nresources = ["*"]\n{ALARMS}\n{condition("aws:SourceArn")}'),
        ],
        [
            statement('actions = ["kms:Decrypt"]\nresources = ["arn:k"]'),
            statement(f'actions = ["kms:CreateGrant"]\nresources = ["*"]\n{condition("kms:CallerAccount")}'),
            statement(f'actions = ["kms:Decrypt"]\nresources = ["*"]\n{condition("aws:SourceArn")}'),
            statement(f'actions = ["kms:Decrypt"]\nresources = ["*"]\n{ALARMS}\n{condition("aws:SourceAccount")}'),
        ],
    ),
    "CKV_LAKE_37": (
        [
            document(NO_HTTP + OTHER_ALGORITHM + OTHER_KEY),
            statement('actions = ["s3:PutObject"]\nresources = ["arn:b/x"]'),
        ],
        [
            document(NO_HTTP),
            document(NO_HTTP + OTHER_ALGORITHM),
            document(NO_HTTP + OTHER_KEY),
            document(NO_HTTP + OTHER_KEY + OTHER_ALGORITHM.replace('["aws:kms"]', '["aws:kms", "AES256"]')),
            document(NO_HTTP + OTHER_KEY + OTHER_ALGORITHM.replace('"Deny"', '"Allow"')),
        ],
    ),
    "CKV_LAKE_38": (
        [
            document(NO_HTTP),
            document(closed()),
            document(closed(condition=NAMED_ROLES)),
            statement('actions = ["s3:GetObject"]\nresources = ["arn:b/x"]'),
        ],
        [
            document(closed(actions='["s3:GetObject"]')),
            document(closed(actions='["s3:GetObjectVersion"]')),
            document(closed(principals=ANOTHER)),
            document(closed(condition=NAMED_ROLES.replace("ArnNotEquals", "ArnEquals"))),
            document(closed(condition=NAMED_ROLES.replace("PrincipalArn", "PrincipalAccount"))),
            document(closed(condition=NAMED_ROLES + NAMED_ROLES.replace("PrincipalArn", "SourceVpc"))),
        ],
    ),
    "CKV_LAKE_41": (
        [resource("aws_scheduler_schedule", 'kms_key_arn = "arn:key"')],
        [resource("aws_scheduler_schedule")],
    ),
    "CKV_LAKE_42": (
        [resource("aws_sfn_state_machine", OUR_KEY)],
        [
            resource("aws_sfn_state_machine"),
            resource("aws_sfn_state_machine", OUR_KEY.replace("CUSTOMER_MANAGED_KMS_KEY", "AWS_OWNED_KEY")),
        ],
    ),
    "CKV_LAKE_44": (
        [resource("aws_s3_object", 'bucket = "b"\nkey = "k"\nkms_key_id = "arn:key"')],
        [resource("aws_s3_object", 'bucket = "b"\nkey = "k"')],
    ),
    "CKV_LAKE_45": (
        [glue_job()],
        [glue_job(version=""), glue_job(security=""), glue_job(runs="2"), resource("aws_glue_job", 'name = "x"')],
    ),
    "CKV2_LAKE_1": (
        [bucket_with("aws_s3_bucket_versioning", 'versioning_configuration {\nstatus = "Enabled"\n}')],
        [
            bucket_with("aws_s3_bucket_versioning", 'versioning_configuration {\nstatus = "Suspended"\n}'),
            resource("aws_s3_bucket", 'bucket = "NAME"'),
        ],
    ),
    "CKV2_LAKE_2": (
        [public_access()],
        [
            public_access(block_public_acls="false"),
            public_access(block_public_policy="false"),
            public_access(ignore_public_acls="false"),
            public_access(restrict_public_buckets="false"),
            resource("aws_s3_bucket", 'bucket = "NAME"'),
        ],
    ),
    "CKV2_LAKE_3": (
        [bucket_with("aws_s3_bucket_server_side_encryption_configuration", "")],
        [resource("aws_s3_bucket", 'bucket = "NAME"')],
    ),
    "CKV2_LAKE_4": (
        [bucket_with("aws_s3_bucket_policy", 'policy = "{}"')],
        [resource("aws_s3_bucket", 'bucket = "NAME"')],
    ),
    "CKV2_LAKE_5": (
        [bucket_with("aws_s3_bucket_ownership_controls", 'rule {\nobject_ownership = "BucketOwnerEnforced"\n}')],
        [
            bucket_with("aws_s3_bucket_ownership_controls", 'rule {\nobject_ownership = "ObjectWriter"\n}'),
            resource("aws_s3_bucket", 'bucket = "NAME"'),
        ],
    ),
    "CKV2_LAKE_6": (
        [
            table("")
            + resource("aws_dynamodb_kinesis_streaming_destination", "table_name = aws_dynamodb_table.NAME.name"),
        ],
        [
            table(""),
            table("") + resource("aws_dynamodb_kinesis_streaming_destination", 'table_name = "another"'),
        ],
    ),
}


def named(identifier, verdict, number):
    return f"{identifier.lower()}_{verdict}_{number}"


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """What the scan says of all examples."""
    folder = tmp_path_factory.mktemp("examples")
    for identifier, (right, wrong) in EXAMPLES.items():
        for verdict, examples in (("right", right), ("wrong", wrong)):
            for number, example in enumerate(examples):
                name = named(identifier, verdict, number)
                (folder / f"{name}.tf").write_text(example.replace("NAME", name))
    return scanner.scan([folder], folder).report


def names(records, identifier):
    return {record.resource.rpartition(".")[2] for record in records if record.check_id == identifier}


@pytest.mark.parametrize("identifier", EXAMPLES)
def test_the_check_passes_what_is_right_and_finds_what_is_wrong(report, identifier):
    passed, found = names(report.passed_checks, identifier), names(report.failed_checks, identifier)
    right, wrong = EXAMPLES[identifier]
    expected = {named(identifier, "right", number) for number in range(len(right))}
    # Where the mere existence of a resource is wrong, what is right is nothing that the check looks at.
    assert not expected & found if identifier in ("CKV_LAKE_7", "CKV_LAKE_9", "CKV_LAKE_21") else expected <= passed
    assert {named(identifier, "wrong", number) for number in range(len(wrong))} <= found
    assert not passed & found


def test_every_check_has_examples():
    checks = Path(scanner.CHECKS)
    written = "".join(file.read_text() for file in checks.glob("*.py"))
    identifiers = set(re.findall(r'"(CKV_LAKE_\d+)"', written))
    identifiers |= {yaml.safe_load(file.read_text())["metadata"]["id"] for file in checks.glob("*.yaml")}

    assert identifiers == set(EXAMPLES)


def test_the_readme_lists_every_check_by_its_name(report):
    records = (*report.passed_checks, *report.failed_checks)
    registered = {record.check_id: record.check_name for record in records if "_LAKE_" in record.check_id}
    readme = (scanner.CHECKS.parent / "README.md").read_text()

    assert dict(re.findall(r"^\| (CKV2?_LAKE_\d+) \| (.+) \|$", readme, re.MULTILINE)) == registered


@pytest.mark.parametrize(("region", "found"), [("us-east-1", False), ("*", True)])
def test_an_arn_is_read_as_one_where_checkov_writes_an_object_into_it(tmp_path, region, found):
    (tmp_path / "part").mkdir()
    arn = f"arn:${{var.account.partition}}:lambda:{region}:111111111111:function:f"
    (tmp_path / "part" / "main.tf").write_text(
        'variable "account" {\n  type = object({ id = string, partition = string })\n}\n'
        + statement(f'actions = ["lambda:InvokeFunction"]\nresources = ["{arn}"]')
    )
    for file in ("providers.tf", "variables-account.tf"):
        shutil.copy2(paths.ENVIRONMENTS / "consumer" / file, tmp_path)
    (tmp_path / "main.tf").write_text('module "part" {\n  source  = "./part"\n  account = local.account\n}\n')

    findings = scanner.scan([tmp_path], tmp_path).findings

    assert ("CKV_LAKE_31" in {each.check_id for each in findings if each.file == "part/main.tf"}) is found
