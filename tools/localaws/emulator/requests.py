"""What a request to the emulator is about, as far as saving its effect needs to know."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import parse_qs

_READS: Final = (
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
_ELSEWHERE: Final = frozenset(
    # Journaled.
    {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems", "TransactGetItems", "PutRecord"}
    | {"PutRecords", "ExecuteStatement", "BatchExecuteStatement"}
    # Change nothing that has to survive.
    | {"DecodeAuthorizationMessage", "Decrypt", "Encrypt", "ReEncrypt"}
    | {"GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "SimulatePrincipalPolicy", "SimulateCustomPolicy"}
    | {"FilterLogEvents", "PutLogEvents", "PutMetricData", "StartQuery", "StopQuery", "SubscribeToShard"}
)
_CREDENTIAL: Final = re.compile(r"Credential=[^/]+/\d{8}/[^/]+/([^/]+)/aws4_request")
_FORM_BYTES: Final = 4096
_OBJECT: Final = re.compile(r"^/[^/]+/.")


class Watched:
    """A request while it is served: its scope, and the beginning of its body once the emulator has read it."""

    def __init__(self, scope: dict[str, Any], receive: Any) -> None:  # noqa: ANN401  # an ASGI callable
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        self.beginning = b""
        self._receive = receive

    async def receive(self) -> Any:  # noqa: ANN401
        """Receives the next part of the request, as ASGI has it."""
        message = await self._receive()
        if len(self.beginning) < _FORM_BYTES:
            self.beginning += message.get("body", b"")[:_FORM_BYTES]
        return message


def service_of(request: Watched) -> str:
    """Returns the service that a request is signed for, "" for an unsigned one."""
    found = _CREDENTIAL.search(request.headers.get("authorization", ""))
    return found.group(1) if found else ""


def action_of(request: Watched) -> str:
    """Returns the action of a request, "" for REST services, which name it by method and path."""
    target = request.headers.get("x-amz-target")
    if target:
        return str(target).rpartition(".")[2]
    if "x-www-form-urlencoded" in request.headers.get("content-type", ""):
        return parse_qs(request.beginning.decode("utf-8", "replace")).get("Action", [""])[0]
    return ""


def changes_settings(request: Watched) -> bool:
    """Returns whether the effect of a request has to be on disk, as a whole, before it is answered."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return False
    action = action_of(request)
    if action:
        return not action.startswith(_READS) and action not in _ELSEWHERE
    service = service_of(request)
    if service == "s3":
        return not _OBJECT.match(request.path)
    return not (service == "lambda" and request.path.endswith("/invocations"))
