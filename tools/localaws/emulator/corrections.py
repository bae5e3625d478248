"""Corrections of the emulator: where it differs from AWS, or from what one machine needs.

Each correction is a function, listed in `CORRECTIONS` or in `registry`, that replaces a function of the emulator before
it serves. They fit the release in `requirements/localaws.txt`: in a release without the function to replace, starting
fails and names it.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable


def replace(module: str, name: str, replacement: Callable[..., Any]) -> Any:  # noqa: ANN401  # the emulator is untyped
    """Replaces `ministack.<module>.<name>` and returns the original.

    Raises:
        SystemExit: there is nothing of that name.
    """
    owner = importlib.import_module(f"ministack.{module}")
    original = getattr(owner, name, None)
    if original is None:
        raise SystemExit(f"the emulator's {module} has no {name}: this release does not fit tools/localaws/emulator")
    setattr(owner, name, replacement)
    return original


def listen_on_the_chosen_port_only() -> None:
    """Listens on the chosen port only; the emulator also listens on 443 where it is allowed to."""
    replace("app", "_port_is_bindable", lambda _host, _port: False)


def disable_delivery_from_kinesis() -> None:
    """Stops the emulator's own Firehose from reading Kinesis: it does not deliver as AWS documents, our worker does.

    With both, a record that is put to the stream directly (not by DynamoDB) would be delivered twice.
    """
    replace("services.firehose", "ingest_from_kinesis_source", lambda _stream_arn, _records: None)


def let_account_root_assume_roles() -> None:
    """Lets an account's root assume any role of the account, whatever the role's trust policy says.

    On AWS, Firehose assumes the roles of a delivery stream. Here the delivery worker does, as the account's root; it
    checks the trust policy for `firehose.amazonaws.com` itself.
    """
    original: Callable[..., bool]

    def evaluate_trust_policy(document: object, caller_arn: str, context: Any = None) -> bool:  # noqa: ANN401
        role_account = context.resource_arn.split(":")[4] if context and context.resource_arn.startswith("arn:") else ""
        return caller_arn == f"arn:aws:iam::{role_account}:root" or original(document, caller_arn, context)

    original = replace("core.iam_evaluator", "evaluate_trust_policy", evaluate_trust_policy)


def authorize_log_stream_actions_on_the_stream() -> None:
    """Authorizes actions on a log stream against the log stream's ARN; the emulator uses its log group's ARN.

    Source: AWS Service Authorization Reference, "Actions, resources, and condition keys for Amazon CloudWatch Logs".
    """
    original: Callable[..., str]

    def extract_resource_arn(service: str, *request: Any) -> str:  # noqa: ANN401
        arn = original(service, *request)
        headers, body = request[2], request[3]
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        if service != "logs" or action not in _LOG_STREAM_ACTIONS or ":log-group:" not in arn:
            return arn
        return f"{arn}:log-stream:{json.loads(body or b'{}').get('logStreamName', '')}"

    original = replace("core.iam_actions", "extract_resource_arn", extract_resource_arn)


def add_encryption_condition_keys() -> None:
    """Gives policies the condition keys for the KMS key of a write; the emulator gives them only the algorithm.

    Source: AWS Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3".
    """
    original: Callable[..., dict[str, Any]]

    def object_context(action: str, query: dict[str, Any], path: str, headers: dict[str, str]) -> dict[str, Any]:
        context = original(action, query, path, headers)
        if action == "s3:PutObject":
            context |= {f"s3:{name}": headers[name] for name in _ENCRYPTION_HEADERS if headers.get(name)}
        return context

    original = replace("core.iam_actions", "_s3_object_context", object_context)


_ENCRYPTION_HEADERS: Final = (
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm",
)


def use_role_arn_as_principal_arn() -> None:
    """Gives policies the role's ARN as `aws:PrincipalArn` of a session; the emulator gives them the session's ARN.

    Source: AWS IAM User Guide, "AWS global condition context keys".
    """
    original: Callable[..., Any]

    def resolve_condition_key(key: str, context: Any) -> Any:  # noqa: ANN401
        value = original(key, context)
        if key.lower() != "aws:principalarn" or ":assumed-role/" not in str(value):
            return value
        account, name = value.split(":")[4], value.split("/")[1]
        role = importlib.import_module("ministack.services.iam")._roles.get_scoped(account, None, name) or {}
        return role.get("Arn", value)

    original = replace("core.iam_evaluator", "_resolve_condition_key", resolve_condition_key)


def evaluate_bucket_policies_for_the_actual_caller() -> None:
    """Evaluates a bucket's policy for the actual caller of another account; the emulator assumes that account's root.

    With this, a role that the policy names is allowed, and no other principal of its account.
    """
    caller: ContextVar[str] = ContextVar("caller", default="")
    original_request: Callable[..., bool]
    original_policy: Callable[..., Any]

    def foreign_bucket_allows(*request: Any) -> bool:  # noqa: ANN401
        # The caller that the emulator has recorded for this request: empty for an anonymous caller, and of another
        # account where one of the emulator's services makes the call. Neither is the caller to evaluate.
        recorded: str = importlib.import_module("ministack.core.iam_evaluator").caller_arn()
        account = request[5]
        token = caller.set(recorded if account and recorded.split(":")[4] == account else "")
        try:
            return original_request(*request)
        finally:
            caller.reset(token)

    def evaluate_resource_policy(document: object, context: Any, *more: Any, **options: Any) -> Any:  # noqa: ANN401
        if caller.get() and context.principal_type == "Root":
            kind = "AssumedRole" if ":assumed-role/" in caller.get() else "User" if ":user/" in caller.get() else "Root"
            context = dataclasses.replace(context, principal_arn=caller.get(), principal_type=kind)
        return original_policy(document, context, *more, **options)

    original_request = replace("services.s3", "_foreign_bucket_allows", foreign_bucket_allows)
    original_policy = replace("core.iam_evaluator", "evaluate_resource_policy", evaluate_resource_policy)


def expire_iterators_every_ten_seconds() -> None:
    """Removes expired shard iterators every ten seconds; the emulator looks through all of them at each request."""
    expired_at = 0.0

    def expire() -> None:
        nonlocal expired_at
        if time.monotonic() - expired_at > 10:
            expired_at = time.monotonic()
            original()

    original = replace("services.kinesis", "_expire_iterators", expire)


def authorize_glue_on_tables_and_databases() -> None:
    """Authorizes actions of Glue on the table or the database that they name; the emulator mistakes one for the other.

    AWS wants the permission on the catalog, the database and the table. What is named most closely is checked here.
    Source: AWS Glue Developer Guide, "Specifying AWS Glue resource ARNs".
    """

    def arn(action: str, request: dict[str, Any], region: str, account: str) -> str:
        prefix, database = f"arn:aws:glue:{region}:{account}", request.get("DatabaseName")
        if action.endswith("Database"):
            name = request.get("Name") or request.get("DatabaseInput", {}).get("Name")
            return f"{prefix}:database/{name}" if name else ""
        name = request.get("TableName") or request.get("Name") or request.get("TableInput", {}).get("Name")
        if not database or not name or action == "GetTables":
            return ""
        return f"{prefix}:table/{database}/{name}"

    _name_resources("glue", arn)


def authorize_athena_on_the_workgroup_of_a_query() -> None:
    """Authorizes actions on a query on its workgroup; the emulator does not know which that is.

    Source: AWS Service Authorization Reference, "Actions, resources, and condition keys for Amazon Athena".
    """

    def arn(action: str, request: dict[str, Any], region: str, account: str) -> str:
        if "DataCatalog" in action or action.startswith(("ListDatabases", "ListTable", "GetTable", "GetDatabase")):
            return ""
        athena = importlib.import_module("ministack.services.athena")
        query = (request.get("QueryExecutionIds") or [request.get("QueryExecutionId")])[0]
        named = (request.get("NamedQueryIds") or [request.get("NamedQueryId")])[0]
        found = athena._executions.get(query) or athena._named_queries.get(named) or request
        name = found.get("WorkGroup") or (request.get("Name") if action.endswith("WorkGroup") else None) or "primary"
        return f"arn:aws:athena:{region}:{account}:workgroup/{name}"

    _name_resources("athena", arn)


def _name_resources(service: str, name: Callable[[str, dict[str, Any], str, str], str]) -> None:
    """Lets `name` tell the ARN on which an action is authorized, "" for what the emulator says."""
    original: Callable[..., str]

    def extract_resource_arn(of: str, *request: Any) -> str:  # noqa: ANN401
        found = original(of, *request)
        if of != service:
            return found
        headers, body, _, region, account = request[2:7]
        try:
            asked = json.loads(body or b"{}")
        except ValueError:
            return found
        return name(headers.get("x-amz-target", "").rpartition(".")[2], asked, region, account) or found

    original = replace("core.iam_actions", "extract_resource_arn", extract_resource_arn)


def authorize_iam_on_whole_arns() -> None:
    """Authorizes actions on a role on its ARN with its path, and a simulation on whose policies are simulated.

    The emulator leaves the path out, and authorizes simulations on everything. Source: AWS Service Authorization
    Reference, "Actions, resources, and condition keys for AWS Identity and Access Management (IAM)".
    """
    original: Callable[..., str]

    def extract_resource_arn(service: str, *request: Any) -> str:  # noqa: ANN401
        arn = original(service, *request)
        if service != "iam":
            return arn
        iam, actions = (importlib.import_module(f"ministack.{name}") for name in ("services.iam", "core.iam_actions"))
        query, account = request[4], request[6]
        prefix, _, name = arn.partition(":role/")
        if not name:
            return actions._query_param(query, "PolicySourceArn") or arn
        # A role that is made says where in its request.
        path = actions._query_param(query, "Path") or (iam._roles.get_scoped(account, None, name) or {}).get("Path")
        return f"{prefix}:role{path or '/'}{name}"

    original = replace("core.iam_actions", "extract_resource_arn", extract_resource_arn)


def authorize_exports_on_what_they_name() -> None:
    """Authorizes an export on the table that is exported, and a look at it on the export.

    The emulator authorizes both on everything. Source: AWS Service Authorization Reference, "Actions, resources, and
    condition keys for Amazon DynamoDB".
    """
    original: Callable[[bytes, str, str], list[str]]

    def dynamodb_resource_arns(body: bytes, region: str, account_id: str) -> list[str]:
        found = original(body, region, account_id)
        try:
            request = json.loads(body or b"{}") if not found else {}
        except ValueError:
            return found
        if not isinstance(request, dict):
            return found
        # ListExports names a table too, and is authorized on everything.
        named = request.get("ExportArn") or (request.get("TableArn") if "S3Bucket" in request else None)
        return [named] if isinstance(named, str) else found

    original = replace("core.iam_actions", "dynamodb_resource_arns", dynamodb_resource_arns)


def answer_queries_as_athena_does() -> None:
    """Makes Athena answer as AWS documents: see the package `athena`."""
    importlib.import_module("tools.localaws.emulator.athena.service").install(replace)


_LOG_STREAM_ACTIONS: Final = frozenset({"PutLogEvents", "CreateLogStream", "DeleteLogStream", "GetLogEvents"})


CORRECTIONS: Final[tuple[Callable[[], None], ...]] = (
    listen_on_the_chosen_port_only,
    disable_delivery_from_kinesis,
    let_account_root_assume_roles,
    authorize_log_stream_actions_on_the_stream,
    expire_iterators_every_ten_seconds,
    add_encryption_condition_keys,
    use_role_arn_as_principal_arn,
    evaluate_bucket_policies_for_the_actual_caller,
    authorize_glue_on_tables_and_databases,
    authorize_athena_on_the_workgroup_of_a_query,
    authorize_iam_on_whole_arns,
    authorize_exports_on_what_they_name,
    answer_queries_as_athena_does,
)
