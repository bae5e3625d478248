"""Where the emulator differs from AWS, or from what one machine needs, and a few lines put it right.

Each correction is a function in `CORRECTIONS`, applied before the emulator serves. Each is pinned to the release in
`requirements/localaws.txt`: when the emulator no longer has what a correction replaces, starting fails and says so.
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


def apply_all() -> None:
    """Applies every correction."""
    for correct in CORRECTIONS:
        correct()


def replace(module: str, name: str, replacement: Callable[..., Any]) -> Any:  # noqa: ANN401  # the emulator is untyped
    """Puts `replacement` in the place of `ministack.<module>.<name>` and returns what was there.

    Raises:
        SystemExit: there is nothing of that name to replace.
    """
    owner = importlib.import_module(f"ministack.{module}")
    original = getattr(owner, name, None)
    if original is None:
        raise SystemExit(f"the emulator's {module} has no {name}: this release does not fit tools/localaws/emulator")
    setattr(owner, name, replacement)
    return original


def keep_off_port_443() -> None:
    """Listens on the chosen port only: without this, also on 443 wherever this process may."""
    replace("app", "_port_is_bindable", lambda _host, _port: False)


def leave_delivery_to_the_worker() -> None:
    """Takes a Kinesis source away from the emulator's own Firehose, which does not deliver as AWS documents.

    Otherwise a record that is put to the stream itself (and not by DynamoDB) would be delivered twice.
    """
    replace("services.firehose", "ingest_from_kinesis_source", lambda _stream_arn, _records: None)


def let_root_stand_in_for_services() -> None:
    """Lets an account's root assume the account's own roles, as AWS's services assume them.

    On AWS, Firehose itself assumes the roles of a delivery stream. Here the delivery worker does, as the account's
    root; it checks the trust policy for `firehose.amazonaws.com` by itself.
    """
    original: Callable[..., bool]

    def evaluate_trust_policy(document: object, caller_arn: str, context: Any = None) -> bool:  # noqa: ANN401
        role_account = context.resource_arn.split(":")[4] if context and context.resource_arn.startswith("arn:") else ""
        return caller_arn == f"arn:aws:iam::{role_account}:root" or original(document, caller_arn, context)

    original = replace("core.iam_evaluator", "evaluate_trust_policy", evaluate_trust_policy)


def authorize_log_streams() -> None:
    """Authorizes what is done to a log stream on the log stream; the emulator does on its log group.

    Source: AWS Service Authorization Reference, "Actions, resources, and condition keys for Amazon CloudWatch Logs".
    """
    original: Callable[..., str]

    def extract_resource_arn(service: str, *request: Any) -> str:  # noqa: ANN401
        arn = original(service, *request)
        headers, body = request[2], request[3]
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        if service != "logs" or action not in _ON_LOG_STREAMS or ":log-group:" not in arn:
            return arn
        return f"{arn}:log-stream:{json.loads(body or b'{}').get('logStreamName', '')}"

    original = replace("core.iam_actions", "extract_resource_arn", extract_resource_arn)


def judge_writes_by_their_encryption() -> None:
    """Tells policies which key a write names; the emulator tells them only that it is encrypted.

    Source: AWS Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3".
    """
    original: Callable[..., dict[str, Any]]

    def object_context(action: str, query: dict[str, Any], path: str, headers: dict[str, str]) -> dict[str, Any]:
        context = original(action, query, path, headers)
        if action == "s3:PutObject":
            context |= {f"s3:{name}": headers[name] for name in _KEYS_OF_WRITES if headers.get(name)}
        return context

    original = replace("core.iam_actions", "_s3_object_context", object_context)


_KEYS_OF_WRITES: Final = (
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm",
)


def know_a_role_by_its_own_arn() -> None:
    """Tells policies the role's ARN as `aws:PrincipalArn` of a session; the emulator tells them the session's.

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


def judge_foreign_callers_as_themselves() -> None:
    """Shows a bucket's policy who of another account asks; the emulator takes everybody for that account's root.

    Then a role that the policy names is let in, and no other principal of its account.
    """
    asking: ContextVar[str] = ContextVar("asking", default="")
    original_request: Callable[..., bool]
    original_policy: Callable[..., Any]

    def foreign_bucket_allows(*request: Any) -> bool:  # noqa: ANN401
        # Whom the emulator noted for this request. Another account's than the one that is asked about, or nobody, is
        # nothing to judge by: an anonymous caller, or a call that a service makes by itself.
        noted: str = importlib.import_module("ministack.core.iam_evaluator").caller_arn()
        account = request[5]
        token = asking.set(noted if account and noted.split(":")[4] == account else "")
        try:
            return original_request(*request)
        finally:
            asking.reset(token)

    def evaluate_resource_policy(document: object, context: Any, *more: Any, **options: Any) -> Any:  # noqa: ANN401
        if asking.get() and context.principal_type == "Root":
            kind = "AssumedRole" if ":assumed-role/" in asking.get() else "User" if ":user/" in asking.get() else "Root"
            context = dataclasses.replace(context, principal_arn=asking.get(), principal_type=kind)
        return original_policy(document, context, *more, **options)

    original_request = replace("services.s3", "_foreign_bucket_allows", foreign_bucket_allows)
    original_policy = replace("core.iam_evaluator", "evaluate_resource_policy", evaluate_resource_policy)


def expire_iterators_now_and_then() -> None:
    """Looks for expired shard iterators every ten seconds; the emulator looks through all of them at every request."""
    looked = 0.0

    def expire() -> None:
        nonlocal looked
        if time.monotonic() - looked > 10:
            looked = time.monotonic()
            original()

    original = replace("services.kinesis", "_expire_iterators", expire)


_ON_LOG_STREAMS: Final = frozenset({"PutLogEvents", "CreateLogStream", "DeleteLogStream", "GetLogEvents"})


CORRECTIONS: Final[tuple[Callable[[], None], ...]] = (
    keep_off_port_443,
    leave_delivery_to_the_worker,
    let_root_stand_in_for_services,
    authorize_log_streams,
    expire_iterators_now_and_then,
    judge_writes_by_their_encryption,
    know_a_role_by_its_own_arn,
    judge_foreign_callers_as_themselves,
)
