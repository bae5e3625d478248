"""What each role of a deployed environment may do, found by trying every action on every kind of resource."""

from __future__ import annotations

import functools
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import botocore.session

from tools.iam import documents
from tools.iam.evaluator import Request, identity_allows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.deployments.outputs import Outputs
    from tools.iam.documents import Statement

Allowed = set[tuple[str, str]]
"""Pairs of action and kind of resource."""

SERVICES: Final = ("dynamodb", "ec2", "firehose", "iam", "kinesis", "kms", "lambda", "logs", "s3", "sns", "sqs", "sts")
NOT_NAMED_LIKE_OPERATIONS: Final = (
    "lambda:InvokeFunction",
    "s3:ListBucket",
    "s3:ListBucketMultipartUploads",
    "s3:ListBucketVersions",
    "s3:ListAllMyBuckets",
    "s3:GetObjectVersion",
    "s3:DeleteObjectVersion",
    "s3:PutLifecycleConfiguration",
    "s3:PutEncryptionConfiguration",
    "s3:BypassGovernanceRetention",
    "s3:ObjectOwnerOverrideToBucketOwner",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "iam:PassRole",
)


@functools.cache
def actions() -> tuple[str, ...]:
    """Returns every operation of the services at hand as an action, and the actions that no operation is named like."""
    session = botocore.session.get_session()
    operations = [
        f"{service}:{operation}"
        for service in SERVICES
        for operation in session.get_service_model(service).operation_names
    ]
    return (*operations, *NOT_NAMED_LIKE_OPERATIONS)


def resources(outputs: Outputs, table: str, vpc: Mapping[str, str]) -> dict[str, str]:
    """Returns kind -> ARN, of what is deployed and of what is somebody else's."""
    region, account = outputs.region, outputs.account_id
    logs, ec2 = f"arn:aws:logs:{region}:{account}:log-group", f"arn:aws:ec2:{region}:{account}"
    function = f"arn:aws:lambda:{region}:{account}:function:{outputs.function_name}"
    bucket, of_table = f"arn:aws:s3:::{outputs.bucket_name}", outputs.tables[table]
    flow = f"{logs}:/aws/vpc-flow-logs/{outputs.function_name.removesuffix('-transform')}"
    return {
        "table": of_table.table_arn,
        "stream": of_table.stream_arn,
        "another stream": f"arn:aws:kinesis:{region}:{account}:stream/another",
        "function": function,
        "function's alias": f"{function}:live",
        "another function": f"arn:aws:lambda:{region}:{account}:function:another",
        "delivery stream": f"arn:aws:firehose:{region}:{account}:deliverystream/{of_table.delivery_stream_name}",
        "bucket": bucket,
        "data": f"{bucket}/{of_table.data_prefix}x",
        "errors": f"{bucket}/{of_table.error_prefix}x",
        "another table's data": f"{bucket}/data/another/x",
        "another bucket": "arn:aws:s3:::another",
        "another bucket's data": f"arn:aws:s3:::another/{of_table.data_prefix}x",
        "own key": outputs.kms_key_arn,
        "lake's key": outputs.cross_account_kms_key_arn or outputs.kms_key_arn,
        "another key": f"arn:aws:kms:{region}:{account}:key/another",
        "delivery's log": f"{logs}:{of_table.log_group_name}:log-stream:x",
        "function's log": f"{logs}:/aws/lambda/{outputs.function_name}:log-stream:x",
        "flow log": f"{flow}:log-stream:x",
        "flow log's group": flow,
        "another log": f"{logs}:another:log-stream:x",
        "interface": f"{ec2}:network-interface/eni-1",
        "subnet": f"{ec2}:subnet/{vpc['subnet']}",
        "another subnet": f"{ec2}:subnet/subnet-another",
        "security group": f"{ec2}:security-group/{vpc['security group']}",
        "another security group": f"{ec2}:security-group/sg-another",
        "role": of_table.delivery_role_arn,
        "queue": f"arn:aws:sqs:{region}:{account}:another",
    }


def contexts(outputs: Outputs, table: str) -> dict[str, dict[str, str]]:
    """Returns circumstances -> condition keys, as the services set them."""

    def through(service: str, name: str, arn: str | None) -> dict[str, str]:
        via = f"{service}.{outputs.region}.amazonaws.com"
        return {"kms:ViaService": via, f"kms:EncryptionContext:{name}": arn or ""}

    function = f"arn:aws:lambda:{outputs.region}:{outputs.account_id}:function:{outputs.function_name}"
    stream = outputs.tables[table].stream_arn
    name = outputs.function_name
    schedule = f"arn:aws:scheduler:{outputs.region}:{outputs.account_id}:schedule/{name}/{name}"
    return {
        "by itself": {},
        "through S3 for the lake": through("s3", "aws:s3:arn", f"arn:aws:s3:::{outputs.bucket_name}"),
        "through S3 for another bucket": through("s3", "aws:s3:arn", "arn:aws:s3:::another"),
        "through Kinesis for the stream": through("kinesis", "aws:kinesis:arn", stream),
        "through Kinesis for another stream": through("kinesis", "aws:kinesis:arn", f"{stream}-another"),
        "from the function's code": {"lambda:SourceFunctionArn": function},
        "for the schedule": {"kms:EncryptionContext:aws:scheduler:schedule:arn": schedule},
    }


def role_policies(iam: Any, role: str) -> list[Statement]:
    """Returns the statements of a role's policies, which must all be its own."""
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    found = [iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names]
    return [statement for document in found for statement in documents.read(document)]


def allowed(statements: list[Statement], kinds: Mapping[str, str], context: Mapping[str, str] | None = None) -> Allowed:
    """Returns what statements allow, of every action on every kind of resource."""
    # What no statement allows anywhere, in any circumstance, need not be tried on each resource.
    everywhere = {"resources": ("*",), "not_resources": None, "conditions": {}}
    anywhere = [replace(each, **everywhere) for each in statements if each.is_allow]
    named = [action for action in actions() if identity_allows(anywhere, Request(action, "*"))]
    return {
        (action, kind)
        for kind, arn in kinds.items()
        for action in named
        if identity_allows(statements, Request(action, arn, context or {}))
    }


def allowed_by_the_emulator(iam: Any, role_arn: str, kinds: Mapping[str, str]) -> Allowed:
    """Returns what the emulator says that a role may do by itself, of the same actions on the same resources."""
    resources_asked = sorted(set(kinds.values()))
    answer = iam.simulate_principal_policy(
        PolicySourceArn=role_arn, ActionNames=list(actions()), ResourceArns=resources_asked
    )
    found: Allowed = set()
    for result in answer["EvaluationResults"]:
        of = {each["EvalResourceName"]: each["EvalResourceDecision"] for each in result["ResourceSpecificResults"]}
        assert sorted(of) == resources_asked
        found |= {(result["EvalActionName"], kind) for kind, arn in kinds.items() if of[arn] == "allowed"}
    assert len(answer["EvaluationResults"]) == len(actions())
    return found


def on(kinds: tuple[str, ...] | str, *names: str) -> Allowed:
    """Returns each action on each kind."""
    return {(name, kind) for kind in ((kinds,) if isinstance(kinds, str) else kinds) for name in names}


def delivery(*, into_another_account: bool) -> dict[str, Allowed]:
    """Returns what a delivery role may do in each circumstance: exactly this."""
    writes = ("s3:AbortMultipartUpload", "s3:PutObject", *(("s3:PutObjectAcl",) if into_another_account else ()))
    always = (
        on("stream", "kinesis:DescribeStream", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards")
        | on("function's alias", "lambda:GetFunctionConfiguration", "lambda:InvokeFunction")
        | on(("data", "errors"), *writes)
        | on("bucket", "s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads")
        | on("delivery's log", "logs:PutLogEvents")
    )
    lake_keys = ("lake's key",) if into_another_account else ("lake's key", "own key")
    own_keys = ("own key",) if into_another_account else ("lake's key", "own key")
    return {
        "by itself": always,
        "through S3 for the lake": always | on(lake_keys, "kms:Decrypt", "kms:GenerateDataKey"),
        "through S3 for another bucket": always,
        "through Kinesis for the stream": always | on(own_keys, "kms:Decrypt"),
        "through Kinesis for another stream": always,
        "from the function's code": always,
        "for the schedule": always,
    }


def function(every_kind: tuple[str, ...]) -> dict[str, Allowed]:
    """Returns what the function's role may do in each circumstance: exactly this."""
    logs = on("function's log", "logs:CreateLogStream", "logs:PutLogEvents")
    network = ("interface", "subnet", "another subnet", "security group", "another security group")
    service = (
        on(("interface", "subnet", "security group"), "ec2:CreateNetworkInterface")
        | on(network, "ec2:AssignPrivateIpAddresses", "ec2:DeleteNetworkInterface", "ec2:UnassignPrivateIpAddresses")
        | on(every_kind, "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets")
    )
    elsewhere = dict.fromkeys(
        (
            "by itself",
            "through S3 for the lake",
            "through S3 for another bucket",
            "through Kinesis for the stream",
            "through Kinesis for another stream",
            "for the schedule",
        ),
        logs | service,
    )
    return {**elsewhere, "from the function's code": logs}


def flow_log(circumstances: Mapping[str, Any]) -> dict[str, Allowed]:
    """Returns what the flow log's role may do in each circumstance: exactly this."""
    log_groups = ("delivery's log", "function's log", "flow log", "flow log's group", "another log")
    always = on(
        ("flow log", "flow log's group"), "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"
    ) | on(log_groups, "logs:DescribeLogGroups")
    return dict.fromkeys(circumstances, always)


def schedule(circumstances: Mapping[str, Any], *, into_another_account: bool) -> dict[str, Allowed]:
    """Returns what the role of the schedule that calls the function may do in each circumstance: exactly this."""
    own_keys = ("own key",) if into_another_account else ("lake's key", "own key")
    always = on("function's alias", "lambda:InvokeFunction")
    return {**dict.fromkeys(circumstances, always), "for the schedule": always | on(own_keys, "kms:Decrypt")}


def check(client: Any, outputs: Outputs, table: str) -> None:
    """Asserts that each role of the environment may do exactly this; `client` makes boto3 clients by name."""
    iam = client("iam")
    configuration = client("lambda").get_function(FunctionName=outputs.function_name)["Configuration"]
    inside = configuration["VpcConfig"]
    vpc = {"subnet": inside["SubnetIds"][0], "security group": inside["SecurityGroupIds"][0]}
    kinds, circumstances = resources(outputs, table, vpc), contexts(outputs, table)
    # The emulator does not tell a flow log's role.
    network = outputs.function_name.removesuffix("-transform")
    flow = f"arn:aws:iam::{outputs.account_id}:role/{network}-flow-log-{outputs.region}"
    keeper = f"arn:aws:iam::{outputs.account_id}:role/{outputs.function_name}-schedule-{outputs.region}"
    crosses = outputs.cross_account_kms_key_arn is not None
    expected = {
        outputs.tables[table].delivery_role_arn: delivery(into_another_account=crosses),
        configuration["Role"]: function(tuple(kinds)),
        flow: flow_log(circumstances),
        keeper: schedule(circumstances, into_another_account=crosses),
    }
    others = {described.delivery_role_arn for described in outputs.tables.values()}
    # What the roles of a current state may do, tests/plan/test_policies.py says: local AWS runs no state machine.
    state = re.compile(rf":role/{network}-.+-state(-schedule)?-{outputs.region}$")
    roles = {role["Arn"] for role in iam.list_roles()["Roles"]}
    assert {arn for arn in roles if not state.search(arn)} == set(expected) | others
    for arn, by_circumstance in expected.items():
        statements = role_policies(iam, arn.rpartition("/")[2])
        found = {name: allowed(statements, kinds, context) for name, context in circumstances.items()}
        assert _differences(found, by_circumstance) == {}, arn
        by_itself = {"by itself": allowed_by_the_emulator(iam, arn, kinds)}
        assert _differences(by_itself, {"by itself": by_circumstance["by itself"]}) == {}, arn


def _differences(found: Mapping[str, Allowed], expected: Mapping[str, Allowed]) -> dict[str, dict[str, list[Any]]]:
    return {
        name: {"too much": sorted(found[name] - wanted), "missing": sorted(wanted - found[name])}
        for name, wanted in expected.items()
        if found[name] != wanted
    }
