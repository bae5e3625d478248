"""How a query runs: where its results go, what it costs, who may run it, and what becomes of it."""

from __future__ import annotations

import base64
import json
from time import monotonic, sleep

import pytest
from botocore.exceptions import ClientError

from tests.system.athena.conftest import BUCKET, DATA, DATABASE, Athena
from tools import paths
from tools.localaws import service

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("athena")]

ENDLESS = (
    "SELECT count(*) FROM UNNEST(sequence(1, 1000000)) AS a (x) CROSS JOIN UNNEST(sequence(1, 1000000)) AS b (y) "
    "WHERE x * 7 % 13 = y * 11 % 17"
)


def test_a_query_says_what_it_read(athena):
    key = "data/changes/cdc_date=2026-01-31/cdc_hour=23/late.gz"
    size = athena.aws.client("s3").head_object(Bucket=BUCKET, Key=key)["ContentLength"]
    execution = athena.ask("SELECT id FROM changes WHERE cdc_date < '2026-02-01'").execution

    assert execution["Statistics"]["DataScannedInBytes"] == size
    assert execution["StatementType"] == "DML"
    assert execution["Query"] == "SELECT id FROM changes WHERE cdc_date < '2026-02-01'"


def test_a_filter_outside_of_a_view_spares_partitions_inside(athena):
    narrow = athena.ask("SELECT * FROM priced WHERE cdc_date = 'none'")
    wide = athena.ask("SELECT * FROM priced WHERE cdc_date > '2026'")

    assert narrow.execution["Statistics"]["DataScannedInBytes"] == 0
    assert wide.execution["Statistics"]["DataScannedInBytes"] > 0


def test_results_are_a_file_in_which_all_is_quoted_and_null_is_nothing(athena):
    execution = athena.ask("SELECT id, note, big FROM changes WHERE id IN ('b', 'c')").execution
    place = execution["ResultConfiguration"]["OutputLocation"]

    assert place == f"s3://{BUCKET}/results/{execution['QueryExecutionId']}.csv"
    key = place.removeprefix(f"s3://{BUCKET}/")
    s3 = athena.aws.client("s3")
    lines = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode().split("\n")
    assert sorted(lines) == ["", '"b","say ""hi"", twice","-5"', '"c",,', '"id","note","big"']
    assert s3.head_object(Bucket=BUCKET, Key=f"{key}.metadata")["ContentLength"]


def test_results_are_returned_page_by_page(athena):
    execution = athena.ask("SELECT x FROM (VALUES 1, 2, 3) AS t (x) ORDER BY 1").execution
    pages = athena.client.get_paginator("get_query_results").paginate(
        QueryExecutionId=execution["QueryExecutionId"], PaginationConfig={"PageSize": 3}
    )

    shown = [[row["Data"][0]["VarCharValue"] for row in page["ResultSet"]["Rows"]] for page in pages]
    assert shown == [["x", "1", "2"], ["3"]]


def test_a_query_is_stopped_and_holds_up_nobody_meanwhile(athena):
    query = athena.start(ENDLESS)
    while athena.client.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]["State"] == "QUEUED":
        sleep(0.02)
    started = monotonic()
    athena.aws.client("s3").list_objects_v2(Bucket=BUCKET)
    assert monotonic() - started < 5

    athena.client.stop_query_execution(QueryExecutionId=query)

    status = athena.wait(query)["Status"]
    assert status["State"] == "CANCELLED"
    assert "cancelled" in status["StateChangeReason"]


def test_a_query_that_would_scan_too_much_is_cancelled(athena):
    s3 = athena.aws.client("s3")
    athena.ask(
        "CREATE EXTERNAL TABLE large (id string) ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' "
        f"LOCATION 's3://{BUCKET}/data/large/'"
    )
    for name in ("a", "b"):
        s3.put_object(Bucket=BUCKET, Key=f"data/large/{name}", Body=b'{"id":"' + b"x" * 6_000_000 + b'"}\n')
    configuration = {
        "ResultConfiguration": {"OutputLocation": f"s3://{BUCKET}/results"},
        "BytesScannedCutoffPerQuery": 10_000_000,
    }
    athena.client.create_work_group(Name="limited", Configuration=configuration)

    within = athena.ask("SELECT count(*) FROM changes", WorkGroup="limited")
    past = athena.ask("SELECT count(*) FROM large", WorkGroup="limited")

    assert within.state == "SUCCEEDED"
    assert (past.state, past.reason) == ("CANCELLED", "Bytes scanned limit was exceeded")


def test_a_workgroup_that_enforces_its_settings_decides_where_results_go(athena):
    own = {"ResultConfiguration": {"OutputLocation": f"s3://{BUCKET}/of-the-client/"}}
    for name, enforces in (("strict", True), ("lenient", False)):
        configuration = {
            "EnforceWorkGroupConfiguration": enforces,
            "ResultConfiguration": {"OutputLocation": f"s3://{BUCKET}/of-the-group/"},
        }
        athena.client.create_work_group(Name=name, Configuration=configuration)

    strict, lenient = (athena.ask("SELECT 1", WorkGroup=name, **own) for name in ("strict", "lenient"))

    assert "/of-the-group/" in strict.execution["ResultConfiguration"]["OutputLocation"]
    assert "/of-the-client/" in lenient.execution["ResultConfiguration"]["OutputLocation"]


def test_statements_are_prepared_by_both_ways(athena):
    athena.client.create_prepared_statement(
        StatementName="by_api", WorkGroup="primary", QueryStatement="SELECT id FROM changes WHERE big = ?"
    )
    assert athena.ask("PREPARE by_sql FROM SELECT id FROM changes WHERE cdc_event = ? AND big > ?").state == "SUCCEEDED"

    assert athena.ask("EXECUTE by_api USING -5").rows[1:] == [["b"]]
    assert athena.ask("EXECUTE by_api", ExecutionParameters=["1"]).rows[1:] == [["d"]]
    assert athena.ask("EXECUTE by_sql USING 'INSERT', 0").rows[1:] == [["a"]]
    assert athena.ask("DEALLOCATE PREPARE by_sql").state == "SUCCEEDED"
    assert "was not found" in athena.ask("EXECUTE by_sql USING 'INSERT', 0").reason


def test_a_view_whose_columns_are_not_those_of_its_query_is_stale(athena):
    view = {
        "originalSql": "SELECT id, price FROM changes",
        "catalog": "awsdatacatalog",
        "schema": DATABASE,
        "columns": [{"name": "id", "type": "varchar"}, {"name": "price", "type": "double"}],
    }
    for name, kind in (("stale", "double"), ("typed", "decimal(10,2)")):
        view["columns"][1]["type"] = kind
        text = base64.b64encode(json.dumps(view).encode()).decode()
        table = {
            "Name": name,
            "TableType": "VIRTUAL_VIEW",
            "Parameters": {"presto_view": "true", "comment": "Presto View"},
            "ViewOriginalText": f"/* Presto View: {text} */",
            "ViewExpandedText": "/* Presto View */",
            "StorageDescriptor": {"Columns": [{"Name": "id", "Type": "string"}, {"Name": "price", "Type": kind}]},
        }
        athena.aws.client("glue").create_table(DatabaseName=DATABASE, TableInput=table)

    assert athena.ask("SELECT count(*) FROM typed").rows[1:] == [["5"]]
    assert "is stale or in invalid state" in athena.ask("SELECT count(*) FROM stale").reason


def test_a_view_is_replaced_where_that_is_asked_for(athena):
    assert athena.ask("CREATE VIEW changing AS SELECT id FROM changes").state == "SUCCEEDED"

    assert "AlreadyExists" in athena.ask("CREATE VIEW changing AS SELECT 1 AS one").reason
    assert athena.ask("CREATE OR REPLACE VIEW changing AS SELECT 1 AS one").state == "SUCCEEDED"
    assert athena.ask("SELECT * FROM changing").rows == [["one"], ["1"]]
    assert athena.ask("DROP VIEW changing").state == "SUCCEEDED"
    assert "TABLE_NOT_FOUND" in athena.ask("SELECT * FROM changing").reason


def test_the_table_in_the_documentation_can_be_made(athena):
    page = (paths.REPOSITORY / "docs" / "record.md").read_text()
    statements = [block.split("```")[0].rstrip().replace("BUCKET", BUCKET) for block in page.split("```sql\n")[1:]]
    ours = [statement for statement in statements if "blog_srsa_ddb_table" in statement]
    assert len(ours) == 3

    answers = [athena.ask(statement) for statement in ours]

    assert [(answer.state, answer.reason) for answer in answers] == [("SUCCEEDED", "")] * 3


def test_a_query_without_a_place_for_its_results_is_refused(athena):
    with pytest.raises(ClientError, match="No output location provided"):
        athena.client.start_query_execution(QueryString="SELECT 1")


def allow(*actions, resource="*"):
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource}


GLUE = f"arn:aws:glue:us-east-1:{service.SINGLE_ACCOUNT}"
READING = [
    allow("athena:*", resource=f"arn:aws:athena:us-east-1:{service.SINGLE_ACCOUNT}:workgroup/primary"),
    allow(
        "glue:GetTable",
        "glue:GetPartitions",
        resource=[f"{GLUE}:catalog", f"{GLUE}:database/{DATABASE}", f"{GLUE}:table/{DATABASE}/changes"],
    ),
    allow("s3:GetBucketLocation", "s3:ListBucket", resource=f"arn:aws:s3:::{BUCKET}"),
    allow("s3:GetObject", resource=f"arn:aws:s3:::{BUCKET}/data/*"),
    allow("s3:GetObject", "s3:PutObject", resource=f"arn:aws:s3:::{BUCKET}/results/*"),
]


@pytest.fixture(scope="module")
def as_role(athena, local):
    """Returns Athena as a role that has the given statements."""
    iam, sts = athena.aws.client("iam"), athena.aws.client("sts")
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": f"arn:aws:iam::{service.SINGLE_ACCOUNT}:root"},
    }
    made = []

    def make(statements):
        name = f"analyst-{len(made)}"
        made.append(name)
        trusts, allows = (json.dumps({"Version": "2012-10-17", "Statement": each}) for each in ([trust], statements))
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusts)["Role"]["Arn"]
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=allows)
        keys = sts.assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
        given = {
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "AWS_SESSION_TOKEN": keys["SessionToken"],
        }
        return Athena({**local.environment(service.SINGLE_ACCOUNT), **given})

    return make


def test_a_role_reads_what_its_policies_let_it(as_role):
    assert as_role(READING).ask("SELECT count(*) FROM changes").rows == [["_col0"], ["5"]]


def without(action):
    return [
        {**each, "Action": [a for a in each["Action"] if a != action] or ["athena:GetWorkGroup"]} for each in READING
    ]


@pytest.mark.parametrize(
    ("statements", "reason"),
    [
        (without("glue:GetTable"), "glue:GetTable"),
        (without("s3:ListBucket"), "s3:ListBucket"),
        ([*READING[:3], *READING[4:]], "s3:GetObject"),
        ([*READING[:4], allow("s3:GetObject", resource=f"arn:aws:s3:::{BUCKET}/results/*")], "s3:PutObject"),
    ],
)
def test_a_role_without_a_permission_is_told_which(as_role, statements, reason):
    answer = as_role(statements).ask("SELECT count(*) FROM changes")

    assert answer.state == "FAILED"
    assert "ccess denied" in answer.reason
    assert reason in answer.reason


def test_a_role_of_one_table_reads_no_other(as_role):
    answer = as_role(READING).ask("SELECT count(*) FROM registered")

    assert answer.state == "FAILED"
    assert "glue:GetTable" in answer.reason


def test_a_role_that_may_not_find_the_bucket_of_its_results_cannot_start(as_role):
    with pytest.raises(ClientError, match="Unable to verify/create output bucket"):
        as_role(without("s3:GetBucketLocation")).start("SELECT 1")


@pytest.fixture(scope="module")
def encrypted(athena):
    """A key, a bucket that refuses what is not encrypted with it, and a workgroup that writes there."""
    key = athena.aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    s3, bucket = athena.aws.client("s3"), "of-encrypted-results"
    s3.create_bucket(Bucket=bucket)
    condition = {"StringNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": key}}
    refusal = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        "Condition": condition,
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [refusal]}))
    athena.client.create_work_group(
        Name="encrypted",
        Configuration={
            "EnforceWorkGroupConfiguration": True,
            "ResultConfiguration": {
                "OutputLocation": f"s3://{bucket}/",
                "EncryptionConfiguration": {"EncryptionOption": "SSE_KMS", "KmsKey": key},
            },
        },
    )
    s3.put_object(Bucket=bucket, Key="lake/a", Body=b'{"id":"x"}\n', ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    athena.ask(
        "CREATE EXTERNAL TABLE encrypted (id string) ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' "
        f"LOCATION 's3://{bucket}/lake/'"
    )
    return key, bucket


def of_encrypted(bucket):
    return [
        allow("athena:*", "glue:GetTable"),
        allow("s3:GetBucketLocation", "s3:ListBucket", "s3:GetObject", "s3:PutObject",
              resource=[f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]),
    ]  # fmt: skip


def test_results_are_encrypted_with_the_key_of_the_workgroup(athena, encrypted, as_role):
    key, bucket = encrypted
    analyst = as_role([*of_encrypted(bucket), allow("kms:Decrypt", "kms:GenerateDataKey", resource=key)])

    answer = analyst.ask("SELECT id FROM encrypted", WorkGroup="encrypted")

    assert answer.rows == [["id"], ["x"]]
    written = answer.execution["ResultConfiguration"]["OutputLocation"].removeprefix(f"s3://{bucket}/")
    assert athena.aws.client("s3").head_object(Bucket=bucket, Key=written)["SSEKMSKeyId"] == key


@pytest.mark.parametrize("missing", ["kms:Decrypt", "kms:GenerateDataKey"])
def test_a_role_that_may_not_use_the_key_fails(encrypted, as_role, missing):
    key, bucket = encrypted
    (other,) = {"kms:Decrypt", "kms:GenerateDataKey"} - {missing}

    answer = as_role([*of_encrypted(bucket), allow(other, resource=key)]).ask(
        "SELECT id FROM encrypted", WorkGroup="encrypted"
    )

    assert answer.state == "FAILED"
    assert missing in answer.reason


def test_every_table_of_the_suite_is_there(athena):
    names = [row[0] for row in athena.ask("SHOW TABLES").rows]

    assert len(names) >= len(DATA["tables"])
