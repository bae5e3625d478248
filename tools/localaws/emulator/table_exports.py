"""Makes DynamoDB export tables to S3, whole or what changed in a window; the emulator writes nothing.

The files are written with what the caller may do, while other requests are served. AWS documentation: Amazon DynamoDB
API Reference, "ExportTableToPointInTime", "DescribeExport"; Developer Guide, "DynamoDB data export to Amazon S3".
"""

from __future__ import annotations

import asyncio
import importlib
import re
import secrets
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from tools.localaws.emulator import export_files, export_writing, principals
from tools.localaws.emulator.corrections import replace
from tools.localaws.emulator.export_times import SECOND, RefusedError, times

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from tools.localaws.emulator.item_history import ItemHistory

    Answer = tuple[int, dict[str, str], bytes]
    Request = dict[str, Any]
    Description = dict[str, Any]

_TOKEN_HOURS: Final = 8
_TOLD_OF_REQUEST: Final = (
    "TableArn",
    "S3Bucket",
    "S3BucketOwner",
    "S3Prefix",
    "S3SseAlgorithm",
    "S3SseKmsKeyId",
    "ClientToken",
)

_headers: ContextVar[Mapping[str, str] | None] = ContextVar("headers", default=None)
"""Headers of the request to DynamoDB that is served."""


class TableExports:
    """Exports of tables, from what `history` knows of them."""

    def __init__(self, history: ItemHistory) -> None:
        self._history = history
        self._running: dict[str, asyncio.Task[None]] = {}
        self._service: Any = importlib.import_module("ministack.services.dynamodb")
        handle: Callable[..., Awaitable[Any]]

        async def handle_request(method: str, path: str, headers: dict[str, str], body: bytes, query: Any) -> Any:  # noqa: ANN401
            token = _headers.set(headers)
            try:
                return await handle(method, path, headers, body, query)
            finally:
                _headers.reset(token)

        handle = replace("services.dynamodb", "handle_request", handle_request)
        replace("services.dynamodb", "_export_table_to_point_in_time", self._export)
        self._describe = replace("services.dynamodb", "_describe_export", self._describe_export)
        self._update = replace("services.dynamodb", "_update_continuous_backups", self._update_continuous_backups)
        self._backups = replace("services.dynamodb", "_describe_continuous_backups", self._describe_continuous_backups)

    def _update_continuous_backups(self, request: Request) -> Answer:
        answer: Answer = self._update(request)
        if answer[0] == 200:
            wanted = request.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled", False)
            self._history.set_recovery(self._table(request["TableName"])["TableId"], enabled=wanted)
        return answer

    def _describe_continuous_backups(self, request: Request) -> Answer:
        status, headers, body = self._backups(request)
        since = self._history.since(self._table(request["TableName"])["TableId"]) if status == 200 else None
        if since is not None:
            body = re.sub(rb'("EarliestRestorableDateTime"\s*:\s*)[\d.]+', rb"\g<1>%f" % (since / SECOND), body)
        return status, headers, body

    def _export(self, request: Request) -> Answer:
        try:
            description = self._repeated(request) or self._started(request)
        except RefusedError as error:
            answer: Answer = _responses().error_response_json(*error.args, 400)
            return answer
        return _told(description)

    def _repeated(self, request: Request) -> Description | None:
        """Returns the export that the same request has begun before."""
        for found in self._service._exports.values():
            age = self._history.now() / SECOND - found["StartTime"]
            if found.get("ClientToken") == request.get("ClientToken") is not None and age < _TOKEN_HOURS * 3600:
                if found["_request"] != request:
                    raise RefusedError("ExportConflictException", "This ClientToken belongs to another request")
                return dict(found)
        return None

    def _started(self, request: Request) -> Description:
        name = self._service._table_name_from_arn(request.get("TableArn") or "")
        if not name or name not in self._service._tables:
            raise RefusedError("TableNotFoundException", f"Table not found: {request.get('TableArn')}")
        table = self._service._tables[name]
        since, now = self._history.since(table["TableId"]), self._history.now()
        if since is None:
            raise RefusedError(
                "PointInTimeRecoveryUnavailableException", f"Point in time recovery is not enabled for table '{name}'"
            )
        if not request.get("S3Bucket") or request.get("ExportFormat", "DYNAMODB_JSON") != "DYNAMODB_JSON":
            raise RefusedError("ValidationException", "An export needs S3Bucket; DYNAMODB_JSON is the only format here")
        export = f"{now // 1000:014d}-{secrets.token_hex(4)}"
        description = {
            "ExportArn": f"{table['TableArn']}/export/{export}",
            "ExportStatus": "IN_PROGRESS",
            "StartTime": now / SECOND,
            "TableId": table["TableId"],
            "ExportFormat": "DYNAMODB_JSON",
            "ExportType": request.get("ExportType") or "FULL_EXPORT",
            **times(request, since, now),
            **{member: request[member] for member in _TOLD_OF_REQUEST if request.get(member)},
            "_request": request,
            "_keys": [key["AttributeName"] for key in table["KeySchema"]],
        }
        description["_refused"] = export_writing.refusal(description, principals.caller(_headers.get() or {}, {}))
        self._service._exports[description["ExportArn"]] = description
        self._begin(description)
        return description

    def _describe_export(self, request: Request) -> Answer:
        found = self._service._exports.get(request.get("ExportArn"))
        if not found:
            answer: Answer = self._describe(request)
            return answer
        if found["ExportStatus"] == "IN_PROGRESS" and found["ExportArn"] not in self._running:
            # Begun before local AWS was stopped: the same files are written again.
            self._begin(found)
        return _told(found)

    def _begin(self, description: Description) -> None:
        arn = description["ExportArn"]
        task = asyncio.get_running_loop().create_task(self._run(description))
        self._running[arn] = task
        task.add_done_callback(lambda _: self._running.pop(arn, None))

    async def _run(self, description: Description) -> None:
        try:
            code, reason = description["_refused"] or ("", "")
            if not code:
                lines = await asyncio.to_thread(self._lines, description)
                for file in await asyncio.to_thread(export_writing.files, description, lines):
                    export_writing.put(description, file)
                    await asyncio.sleep(0)
        except Exception as error:  # noqa: BLE001  # whatever it is, the export has failed and must say so
            code, reason = "InternalServerError", str(error)
        description["EndTime"] = self._history.now() / SECOND
        if code:
            description |= {"ExportStatus": "FAILED", "FailureCode": code, "FailureMessage": reason}
        else:
            description["ExportStatus"] = "COMPLETED"

    def _lines(self, description: Description) -> list[tuple[str, bytes]]:
        table, window = description["TableId"], description.get("IncrementalExportSpecification")
        if not window:
            items = self._history.table_at(table, round(description["ExportTime"] * SECOND))
            return [(partition, export_files.full_line(item)) for (partition, _), item in items.items()]
        start, end = (round(window[name] * SECOND) for name in ("ExportFromTime", "ExportToTime"))
        with_old = window["ExportViewType"] == "NEW_AND_OLD_IMAGES"
        return [
            (change.partition, export_files.change_line(change, description["_keys"], with_old=with_old))
            for change in self._history.changes(table, start, end)
        ]

    def _table(self, name: str) -> dict[str, Any]:
        service = self._service
        found: dict[str, Any] = service._tables[service._table_name_from_arn(name) or name]
        return found


def _told(description: Description) -> Answer:
    told = {name: value for name, value in description.items() if not name.startswith("_")}
    answer: Answer = _responses().json_response({"ExportDescription": told})
    return answer


def _responses() -> Any:  # noqa: ANN401
    return importlib.import_module("ministack.core.responses")
