"""Makes S3 use KMS keys as on AWS: with the permission of who asks for an object, and only a key that is enabled.

The emulator stores the name of a key with an object and asks nobody. AWS documentation: "Using server-side encryption
with AWS KMS keys (SSE-KMS)", "Reducing the cost of SSE-KMS with Amazon S3 Bucket Keys", and "GetObject", "HeadObject"
and "CompleteMultipartUpload" in the API Reference.
"""

from __future__ import annotations

import importlib
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tools.localaws.emulator import principals
from tools.localaws.emulator.corrections import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tools.localaws.emulator.principals import Principal

KEY_HEADER: Final = "x-amz-server-side-encryption-aws-kms-key-id"
"""Header, of a request and of a stored object, with the key under which an object is encrypted."""

_BUCKET_KEY_HEADER: Final = "x-amz-server-side-encryption-bucket-key-enabled"
_STATES: Final = {
    "Disabled": ("KMS.DisabledException", "is disabled."),
    "PendingDeletion": ("KMS.KMSInvalidStateException", "is pending deletion."),
    "PendingImport": ("KMS.KMSInvalidStateException", "is pending import."),
}


@dataclass(frozen=True)
class Asked:
    """A request for an object: who asks (None: nobody who is signed), in which bucket, for which key."""

    principal: Principal | None
    bucket: str
    key: str
    headers: Mapping[str, str]
    is_head: bool


_asked: ContextVar[Asked | None] = ContextVar("asked", default=None)


def check_keys_of_objects() -> None:
    """Refuses an object's write or read to whom its key's policy, their own or the key's state does not let use it."""
    dispatch: Callable[..., Any]

    def _dispatch(method: str, bucket: str, key: str, *request: Any) -> Any:  # noqa: ANN401
        headers, _, query = request
        principal = principals.caller(headers, query)
        evaluator = importlib.import_module("ministack.core.iam_evaluator")
        if not key or (principal is None and not evaluator._anonymous.get()):
            return dispatch(method, bucket, key, *request)
        token = _asked.set(Asked(principal, bucket, key, headers, method == "HEAD"))
        try:
            upload = _service()._multipart_uploads.get(_service()._qp(query, "uploadId"))
            refused = upload and method in ("PUT", "POST") and _refusal("Decrypt", upload["preserved_headers"])
            return refused or dispatch(method, bucket, key, *request)
        finally:
            _asked.reset(token)

    def sse_of_write(headers: dict[str, str], bucket: str) -> tuple[Any, Any]:
        stored, error = write(headers, bucket)
        error = error or _refusal("GenerateDataKey", stored or {})
        return (None, error) if error else (stored, None)

    def check_read(headers: dict[str, str], found: dict[str, Any]) -> Any:  # noqa: ANN401
        asked = _asked.get()
        if asked and asked.is_head and headers.get("x-amz-checksum-mode", "").upper() != "ENABLED":
            return read(headers, found)
        return read(headers, found) or _refusal("Decrypt", found.get("preserved_headers", {}))

    def check_source(headers: dict[str, str], found: dict[str, Any]) -> Any:  # noqa: ANN401
        source = headers.get("x-amz-copy-source", "").partition("?")[0].lstrip("/")
        return copied(headers, found) or _refusal("Decrypt", found.get("preserved_headers", {}), source)

    dispatch = replace("services.s3", "_dispatch", _dispatch)
    write = replace("services.s3", "_resolve_sse_write_headers", sse_of_write)
    read = replace("services.s3", "_check_sse_read_headers", check_read)
    copied = replace("services.s3", "_check_sse_c_copy_source", check_source)


def denial(principal: Principal, action: str, key: str, via: str, context: Mapping[str, str]) -> tuple[str, str] | None:
    """Returns the code and message with which the use of a key through a service is refused, None where it is not.

    `action` is without `kms:`, `via` the service (s3), `context` the encryption context.
    """
    found = find(key)
    if found is None:
        return "KMS.NotFoundException", f"Invalid keyId '{key}'"
    arn, policy, state = found
    account, region = arn.split(":")[4], arn.split(":")[3]
    keys = {
        "kms:ViaService": f"{via}.{region}.amazonaws.com",
        "kms:CallerAccount": principal.account,
        **{f"kms:EncryptionContext:{name}": value for name, value in context.items()},
    }
    if principals.decision(principal, f"kms:{action}", arn, keys, (policy, account), is_key=True) != "Allow":
        what = f"User: {principal.arn} is not authorized to perform: kms:{action} on resource: {arn}"
        return "AccessDenied", f"{what} because its own policies and the key's do not both allow it"
    code, reason = _STATES.get(state, ("", ""))
    return (code, f"{arn} {reason}") if code else None


def lets_service_in(service: str, action: str, key: str, context: Mapping[str, str]) -> bool:
    """Returns whether a key is enabled and its policy lets a service use it; `action` is without `kms:`.

    `context` holds the condition keys of the request.
    """
    found = find(key)
    if found is None:
        return False
    arn, policy, state = found
    return state == "Enabled" and principals.service_decision(service, f"kms:{action}", arn, context, policy) == "Allow"


def find(key: str) -> tuple[str, str, str] | None:
    """Returns a key's ARN, policy and state, None where there is no such key; `key` is an ARN, an id or an alias."""
    kms, responses = (importlib.import_module(f"ministack.{name}") for name in ("services.kms", "core.responses"))
    parts = key.split(":")
    account, region = (parts[4], parts[3]) if len(parts) > 5 else (responses.get_account_id(), responses.get_region())
    with responses.request_scope(account, region):
        found = kms._resolve_key(key)
    return (found["Arn"], found.get("Policy") or "", found["KeyState"]) if found else None


def encryption_context(bucket: str, key: str, headers: Mapping[str, str]) -> dict[str, str]:
    """Returns the encryption context of an object: its ARN, or the bucket's where a Bucket Key is used."""
    chosen = headers.get(_BUCKET_KEY_HEADER, "").lower()
    default = _service()._bucket_encryption.get(bucket) or b""
    default = default if isinstance(default, bytes) else default.encode()
    uses_bucket_key = chosen == "true" or (not chosen and b"<BucketKeyEnabled>true</BucketKeyEnabled>" in default)
    return {"aws:s3:arn": f"arn:aws:s3:::{bucket}" + ("" if uses_bucket_key else f"/{key}")}


def _refusal(action: str, stored: Mapping[str, str], source: str = "") -> Any:  # noqa: ANN401
    asked, key = _asked.get(), stored.get(KEY_HEADER)
    if asked is None or not key:
        return None
    if asked.principal is None:
        return _service()._error("AccessDenied", "Requests for objects under a KMS key must be signed", 403)
    bucket, _, name = source.partition("/") if source else (asked.bucket, "", asked.key)
    context = encryption_context(bucket, name, asked.headers if not source else {})
    refused = denial(asked.principal, action, key, "s3", context)
    return _service()._error(*refused, 403 if refused[0] == "AccessDenied" else 400) if refused else None


def _service() -> Any:  # noqa: ANN401  # the emulator is untyped
    return importlib.import_module("ministack.services.s3")
