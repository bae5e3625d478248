"""Lets only those into local AWS who hold its home's secret, or keys that the emulator gave to one of them.

The emulator takes any secret for an account's root, serves some paths to anyone, and gives a function's session a
secret that follows from the function's name. It does check the signatures of sessions and of users' keys.
"""

from __future__ import annotations

import hashlib
import hmac
import importlib
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, quote

from tools.localaws.emulator import code_links
from tools.localaws.emulator.corrections import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.localaws.emulator.requests import Request

HEADER: Final = "x-local-aws-secret"
"""Header with the home's secret, which the emulator's own paths need."""

_HOST: Final = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?")
_OWN_PATH: Final = re.compile(r"/_[^/]+(/.*)?|/health")
_SIGNED_CHUNKS: Final = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"


def give_functions_their_own_secret(secret: str) -> None:
    """Makes the keys of a function's session follow from `secret` too."""
    original: Callable[[dict[str, Any]], dict[str, str]]

    def execution_credentials(configuration: dict[str, Any]) -> dict[str, str]:
        keys = original(configuration)
        sessions = importlib.import_module("ministack.services.sts")._sessions
        for name, member in (("AWS_SECRET_ACCESS_KEY", "SecretAccessKey"), ("AWS_SESSION_TOKEN", "SessionToken")):
            keys[name] = hmac.new(secret.encode(), keys[name].encode(), hashlib.sha256).hexdigest()
            sessions[keys["AWS_ACCESS_KEY_ID"]][member] = keys[name]
        return keys

    original = replace("core.lambda_runtime", "execution_credentials", execution_credentials)


async def refusal(request: Request, secret: str) -> tuple[str, str] | None:
    """Returns the code and message with which a request is refused, None for one that is let in."""
    if not _HOST.fullmatch(request.headers.get("host", "")):
        return "AccessDenied", "local AWS answers only under a name of the loopback interface"
    if _OWN_PATH.fullmatch(request.path):
        has_secret = hmac.compare_digest(request.headers.get(HEADER, "").encode(), secret.encode())
        if has_secret or code_links.is_good(request, secret):
            return None
        return "AccessDenied", f"this path of the emulator needs the header {HEADER}"
    router, evaluator = (importlib.import_module(f"ministack.core.{name}") for name in ("router", "iam_evaluator"))
    query = parse_qs(request.query.decode("utf-8", "replace"), keep_blank_values=True)
    key = router.extract_access_key_id(request.headers, query)
    if not key:
        return "AccessDenied", "local AWS answers signed requests only"
    if not evaluator.is_root_access_key(key):
        return None
    return await _root_failure(request, query, key, secret)


async def _root_failure(request: Request, query: dict[str, list[str]], key: str, secret: str) -> tuple[str, str] | None:
    """Returns why the signature of an account's root does not hold, None where it does."""
    sigv4 = importlib.import_module("ministack.core.sigv4")
    is_query = not request.headers.get("authorization")
    signature = sigv4.parse_query_signature(query) if is_query else sigv4.parse_header_signature(request.headers)
    if isinstance(signature, tuple):
        return signature
    if signature.access_key_id != key or signature.region_set is not None:
        return "SignatureDoesNotMatch", "sign with AWS4-HMAC-SHA256, in one place"
    if not is_query and (skewed := sigv4.request_time_failure(signature)):
        code, message = skewed
        return code, message
    digest = request.headers.get("x-amz-content-sha256", "")
    # A body is read here only where the signature is of the body itself, not of a digest that is in a header.
    body = await request.read_all() if not digest or digest.startswith(_SIGNED_CHUNKS) else b""
    path = (request.raw_path or quote(request.path).encode()).decode("latin-1")
    failure: tuple[str, str] | None = sigv4.header_signature_failure(
        signature, secret, request.method, path, query, request.headers, body, presigned=is_query
    )
    return failure
