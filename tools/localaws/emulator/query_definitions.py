"""Saved queries of CloudWatch Logs Insights, which the emulator does not have.

Source: Amazon CloudWatch Logs API Reference, "PutQueryDefinition", "DescribeQueryDefinitions", "DeleteQueryDefinition".
"""

from __future__ import annotations

import importlib
import json
import time
from typing import TYPE_CHECKING, Any, Final

from tools.localaws.emulator.corrections import replace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    Response = tuple[int, dict[str, str], bytes]

_STATE: Final = "query_definitions"
_MEMBERS: Final = ("name", "queryString", "logGroupNames", "queryLanguage")


def keep_query_definitions() -> None:
    """Keeps saved queries with the other settings of CloudWatch Logs."""
    service = importlib.import_module("ministack.services.cloudwatch_logs")
    definitions = service.AccountRegionScopedDict()
    handle: Callable[..., Awaitable[Response]]
    get: Callable[[], dict[str, Any]]
    restore: Callable[[dict[str, Any]], None]

    async def handle_request(method: str, path: str, headers: dict[str, str], body: bytes, query: Any) -> Response:  # noqa: ANN401
        answer = _ACTIONS.get(headers.get("x-amz-target", "").rpartition(".")[2])
        if answer is None:
            return await handle(method, path, headers, body, query)
        found = answer(definitions, json.loads(body or b"{}"))
        if found is None:
            unknown = ("ResourceNotFoundException", "The specified query definition does not exist.", 400)
            refused: Response = service.error_response_json(*unknown)
            return refused
        return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(found).encode()

    def get_state() -> dict[str, Any]:
        return {**get(), _STATE: definitions}

    def load_persisted_state(state: dict[str, Any]) -> None:
        restore(state)
        definitions.update(state.get(_STATE, {}))

    handle = replace("services.cloudwatch_logs", "handle_request", handle_request)
    get = replace("services.cloudwatch_logs", "get_state", get_state)
    restore = replace("services.cloudwatch_logs", "load_persisted_state", load_persisted_state)


def _put(definitions: Any, asked: Mapping[str, Any]) -> dict[str, Any] | None:  # noqa: ANN401
    identity = asked.get("queryDefinitionId")
    if identity and identity not in definitions:
        return None
    identity = identity or importlib.import_module("ministack.core.responses").new_uuid()
    kept = {name: asked[name] for name in _MEMBERS if name in asked}
    changed = {"queryDefinitionId": identity, "lastModified": int(time.time() * 1000)}
    definitions[identity] = {"queryLanguage": "CWLI", **kept, **changed}
    return {"queryDefinitionId": identity}


def _describe(definitions: Any, asked: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ANN401
    prefix = asked.get("queryDefinitionNamePrefix", "")
    found = [each for each in definitions.values() if each["name"].startswith(prefix)]
    return {"queryDefinitions": sorted(found, key=lambda each: str(each["name"]))}


def _delete(definitions: Any, asked: Mapping[str, Any]) -> dict[str, Any] | None:  # noqa: ANN401
    return {"success": True} if definitions.pop(asked.get("queryDefinitionId"), None) else None


_ACTIONS: Final[Mapping[str, Callable[[Any, Mapping[str, Any]], dict[str, Any] | None]]] = {
    "PutQueryDefinition": _put,
    "DescribeQueryDefinitions": _describe,
    "DeleteQueryDefinition": _delete,
}
