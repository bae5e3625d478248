"""The kinds of resources that have a name of our choice: who makes them, and how an account is asked for one.

An `absent` code is the one by which the API reference of the operation says that there is no such resource.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from tools.operations.preflight.account import code
from tools.operations.preflight.findings import Weight

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tools.operations.preflight.account import Account
    from tools.operations.preflight.place import Place


@dataclass(frozen=True)
class Kind:
    """A kind of resource.

    `attribute` of the Terraform resource holds the name, `action` is what makes it in IAM's terms, `arn` a template
    with the placeholders partition, region, account and name. `taken` returns those of some names that an account has,
    `weight` what it means for an apply, `remedy` what sets another name, `remedy_of_replica` what does so in the
    replica's Region, and `has_path` whether it has a path of IAM.
    """

    resource_type: str
    attribute: str
    noun: str
    action: str
    arn: str
    taken: Callable[[Account, Place, Sequence[str]], list[str]]
    remedy: str
    weight: Weight = Weight.STOPS
    has_path: bool = False
    remedy_of_replica: str = ""


def _asked(
    service: str, operation: str, parameter: str, absent: str, template: str = "{name}"
) -> Callable[[Account, Place, Sequence[str]], list[str]]:
    """Returns a look-up by one operation, whose `parameter` is the name as `template` has it."""

    def taken(account: Account, place: Place, names: Sequence[str]) -> list[str]:
        return [
            name
            for name in names
            if account.find(service, operation, (absent,), **{parameter: place.arn(template, name)}) is not None
        ]

    return taken


def _roles(account: Account, _place: Place, names: Sequence[str]) -> list[str]:
    # IAM User Guide, "IAM and AWS STS quotas": names of roles are not distinguished by case. GetRole does not say
    # whether it asks for the exact spelling.
    known = {role["RoleName"].lower() for role in account.pages("iam", "list_roles", "Roles")}
    return [name for name in names if name.lower() in known]


def _log_groups(account: Account, _place: Place, names: Sequence[str]) -> list[str]:
    # There is no look-up of one name, and one that others start with is among them.
    return [
        name
        for name in names
        for group in account.pages("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=name)
        if group["logGroupName"] == name
    ]


def _buckets(account: Account, _place: Place, names: Sequence[str]) -> list[str]:
    return [name for name in names if _has_bucket(account, name)]


def _has_bucket(account: Account, name: str) -> bool:
    # S3 API Reference, "HeadBucket": 404 where no account has it, 403 and 301 for one that is not open to the caller.
    try:
        return account.find("s3", "head_bucket", ("404",), Bucket=name) is not None
    except ClientError as error:
        if code(error) in ("301", "403"):
            return True
        raise


_SFN_ARN: Final = "arn:{partition}:states:{region}:{account}:stateMachine:{name}"
_TOPIC_ARN: Final = "arn:{partition}:sns:{region}:{account}:{name}"
_OTHER_NAME: Final = "set another --var name=NAME, or delete it"
_ADOPT: Final = "or, where a deploy was interrupted, take it over with terraform import"

ROLE: Final = Kind(
    "aws_iam_role",
    "name",
    "role",
    "iam:CreateRole",
    "arn:{partition}:iam::{account}:role/{name}",
    _roles,
    f"{_OTHER_NAME}, {_ADOPT}",
    has_path=True,
)
FUNCTION: Final = Kind(
    "aws_lambda_function",
    "function_name",
    "function",
    "lambda:CreateFunction",
    "arn:{partition}:lambda:{region}:{account}:function:{name}",
    _asked("lambda", "get_function_configuration", "FunctionName", "ResourceNotFoundException"),
    f"{_OTHER_NAME}, {_ADOPT}",
)
TABLE: Final = Kind(
    "aws_dynamodb_table",
    "name",
    "table",
    "dynamodb:CreateTable",
    "arn:{partition}:dynamodb:{region}:{account}:table/{name}",
    _asked("dynamodb", "describe_table", "TableName", "ResourceNotFoundException"),
    "stream it as it is with existing = true, or choose another name",
)
STREAM: Final = Kind(
    "aws_kinesis_stream",
    "name",
    "data stream",
    "kinesis:CreateStream",
    "arn:{partition}:kinesis:{region}:{account}:stream/{name}",
    _asked("kinesis", "describe_stream_summary", "StreamName", "ResourceNotFoundException"),
    f"set the table's stream.name, {_ADOPT}",
)
DELIVERY_STREAM: Final = Kind(
    "aws_kinesis_firehose_delivery_stream",
    "name",
    "delivery stream",
    "firehose:CreateDeliveryStream",
    "arn:{partition}:firehose:{region}:{account}:deliverystream/{name}",
    _asked("firehose", "describe_delivery_stream", "DeliveryStreamName", "ResourceNotFoundException"),
    f"set the table's delivery.name, {_ADOPT}",
)
LOG_GROUP: Final = Kind(
    "aws_cloudwatch_log_group",
    "name",
    "log group",
    "logs:CreateLogGroup",
    "arn:{partition}:logs:{region}:{account}:log-group:{name}",
    _log_groups,
    "delete it if nothing needs its events (one stays where a function ran after its log group was gone), "
    "or set another --var name=NAME",
)
BUCKET: Final = Kind(
    "aws_s3_bucket",
    "bucket",
    "bucket",
    "s3:CreateBucket",
    "arn:{partition}:s3:::{name}",
    _buckets,
    "set another --var bucket_name=NAME: names of buckets are unique over all accounts",
    remedy_of_replica="set replication.bucket_name: names of buckets are unique over all accounts",
)
ALIAS: Final = Kind(
    "aws_kms_alias",
    "name",
    "alias of a key",
    "kms:CreateAlias",
    "arn:{partition}:kms:{region}:{account}:{name}",
    _asked("kms", "describe_key", "KeyId", "NotFoundException"),
    f"set another --var kms_key_alias=ALIAS, {_ADOPT}",
    remedy_of_replica="set another --var kms_key_alias=ALIAS for both, or replication.kms_key_arn",
)
DATABASE: Final = Kind(
    "aws_glue_catalog_database",
    "name",
    "Glue database",
    "glue:CreateDatabase",
    "arn:{partition}:glue:{region}:{account}:database/{name}",
    _asked("glue", "get_database", "Name", "EntityNotFoundException"),
    f"{_OTHER_NAME}, {_ADOPT}",
)
WORKGROUP: Final = Kind(
    "aws_athena_workgroup",
    "name",
    "Athena workgroup",
    "athena:CreateWorkGroup",
    "arn:{partition}:athena:{region}:{account}:workgroup/{name}",
    # Athena API Reference, "GetWorkGroup": the one error of a request with a valid name.
    _asked("athena", "get_work_group", "WorkGroup", "InvalidRequestException"),
    f"{_OTHER_NAME}, {_ADOPT}",
)
JOB: Final = Kind(
    "aws_glue_job",
    "name",
    "Glue job",
    "glue:CreateJob",
    "arn:{partition}:glue:{region}:{account}:job/{name}",
    _asked("glue", "get_job", "JobName", "EntityNotFoundException"),
    f"{_OTHER_NAME}, {_ADOPT}",
)
STATE_MACHINE: Final = Kind(
    "aws_sfn_state_machine",
    "name",
    "state machine",
    "states:CreateStateMachine",
    _SFN_ARN,
    _asked("stepfunctions", "describe_state_machine", "stateMachineArn", "StateMachineDoesNotExist", _SFN_ARN),
    f"{_OTHER_NAME}, {_ADOPT}",
)
# The calls that make these three take what exists for their own, and change it.
TOPIC: Final = Kind(
    "aws_sns_topic",
    "name",
    "topic",
    "sns:CreateTopic",
    _TOPIC_ARN,
    _asked("sns", "get_topic_attributes", "TopicArn", "NotFound", _TOPIC_ARN),
    "an apply takes it over and sets its policy; set another --var name=NAME, or monitoring.topic_arn",
    Weight.HURTS,
    remedy_of_replica="an apply takes it over and sets its policy; set replication.topic_arn, or another name",
)
DASHBOARD: Final = Kind(
    "aws_cloudwatch_dashboard",
    "dashboard_name",
    "dashboard",
    "cloudwatch:PutDashboard",
    "arn:{partition}:cloudwatch::{account}:dashboard/{name}",
    _asked("cloudwatch", "get_dashboard", "DashboardName", "ResourceNotFound"),
    "an apply writes over it; set another --var name=NAME, or monitoring.dashboard = false",
    Weight.HURTS,
)

KINDS: Final = (
    ROLE,
    FUNCTION,
    TABLE,
    STREAM,
    DELIVERY_STREAM,
    LOG_GROUP,
    BUCKET,
    ALIAS,
    DATABASE,
    WORKGROUP,
    JOB,
    STATE_MACHINE,
    TOPIC,
    DASHBOARD,
)
