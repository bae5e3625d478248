"""Each correction of the emulator is still needed, and does what AWS does."""

from __future__ import annotations

from time import monotonic, sleep

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.system.accounts import Account, document, is_let_in
from tools.localaws import service
from tools.localaws.emulator import corrections, policy_variables
from tools.localaws.emulator.simulation import simulate_each_resource_with_given_keys

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("corrections")]

A, B = service.PRODUCER, service.CONSUMER


def a_named_role_of_another_account_writes(local):
    """The bucket's policy names one role of A, by its root and aws:PrincipalArn: that role may write."""
    producer, consumer = Account(local, A), Account(local, B)
    objects = "arn:aws:s3:::lake-of-b/*"
    writer = producer.role("writer", "s3:PutObject", objects)
    consumer.client("s3").create_bucket(Bucket="lake-of-b")
    named = {
        "Principal": {"AWS": f"arn:aws:iam::{A}:root"},
        "Action": "s3:PutObject",
        "Resource": objects,
        "Condition": {"ArnEquals": {"aws:PrincipalArn": writer}},
    }
    consumer.client("s3").put_bucket_policy(Bucket="lake-of-b", Policy=document(named))
    return is_let_in(producer.session(writer, "s3").put_object, Bucket="lake-of-b", Key="x", Body=b"")


def a_session_is_known_by_its_roles_arn(local):
    """A condition on aws:PrincipalArn in a role's own policy holds for the role's ARN."""
    own = Account(local, A)
    own.client("s3").create_bucket(Bucket="of-the-known")
    role = own.role("known", "s3:PutObject", "arn:aws:s3:::nothing/*")
    allowed = {
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::of-the-known/*",
        "Condition": {"ArnEquals": {"aws:PrincipalArn": role}},
    }
    own.client("iam").put_role_policy(RoleName="known", PolicyName="p", PolicyDocument=document(allowed))
    return is_let_in(own.session(role, "s3").put_object, Bucket="of-the-known", Key="x", Body=b"")


def a_log_stream_is_authorized_as_a_log_stream(local):
    """A permission on the streams of a log group lets a role write to one."""
    own = Account(local, A)
    logs = own.client("logs")
    logs.create_log_group(logGroupName="group")
    logs.create_log_stream(logGroupName="group", logStreamName="stream")
    streams = f"arn:aws:logs:us-east-1:{A}:log-group:group:log-stream:*"
    role = own.role("logger", "logs:PutLogEvents", streams)
    events = [{"timestamp": 1, "message": "x"}]
    return is_let_in(
        own.session(role, "logs").put_log_events, logGroupName="group", logStreamName="stream", logEvents=events
    )


def a_write_under_another_key_is_refused(local):
    """A bucket's policy that demands one key keeps out a write that names another."""
    own = Account(local, A)
    own.client("s3").create_bucket(Bucket="one-key-only")
    objects = "arn:aws:s3:::one-key-only/*"
    keys = [own.client("kms").create_key()["KeyMetadata"]["Arn"] for _ in range(2)]
    other_keys = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": objects,
        "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": keys[0]}},
    }
    own.client("s3").put_bucket_policy(Bucket="one-key-only", Policy=document(other_keys))
    role = own.role("encrypter", ["s3:PutObject", "kms:GenerateDataKey"], "*")
    put, encryption = own.session(role, "s3").put_object, {"ServerSideEncryption": "aws:kms"}
    assert not is_let_in(put, Bucket="one-key-only", Key="x", Body=b"", SSEKMSKeyId=keys[1], **encryption)
    return is_let_in(put, Bucket="one-key-only", Key="x", Body=b"", SSEKMSKeyId=keys[0], **encryption)


def root_acts_as_a_role_of_firehose(local):
    """The worker, as an account's root, takes on a role that trusts Firehose alone."""
    own = Account(local, A)
    trust = {
        "Principal": {"Service": "firehose.amazonaws.com"},
        "Condition": {"StringEquals": {"sts:ExternalId": A}},
    }
    role = own.role("of-firehose", "s3:PutObject", "*", **trust)
    return is_let_in(own.client("sts").assume_role, RoleArn=role, RoleSessionName="test")


def a_record_is_left_to_the_worker(local):
    """A record that is put to a stream stays there until the delivery stream's buffering time is over."""
    own = Account(local, A)
    own.client("s3").create_bucket(Bucket="of-the-worker")
    own.client("kinesis").create_stream(StreamName="source", ShardCount=1)
    role = own.role("of-the-worker", "*", "*", Principal={"Service": "firehose.amazonaws.com"})
    stream = f"arn:aws:kinesis:us-east-1:{A}:stream/source"
    own.client("firehose").create_delivery_stream(
        DeliveryStreamName="into-the-bucket",
        DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration={"KinesisStreamARN": stream, "RoleARN": role},
        ExtendedS3DestinationConfiguration={
            "RoleARN": role,
            "BucketARN": "arn:aws:s3:::of-the-worker",
            "BufferingHints": {"SizeInMBs": 128, "IntervalInSeconds": 900},
        },
    )
    own.client("kinesis").put_record(StreamName="source", Data=b"x", PartitionKey="1")
    return own.client("s3").list_objects_v2(Bucket="of-the-worker")["KeyCount"] == 0


def a_query_reads_every_digit(local):
    """A number of 38 digits comes out of Athena as it went into the lake."""
    own = Account(local, A)
    digits = "0.1234567890123456789012345678901234567"
    own.client("s3").create_bucket(Bucket="of-digits")
    own.client("s3").put_object(Bucket="of-digits", Key="data/a", Body=f'{{"n":{digits}}}\n'.encode())
    own.client("glue").create_database(DatabaseInput={"Name": "digits"})
    serde = {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"}
    storage = {
        "Location": "s3://of-digits/data/",
        "Columns": [{"Name": "n", "Type": "decimal(38,37)"}],
        "SerdeInfo": serde,
    }
    table = {"Name": "t", "TableType": "EXTERNAL_TABLE", "StorageDescriptor": storage}
    own.client("glue").create_table(DatabaseName="digits", TableInput=table)
    athena = own.client("athena")
    asked = athena.start_query_execution(
        QueryString="SELECT n FROM digits.t",
        ResultConfiguration={"OutputLocation": "s3://of-digits/results/"},
    )["QueryExecutionId"]
    deadline = monotonic() + 30
    while athena.get_query_execution(QueryExecutionId=asked)["QueryExecution"]["Status"]["State"] in (
        "QUEUED",
        "RUNNING",
    ):
        assert monotonic() < deadline
        sleep(0.05)
    try:
        rows = athena.get_query_results(QueryExecutionId=asked)["ResultSet"]["Rows"]
    except ClientError:
        return False
    return rows[-1]["Data"] == [{"VarCharValue": digits}]


def a_role_sees_one_table_alone(local):
    """A role whose policy names the catalog, a database and one of its tables sees this table, and its database."""
    own = Account(local, A)
    own.client("glue").create_database(DatabaseInput={"Name": "of-tables"})
    for name in ("mine", "other"):
        own.client("glue").create_table(DatabaseName="of-tables", TableInput={"Name": name})
    prefix = f"arn:aws:glue:us-east-1:{A}"
    resources = [f"{prefix}:catalog", f"{prefix}:database/of-tables", f"{prefix}:table/of-tables/mine"]
    glue = own.session(own.role("of-one-table", "glue:*", resources), "glue")
    return (
        is_let_in(glue.get_table, DatabaseName="of-tables", Name="mine")
        and is_let_in(glue.get_database, Name="of-tables")
        and not is_let_in(glue.get_table, DatabaseName="of-tables", Name="other")
    )


def a_role_asks_in_one_workgroup_alone(local):
    """A role whose policy names a workgroup sees the queries of this workgroup, and no others."""
    own = Account(local, A)
    own.client("s3").create_bucket(Bucket="of-workgroups")
    configuration = {"ResultConfiguration": {"OutputLocation": "s3://of-workgroups/"}}
    queries = {}
    for name in ("mine", "other"):
        own.client("athena").create_work_group(Name=name, Configuration=configuration)
        queries[name] = own.client("athena").start_query_execution(QueryString="SELECT 1", WorkGroup=name)
    group = f"arn:aws:athena:us-east-1:{A}:workgroup/mine"
    athena = own.session(own.role("of-one-workgroup", "athena:*", group), "athena")
    sees = {name: is_let_in(athena.get_query_execution, QueryExecutionId=query["QueryExecutionId"])
            for name, query in queries.items()}  # fmt: skip
    return sees == {"mine": True, "other": False}


def a_role_writes_where_its_tag_says(local):
    """A variable in a role's own policy stands for the role's tag."""
    own = Account(local, A)
    own.client("s3").create_bucket(Bucket="of-tagged-roles")
    tag = "${aws:PrincipalTag/lake-table}"
    role = own.role("tagged", "s3:PutObject", f"arn:aws:s3:::of-tagged-roles/data/{tag}/*")
    own.client("iam").tag_role(RoleName="tagged", Tags=[{"Key": "lake-table", "Value": "orders"}])
    put = own.session(role, "s3").put_object
    assert not is_let_in(put, Bucket="of-tagged-roles", Key="data/others/x", Body=b"")
    return is_let_in(put, Bucket="of-tagged-roles", Key="data/orders/x", Body=b"")


def a_role_of_another_account_is_known_by_its_tag(local):
    """A bucket's policy lets in the roles of A that have a tag, and no others."""
    producer, consumer = Account(local, A), Account(local, B)
    objects = "arn:aws:s3:::for-tagged-roles-of-a/*"
    roles = [producer.role(name, "s3:PutObject", objects) for name in ("with-tag", "without-tag")]
    producer.client("iam").tag_role(RoleName="with-tag", Tags=[{"Key": "lake-table", "Value": "orders"}])
    consumer.client("s3").create_bucket(Bucket="for-tagged-roles-of-a")
    tagged = {
        "Principal": {"AWS": f"arn:aws:iam::{A}:root"},
        "Action": "s3:PutObject",
        "Resource": objects,
        "Condition": {"StringEquals": {"aws:PrincipalTag/lake-table": ["events", "orders"]}},
    }
    consumer.client("s3").put_bucket_policy(Bucket="for-tagged-roles-of-a", Policy=document(tagged))
    with_tag, without = (producer.session(role, "s3").put_object for role in roles)
    assert not is_let_in(without, Bucket="for-tagged-roles-of-a", Key="x", Body=b"")
    return is_let_in(with_tag, Bucket="for-tagged-roles-of-a", Key="x", Body=b"")


def a_role_on_a_path_is_asked_for_by_its_arn(local):
    """What a role on a path may do is told for the ARN that has the path."""
    iam = Account(local, A).client("iam")
    trust = document({"Principal": {"Service": "firehose.amazonaws.com"}, "Action": "sts:AssumeRole"})
    role = iam.create_role(RoleName="on-a-path", Path="/lake/eu/", AssumeRolePolicyDocument=trust)["Role"]
    policy = document({"Action": "s3:GetObject", "Resource": "*"})
    iam.put_role_policy(RoleName="on-a-path", PolicyName="own", PolicyDocument=policy)
    (found,) = iam.simulate_principal_policy(
        PolicySourceArn=role["Arn"], ActionNames=["s3:GetObject"], ResourceArns=["arn:aws:s3:::a/b"]
    )["EvaluationResults"]
    return found["EvalDecision"] == "allowed"


def a_role_looks_at_roles_of_one_path_alone(local):
    """A permission on the roles of a path lets a role make one there and simulate it, and none elsewhere."""
    own = Account(local, A)
    maker = own.role(
        "maker", ["iam:CreateRole", "iam:SimulatePrincipalPolicy"], f"arn:aws:iam::{A}:role/of/lakes/*", path="/of/"
    )
    iam, trust = own.session(maker, "iam"), document({"Action": "sts:AssumeRole", "Principal": {"AWS": A}})

    def makes(name, path):
        return is_let_in(iam.create_role, RoleName=name, Path=path, AssumeRolePolicyDocument=trust)

    def simulates(arn):
        return is_let_in(iam.simulate_principal_policy, PolicySourceArn=arn, ActionNames=["s3:GetObject"])

    assert not makes("elsewhere", "/")
    assert not makes("elsewhere", "/of/")
    assert not simulates(maker)
    return makes("made", "/of/lakes/") and simulates(f"arn:aws:iam::{A}:role/of/lakes/made")


def a_role_exports_one_table_alone(local):
    """A permission on a table and its exports lets a role export it and look at that, and no other table."""
    own, tables = Account(local, A), f"arn:aws:dynamodb:us-east-1:{A}:table"
    actions = ["dynamodb:ExportTableToPointInTime", "dynamodb:DescribeExport"]
    role = own.role("exports-one", actions, f"{tables}/exported-alone*")
    dynamodb = own.session(role, "dynamodb")

    def is_asked_for(name):
        # Neither table is there: who is let in is told so.
        try:
            dynamodb.export_table_to_point_in_time(TableArn=f"{tables}/{name}", S3Bucket="nobodys")
        except ClientError as error:
            return error.response["Error"]["Code"] == "TableNotFoundException"
        return True

    def is_looked_at(name):
        try:
            dynamodb.describe_export(ExportArn=f"{tables}/{name}/export/1")
        except ClientError as error:
            return not error.response["Error"]["Code"].startswith("AccessDenied")
        return True

    assert not is_asked_for("another")
    assert not is_looked_at("another")
    return is_asked_for("exported-alone") and is_looked_at("exported-alone")


def a_simulation_knows_each_resource_and_the_keys_that_are_given(local):
    """What a policy allows in one Region alone, on one of two objects, is told so, and which key was not given."""
    own = Account(local, A)
    allowed = {
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::simulated/x",
        "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1", "iam:PassedToService": "s3.amazonaws.com"}},
    }
    role = own.role("to-be-simulated", "s3:ListBucket", "*", path="/of/")
    iam = own.client("iam")
    iam.put_role_policy(RoleName="to-be-simulated", PolicyName="reads", PolicyDocument=document(allowed))

    def told(**keys):
        given = [
            {"ContextKeyName": name, "ContextKeyValues": [value], "ContextKeyType": "string"}
            for name, value in keys.items()
        ]
        (found,) = iam.simulate_principal_policy(
            PolicySourceArn=role,
            ActionNames=["s3:GetObject"],
            ResourceArns=["arn:aws:s3:::simulated/x", "arn:aws:s3:::simulated/y"],
            ContextEntries=given,
        )["EvaluationResults"]
        each = found.get("ResourceSpecificResults", [])
        return [one["EvalResourceDecision"] for one in each], [one["MissingContextValues"] for one in each]

    region = {"aws:RequestedRegion": "eu-west-1"}
    one, other = told(**region, **{"iam:PassedToService": "s3.amazonaws.com"}), told(**region)
    boundary = iam.create_policy(
        PolicyName="to-be-simulated", PolicyDocument=document({"Action": "ec2:*", "Resource": "*"})
    )
    iam.put_role_permissions_boundary(RoleName="to-be-simulated", PermissionsBoundary=boundary["Policy"]["Arn"])
    bounded = told(**region, **{"iam:PassedToService": "s3.amazonaws.com"})
    return (one, other, bounded[0]) == (
        (["allowed", "implicitDeny"], [[], []]),
        (["implicitDeny", "implicitDeny"], [["iam:PassedToService"], []]),
        ["implicitDeny", "implicitDeny"],
    )


SCENARIOS = {
    "evaluate_bucket_policies_for_the_actual_caller": a_named_role_of_another_account_writes,
    "use_role_arn_as_principal_arn": a_session_is_known_by_its_roles_arn,
    "authorize_log_stream_actions_on_the_stream": a_log_stream_is_authorized_as_a_log_stream,
    "add_encryption_condition_keys": a_write_under_another_key_is_refused,
    "let_account_root_assume_roles": root_acts_as_a_role_of_firehose,
    "disable_delivery_from_kinesis": a_record_is_left_to_the_worker,
    "answer_queries_as_athena_does": a_query_reads_every_digit,
    "authorize_glue_on_tables_and_databases": a_role_sees_one_table_alone,
    "authorize_athena_on_the_workgroup_of_a_query": a_role_asks_in_one_workgroup_alone,
    "authorize_exports_on_what_they_name": a_role_exports_one_table_alone,
    "authorize_iam_on_whole_arns": a_role_looks_at_roles_of_one_path_alone,
    "fill_variables_of_policies": a_role_writes_where_its_tag_says,
    "find_the_policies_of_roles_on_a_path": a_role_on_a_path_is_asked_for_by_its_arn,
    "simulate_each_resource_with_given_keys": a_simulation_knows_each_resource_and_the_keys_that_are_given,
    "know_the_tags_of_roles": a_role_of_another_account_is_known_by_its_tag,
}
WITHOUT_SCENARIO = {
    "listen_on_the_chosen_port_only": "only shows where this process may listen on 443, and no other does",
    "expire_iterators_every_ten_seconds": "changes how long a request takes, and no answer",
}


@pytest.mark.parametrize("correction", SCENARIOS)
def test_the_corrected_emulator_does_what_aws_does(corrected, correction):
    assert SCENARIOS[correction](corrected)


@pytest.mark.parametrize("correction", SCENARIOS)
def test_the_emulator_still_needs_the_correction(uncorrected, correction):
    assert not SCENARIOS[correction](uncorrected), (
        "the emulator does what AWS does by itself now: "
        f"remove the correction {correction} from tools/localaws/emulator, and its scenario here"
    )


def test_every_correction_has_a_scenario_or_a_reason_to_have_none():
    listed = (*corrections.CORRECTIONS, *policy_variables.CORRECTIONS, simulate_each_resource_with_given_keys)
    known = {correct.__name__ for correct in listed}
    assert known == SCENARIOS.keys() | WITHOUT_SCENARIO.keys()


GUARDED = "guarded-by-b"


@pytest.fixture(scope="module")
def callers(corrected):
    """Who may ask for what lies in a bucket of B, whose policy names two roles of A and A's root."""
    producer, consumer = Account(corrected, A), Account(corrected, B)
    everything = ("s3:*", "*")
    # With a path, which a session's own ARN does not tell.
    named = producer.role("named", *everything, path="/of/a/team/")
    denied = producer.role("denied", *everything)
    unnamed = producer.role("unnamed", *everything)
    powerless = producer.role("powerless", "s3:ListAllMyBuckets", "*")
    root = f"arn:aws:iam::{A}:root"

    def is_asked_by(*arns):
        return {"Condition": {"ArnEquals": {"aws:PrincipalArn": arns}}}

    objects = {"Action": ["s3:GetObject", "s3:PutObject"], "Principal": {"AWS": root}}
    consumer.client("s3").create_bucket(Bucket=GUARDED)
    consumer.client("s3").put_object(Bucket=GUARDED, Key="x", Body=b"1")
    of_roles = {**objects, "Resource": [f"arn:aws:s3:::{GUARDED}/x", f"arn:aws:s3:::{GUARDED}/copy"]}
    policy = document(
        {**of_roles, **is_asked_by(named, denied, powerless)},
        {**of_roles, **is_asked_by(denied), "Effect": "Deny"},
        {**objects, "Resource": f"arn:aws:s3:::{GUARDED}/of-root", **is_asked_by(root)},
    )
    consumer.client("s3").put_bucket_policy(Bucket=GUARDED, Policy=policy)
    anonymous = boto3.client(
        "s3",
        endpoint_url=corrected.endpoint_url,
        region_name=corrected.region,
        verify=str(corrected.ca_bundle),
        config=Config(signature_version=UNSIGNED, s3={"addressing_style": "path"}),
    )
    roles = {"named": named, "denied": denied, "unnamed": unnamed, "powerless": powerless}
    sessions = {name: producer.session(role, "s3") for name, role in roles.items()}
    found = {**sessions, "root": producer.client("s3"), "nobody": anonymous}
    yield found
    # The emulator stops at once only when nobody is connected.
    for client in found.values():
        client.close()


CALLS = {
    "puts": ("put_object", {"Bucket": GUARDED, "Key": "x", "Body": b"1"}),
    "gets": ("get_object", {"Bucket": GUARDED, "Key": "x"}),
    "copies": ("copy_object", {"Bucket": GUARDED, "Key": "copy", "CopySource": {"Bucket": GUARDED, "Key": "x"}}),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("who", ["named", "denied", "unnamed", "powerless", "root", "nobody"])
def test_of_another_account_only_the_role_that_the_bucket_names_is_let_in(callers, who, call):
    operation, request = CALLS[call]

    assert is_let_in(getattr(callers[who], operation), **request) == (who == "named")


def test_root_of_another_account_is_judged_as_root(callers):
    of_root = {"Bucket": GUARDED, "Key": "of-root", "Body": b""}

    assert is_let_in(callers["root"].put_object, **of_root)
    assert not is_let_in(callers["unnamed"].put_object, **of_root)
