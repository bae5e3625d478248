"""Which service a request to the emulator is for, and whether it changes settings."""

from __future__ import annotations

import json
import re
from typing import Any, Final
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

_READ_PREFIXES: Final = (
    "Get",
    "List",
    "Describe",
    "BatchGet",
    "Search",
    "Lookup",
    "Query",
    "Scan",
    "Head",
    "Verify",
    "Validate",
)
_NOT_SAVED_ACTIONS: Final = frozenset(
    # Change items and records, which the request itself stores.
    {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems", "TransactGetItems", "PutRecord"}
    | {"PutRecords", "ExecuteStatement", "BatchExecuteStatement"}
    # Change nothing that must be kept.
    | {"DecodeAuthorizationMessage", "Decrypt", "Encrypt", "ReEncrypt"}
    | {"GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "SimulatePrincipalPolicy", "SimulateCustomPolicy"}
    | {"FilterLogEvents", "PutLogEvents", "PutMetricData", "StartQuery", "StopQuery", "SubscribeToShard"}
)
_CREDENTIAL: Final = re.compile(r"Credential=[^/]+/\d{8}/[^/]+/([^/]+)/aws4_request")
_BODY_START_BYTES: Final = 4096
_OBJECT_PATH: Final = re.compile(r"^/[^/]+/.")


class Request:
    """A request while it is served: its scope, and what was read ahead of its body."""

    def __init__(self, scope: dict[str, Any], receive: Any) -> None:  # noqa: ANN401  # an ASGI callable
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.raw_path: bytes = scope.get("raw_path") or b""
        self.query: bytes = scope.get("query_string") or b""
        self.headers: dict[str, str] = {}
        for name, value in scope["headers"]:
            key, text = name.decode("latin-1").lower(), value.decode("latin-1")
            # As the emulator joins them: both must read the same.
            self.headers[key] = f"{self.headers[key]}, {text}" if key in self.headers else text
        self._receive = receive
        self._read_ahead: list[Any] = []

    @property
    def is_form(self) -> bool:
        """Whether the body names the action, as the Query protocol does."""
        return "x-www-form-urlencoded" in self.headers.get("content-type", "")

    @property
    def body_start(self) -> bytes:
        """The start of the body, where it was read ahead."""
        return b"".join(message.get("body", b"") for message in self._read_ahead)[:_BODY_START_BYTES]

    async def read_ahead(self) -> None:
        """Reads a form's first part, which is small; `receive` still returns it."""
        if self.is_form and not self._read_ahead:
            self._read_ahead.append(await self._receive())

    async def read_all(self) -> bytes:
        """Reads and returns the body; `receive` still returns it."""
        while not self._read_ahead or self._read_ahead[-1].get("more_body"):
            self._read_ahead.append(await self._receive())
        return b"".join(message.get("body", b"") for message in self._read_ahead)

    async def receive(self) -> Any:  # noqa: ANN401
        """Receives the next part of the request, as ASGI has it."""
        return self._read_ahead.pop(0) if self._read_ahead else await self._receive()


def service_of(request: Request) -> str:
    """Returns the service that a request is signed for, "" for an unsigned one."""
    credential = _CREDENTIAL.search(request.headers.get("authorization", ""))
    return credential.group(1) if credential else ""


def action_of(request: Request) -> str:
    """Returns the action of a request, "" for REST services, which name it by method and path."""
    target = request.headers.get("x-amz-target")
    if target:
        return str(target).rpartition(".")[2]
    if request.is_form:
        return parse_qs(request.body_start.decode("utf-8", "replace")).get("Action", [""])[0]
    return ""


def changes_settings(request: Request) -> bool:
    """Returns whether a request changes settings, which must be saved before the response."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return False
    action = action_of(request)
    if action:
        return not action.startswith(_READ_PREFIXES) and action not in _NOT_SAVED_ACTIONS
    service = service_of(request)
    if service == "s3":
        return not _OBJECT_PATH.match(request.path)
    return not (service == "lambda" and request.path.endswith("/invocations"))


def error_response(request: Request, status: int, code: str, reason: str) -> list[dict[str, Any]]:
    """Returns an error, as ASGI messages, in the form that the request's protocol has for errors."""
    if "json" in request.headers.get("content-type", "") or "x-amz-target" in request.headers:
        kind, body = "application/json", json.dumps({"__type": code, "message": reason})
    else:
        error = f"<Error><Code>{code}</Code><Message>{escape(reason)}</Message></Error>"
        # S3 alone has no element around it.
        kind, body = "application/xml", f"<ErrorResponse>{error}</ErrorResponse>" if request.is_form else error
    headers = [(b"content-type", kind.encode()), (b"x-amzn-errortype", code.encode())]
    return [
        {"type": "http.response.start", "status": status, "headers": headers},
        {"type": "http.response.body", "body": b"" if request.method == "HEAD" else body.encode()},
    ]
