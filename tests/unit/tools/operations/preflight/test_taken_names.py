from __future__ import annotations

import pytest

from tests.unit.tools.operations.preflight.recorded import ACCOUNT, KEY_ARN, Name, kinds, lines, owning, wanted
from tools.operations.preflight import taken_names

CHECK_OF = dict(zip(kinds.KINDS, taken_names.CHECKS, strict=True))
ROLES = {
    "iam.list_roles": {
        "Roles": [
            {
                "Path": "/",
                "RoleName": "Lake-Transform-us-east-1",
                "RoleId": "AROAEXAMPLEEXAMPLE",
                "Arn": f"arn:aws:iam::{ACCOUNT}:role/Lake-Transform-us-east-1",
                "CreateDate": "2026-01-01T00:00:00Z",
            }
        ]
    }
}
GROUPS = {"logs.describe_log_groups": {"logGroups": [{"logGroupName": "/aws/lambda/lake"}]}}
FOUND = [
    (kinds.ROLE, "LAKE-transform-us-east-1", ROLES),
    (kinds.FUNCTION, "lake", {"lambda.get_function_configuration": {"FunctionName": "lake"}}),
    (kinds.TABLE, "orders", {"dynamodb.describe_table": {"Table": {"TableName": "orders"}}}),
    (
        kinds.STREAM,
        "orders",
        {
            "kinesis.describe_stream_summary": {
                "StreamDescriptionSummary": {
                    "StreamName": "orders",
                    "StreamARN": f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/orders",
                    "StreamStatus": "ACTIVE",
                    "RetentionPeriodHours": 24,
                    "StreamCreationTimestamp": "2026-01-01T00:00:00Z",
                    "EnhancedMonitoring": [],
                    "OpenShardCount": 1,
                }
            }
        },
    ),
    (
        kinds.DELIVERY_STREAM,
        "orders",
        {
            "firehose.describe_delivery_stream": {
                "DeliveryStreamDescription": {
                    "DeliveryStreamName": "orders",
                    "DeliveryStreamARN": f"arn:aws:firehose:us-east-1:{ACCOUNT}:deliverystream/orders",
                    "DeliveryStreamStatus": "ACTIVE",
                    "DeliveryStreamType": "KinesisStreamAsSource",
                    "VersionId": "1",
                    "Destinations": [],
                    "HasMoreDestinations": False,
                }
            }
        },
    ),
    (kinds.LOG_GROUP, "/aws/lambda/lake", GROUPS),
    (kinds.BUCKET, "lake", {"s3.head_bucket": "403"}),
    (kinds.ALIAS, "alias/lake", {"kms.describe_key": {"KeyMetadata": {"KeyId": KEY_ARN[-36:]}}}),
    (kinds.DATABASE, "lake", {"glue.get_database": {"Database": {"Name": "lake"}}}),
    (kinds.WORKGROUP, "lake", {"athena.get_work_group": {"WorkGroup": {"Name": "lake"}}}),
    (kinds.JOB, "lake", {"glue.get_job": {"Job": {"Name": "lake"}}}),
    (
        kinds.STATE_MACHINE,
        "lake",
        {
            "stepfunctions.describe_state_machine": {
                "stateMachineArn": f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:lake",
                "name": "lake",
                "definition": "{}",
                "roleArn": f"arn:aws:iam::{ACCOUNT}:role/lake",
                "type": "STANDARD",
                "creationDate": "2026-01-01T00:00:00Z",
            }
        },
    ),
    (kinds.TOPIC, "lake", {"sns.get_topic_attributes": {"Attributes": {"DisplayName": ""}}}),
    (kinds.DASHBOARD, "lake", {"cloudwatch.get_dashboard": {"DashboardName": "lake"}}),
]
ABSENT = {
    kinds.ROLE: {"iam.list_roles": {"Roles": []}},
    kinds.LOG_GROUP: GROUPS,
    kinds.BUCKET: {"s3.head_bucket": "404"},
}
CODES = {
    kinds.ALIAS: "NotFoundException",
    kinds.DATABASE: "EntityNotFoundException",
    kinds.WORKGROUP: "InvalidRequestException",
    kinds.JOB: "EntityNotFoundException",
    kinds.STATE_MACHINE: "StateMachineDoesNotExist",
    kinds.TOPIC: "NotFound",
    kinds.DASHBOARD: "ResourceNotFound",
}


def test_every_kind_is_tried():
    assert {kind for kind, _, _ in FOUND} == set(kinds.KINDS)


@pytest.mark.parametrize(("kind", "name", "answers"), FOUND, ids=[kind.noun for kind, _, _ in FOUND])
def test_a_name_that_is_taken_is_found_unless_the_deployment_has_it_itself(kind, name, answers):
    names = (Name(kind, name),)

    (line,) = lines(CHECK_OF[kind], answers, wanted(names=names))
    assert line.startswith(f"{kind.weight.value} {kind.noun} {name}: there is one of this name already")
    assert lines(CHECK_OF[kind], {}, wanted(names=names, owned=owning((kind.resource_type, name)))) == []


@pytest.mark.parametrize(("kind", "name", "answers"), FOUND, ids=[kind.noun for kind, _, _ in FOUND])
def test_a_name_that_is_free_is_fine(kind, name, answers):
    (operation,) = answers
    absent = ABSENT.get(kind, {operation: CODES.get(kind, "ResourceNotFoundException")})

    assert lines(CHECK_OF[kind], absent, wanted(names=(Name(kind, f"{name}-2"),))) == []


ALIAS = {"kms.describe_key": {"KeyMetadata": {"KeyId": KEY_ARN[-36:]}}}


@pytest.mark.parametrize("owned", [owning(), owning(("aws_kms_alias", "alias/lake"))])
def test_a_name_in_the_replicas_region_is_looked_for_there(owned):
    want = wanted(names=(Name(kinds.ALIAS, "alias/lake", region="us-west-2"),), owned=owned)

    (line,) = lines(CHECK_OF[kinds.ALIAS], {}, want, us_west_2=ALIAS)
    assert line.startswith("stops alias of a key alias/lake in us-west-2: there is one of this name already")
    assert line.endswith("or replication.kms_key_arn")
    own = owning(elsewhere=[("aws_kms_alias", "alias/lake", "us-west-2")])
    assert lines(CHECK_OF[kinds.ALIAS], {}, wanted(names=want.names, owned=own)) == []


@pytest.mark.parametrize("kind", [kinds.BUCKET, kinds.ALIAS, kinds.TOPIC], ids=lambda kind: kind.noun)
def test_of_what_a_replica_makes_in_its_region_it_is_said_how_to_name_it(kind):
    assert "replication." in kind.remedy_of_replica
