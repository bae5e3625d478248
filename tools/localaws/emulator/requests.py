"""Which service a request to the emulator is for, and whether its effect must be saved before the response."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import parse_qs

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
    # In a journal already.
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
    """A request while it is served: its scope, and the start of its body once the emulator has read it."""

    def __init__(self, scope: dict[str, Any], receive: Any) -> None:  # noqa: ANN401  # an ASGI callable
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        self.body_start = b""
        self._receive = receive

    async def receive(self) -> Any:  # noqa: ANN401
        """Receives the next part of the request, as ASGI has it."""
        message = await self._receive()
        if len(self.body_start) < _BODY_START_BYTES:
            self.body_start += message.get("body", b"")[:_BODY_START_BYTES]
        return message


def service_of(request: Request) -> str:
    """Returns the service that a request is signed for, "" for an unsigned one."""
    credential = _CREDENTIAL.search(request.headers.get("authorization", ""))
    return credential.group(1) if credential else ""


def action_of(request: Request) -> str:
    """Returns the action of a request, "" for REST services, which name it by method and path."""
    target = request.headers.get("x-amz-target")
    if target:
        return str(target).rpartition(".")[2]
    if "x-www-form-urlencoded" in request.headers.get("content-type", ""):
        return parse_qs(request.body_start.decode("utf-8", "replace")).get("Action", [""])[0]
    return ""


def changes_settings(request: Request) -> bool:
    """Returns whether the state that a request changes must be on disk before the response."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return False
    action = action_of(request)
    if action:
        return not action.startswith(_READ_PREFIXES) and action not in _NOT_SAVED_ACTIONS
    service = service_of(request)
    if service == "s3":
        return not _OBJECT_PATH.match(request.path)
    return not (service == "lambda" and request.path.endswith("/invocations"))
