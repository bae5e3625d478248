"""Athena's API, where the emulator's does not do what AWS documents: starting and stopping queries, and their results.

Source: StartQueryExecution, GetQueryExecution, GetQueryResults and StopQueryExecution of the Athena API Reference.
"""

from __future__ import annotations

import asyncio
import contextvars
import importlib
import json
import re
import shutil
import tempfile
import threading
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tools.localaws.emulator.athena import results, statements
from tools.localaws.emulator.athena.caller import Caller
from tools.localaws.emulator.athena.errors import CancelledError, QueryError
from tools.localaws.emulator.athena.prepared import PreparedStatements
from tools.localaws.emulator.athena.request import Request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import duckdb

_LOCATION: Final = re.compile(r"s3://([^/]+)/(.*)")
_ENGINE: Final = {
    "SelectedEngineVersion": "AUTO",
    "EffectiveEngineVersion": "Athena engine version 3",
}
_AT_ONCE: Final = threading.BoundedSemaphore(4)
"""So many queries run at a time; the others are queued."""

_STOP_SECONDS: Final = 10.0
"""How long StopQueryExecution waits for the end; a query that is still there then goes on ending."""

_running: dict[str, _Run] = {}
"""The queries that run or are queued, by their ids."""


class InvalidRequestError(Exception):
    """A request that is refused, with the reason."""


class _Run:
    """A query on its way."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self._connection: duckdb.DuckDBPyConnection | None = None

    def connected(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self.check()

    def check(self) -> None:
        if self.stopped.is_set():
            raise CancelledError("Query cancelled by user")

    def stop(self) -> None:
        self.stopped.set()
        if self._connection is not None:
            # It may be closed meanwhile.
            with suppress(Exception):
                self._connection.interrupt()


def install(replace: Callable[[str, str, Any], Any]) -> None:
    """Makes the emulator answer these requests from here; `replace` replaces a function of the emulator."""
    original: Callable[..., Awaitable[Any]]
    load: Callable[[dict[str, Any]], None]

    async def handle_request(method: str, path: str, headers: dict[str, str], body: bytes, query: Any) -> Any:  # noqa: ANN401
        answer = _ANSWERS.get(headers.get("x-amz-target", "").rpartition(".")[2])
        if answer is None:
            return await original(method, path, headers, body, query)
        # As the emulator does: these are there without having been made.
        _service()._ensure_default_workgroup()
        key = importlib.import_module("ministack.core.router").extract_access_key_id(headers, query or {})
        responses = importlib.import_module("ministack.core.responses")
        account, loop = responses.get_account_id(), asyncio.get_running_loop()
        context = contextvars.copy_context()

        def on_loop(change: Callable[[], object]) -> None:
            # Where the emulator saves what it holds: nothing may be added to that from another thread meanwhile.
            loop.call_soon_threadsafe(change, context=context)

        caller = Caller(key or account, account, responses.get_region(), on_loop)
        try:
            # In a thread: what it asks the emulator for, the emulator must be free to answer.
            found = await asyncio.to_thread(answer, json.loads(body or b"{}"), caller)
        except (InvalidRequestError, QueryError) as error:
            return responses.error_response_json("InvalidRequestException", str(error), 400)
        return responses.json_response(found)

    def load_persisted_state(state: dict[str, Any]) -> None:
        load(state)
        for execution in _service()._executions._data.values():
            if execution["Status"]["State"] in ("QUEUED", "RUNNING"):
                _end(execution, "FAILED", "INTERNAL_ERROR: local AWS was stopped while the query ran")

    original = replace("services.athena", "handle_request", handle_request)
    load = replace("services.athena", "load_persisted_state", load_persisted_state)


def _service() -> Any:  # noqa: ANN401  # the emulator is untyped
    return importlib.import_module("ministack.services.athena")


def _start(data: dict[str, Any], caller: Caller) -> dict[str, Any]:
    group_name = data.get("WorkGroup") or "primary"
    group = _service()._workgroups.get(group_name)
    if group is None:
        raise InvalidRequestError(f"WorkGroup {group_name} is not found.")
    if group.get("State") == "DISABLED":
        raise InvalidRequestError(f"WorkGroup {group_name} is disabled.")
    location, encryption = _output(data, group.get("Configuration") or {})
    bucket = location[5:].partition("/")[0]
    try:
        caller.call(caller.s3.get_bucket_location, Bucket=bucket)
    except QueryError:
        raise InvalidRequestError(f"Unable to verify/create output bucket {bucket}") from None
    sql, query_id = data.get("QueryString", ""), importlib.import_module("ministack.core.responses").new_uuid()
    kind, context = statements.kind_of(sql), data.get("QueryExecutionContext") or {}
    extension = "csv" if kind == "DML" else "txt"
    result: dict[str, Any] = {"OutputLocation": f"{location.rstrip('/')}/{query_id}.{extension}"}
    if encryption:
        result["EncryptionConfiguration"] = encryption
    execution = {
        "QueryExecutionId": query_id,
        "Query": sql,
        "StatementType": kind,
        "ResultConfiguration": result,
        "QueryExecutionContext": {"Database": context.get("Database", "default"), "Catalog": "awsdatacatalog"},
        "Status": {"State": "QUEUED", "SubmissionDateTime": time.time()},
        "Statistics": _statistics(0, 0),
        "WorkGroup": group_name,
        "EngineVersion": _ENGINE,
    }
    if data.get("ExecutionParameters"):
        execution["ExecutionParameters"] = data["ExecutionParameters"]
    run = _running[query_id] = _Run()
    prepared = PreparedStatements(group_name, caller.on_loop)
    limit = (group.get("Configuration") or {}).get("BytesScannedCutoffPerQuery")
    database, parameters = context.get("Database") or "default", data.get("ExecutionParameters") or ()
    request = Request(sql, database, parameters, prepared, limit, caller, run.stopped.is_set, run.connected)
    caller.on_loop(lambda: _service()._executions.__setitem__(query_id, execution))
    # With the request's account and Region. It ends with the process.
    threading.Thread(target=contextvars.copy_context().run, args=(_work, execution, request, run), daemon=True).start()
    return {"QueryExecutionId": query_id}


def _output(data: dict[str, Any], group: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Returns where results go and how they are encrypted: as the workgroup says where it enforces its settings."""
    own, of_group = data.get("ResultConfiguration") or {}, group.get("ResultConfiguration") or {}
    enforces = group.get("EnforceWorkGroupConfiguration", True) and of_group.get("OutputLocation")
    location = (of_group if enforces or not own.get("OutputLocation") else own).get("OutputLocation")
    if not location:
        raise InvalidRequestError(
            "No output location provided. An output location is required either through the Workgroup result "
            "configuration setting or as an API input."
        )
    if not _LOCATION.fullmatch(location.rstrip("/") + "/"):
        raise InvalidRequestError(f"outputLocation is not a valid S3 path: {location}")
    encryption = (of_group if enforces else own or of_group).get("EncryptionConfiguration") or {}
    return location, encryption


def _work(execution: dict[str, Any], request: Request, run: _Run) -> None:
    folder, started = Path(tempfile.mkdtemp(prefix="athena-")), time.monotonic()
    state, reason, scanned = "SUCCEEDED", "", [0]
    try:
        with _AT_ONCE:
            run.check()
            execution["Status"] = {**execution["Status"], "State": "RUNNING"}
            outcome = statements.run(request, folder, scanned)
            _store(execution, request.caller, outcome)
    except CancelledError as error:
        state, reason = "CANCELLED", str(error)
    except QueryError as error:
        state, reason = "FAILED", str(error)
    except Exception as error:  # noqa: BLE001  # a query must not end the emulator, nor stay RUNNING
        traceback.print_exc()
        state, reason = "FAILED", f"GENERIC_INTERNAL_ERROR: {type(error).__name__}: {error}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _running.pop(execution["QueryExecutionId"], None)
        execution["Statistics"] = _statistics(round((time.monotonic() - started) * 1000), scanned[0])
        _end(execution, state, reason)


def _statistics(milliseconds: int, scanned: int) -> dict[str, Any]:
    return {
        "EngineExecutionTimeInMillis": milliseconds,
        "DataScannedInBytes": scanned,
        "TotalExecutionTimeInMillis": milliseconds,
        "QueryQueueTimeInMillis": 0,
        "ServiceProcessingTimeInMillis": 0,
        "ResultReuseInformation": {"ReusedPreviousResult": False},
    }


def _end(execution: dict[str, Any], state: str, reason: str) -> None:
    status = {**execution["Status"], "State": state, "CompletionDateTime": time.time()}
    if reason:
        status["StateChangeReason"] = reason
    if state == "FAILED":
        # 2 is the user's: Athena has many kinds, of which local AWS tells none apart.
        status["AthenaError"] = {"ErrorCategory": 2, "ErrorType": 1006, "Retryable": False, "ErrorMessage": reason}
    # Whole: another thread may be saving it.
    execution["Status"] = status


def _store(execution: dict[str, Any], caller: Caller, outcome: statements.Outcome) -> None:
    location = execution["ResultConfiguration"]["OutputLocation"]
    bucket, key = location[5:].split("/", 1)
    encryption = execution["ResultConfiguration"].get("EncryptionConfiguration") or {}
    headers: dict[str, str] = {}
    option = encryption.get("EncryptionOption", "")
    if option == "CSE_KMS":
        raise QueryError("NOT_SUPPORTED: local AWS cannot encrypt results on the client's side (CSE_KMS)")
    metadata = json.dumps({"columns": outcome.columns}).encode()
    try:
        if option == "SSE_KMS":
            headers = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": encryption["KmsKey"]}
        elif option == "SSE_S3":
            headers = {"ServerSideEncryption": "AES256"}
        with outcome.file.open("rb") as body:
            caller.call(caller.s3.put_object, Bucket=bucket, Key=key, Body=body, **headers)
        caller.call(caller.s3.put_object, Bucket=bucket, Key=f"{key}.metadata", Body=metadata, **headers)
    except QueryError as error:
        raise QueryError(
            f"Access denied when writing output to url: {location} . Please ensure you are allowed to access the S3 "
            "bucket. If you are encrypting query results with KMS key, please ensure you are allowed to access your "
            f"KMS key ({error})"
        ) from None


def _stop(data: dict[str, Any], _caller: Caller) -> dict[str, Any]:
    query_id, deadline = _execution(data)["QueryExecutionId"], time.monotonic() + _STOP_SECONDS
    # Again and again: an interruption is lost between two statements.
    while (run := _running.get(query_id)) is not None and time.monotonic() < deadline:
        run.stop()
        time.sleep(0.05)
    return {}


def _results(data: dict[str, Any], caller: Caller) -> dict[str, Any]:
    execution = _execution(data)
    status = execution["Status"]
    if status["State"] in ("FAILED", "CANCELLED"):
        raise InvalidRequestError(f"Query did not finish successfully. Final query state: {status['State']}")
    if status["State"] != "SUCCEEDED":
        raise InvalidRequestError(f"Query has not yet finished. Current state: {status['State']}")
    start, count = data.get("NextToken") or "0", int(data.get("MaxResults") or 1000)
    if not start.isdigit() or not 0 < count <= 1000:
        raise InvalidRequestError("NextToken is not valid, or MaxResults is not from 1 to 1000")
    bucket, key = execution["ResultConfiguration"]["OutputLocation"][5:].split("/", 1)
    text, metadata = (
        caller.call(caller.s3.get_object, Bucket=bucket, Key=name)["Body"].read().decode()
        for name in (key, f"{key}.metadata")
    )
    rows = results.read_csv(text) if key.endswith(".csv") else [[line] for line in text.split("\n")[:-1]]
    return results.page(rows, json.loads(metadata)["columns"], int(start), count)


def _execution(data: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] | None = _service()._executions.get(data.get("QueryExecutionId"))
    if found is None:
        raise InvalidRequestError(f"QueryExecution {data.get('QueryExecutionId')} was not found")
    return found


_ANSWERS: Final[dict[str, Callable[[dict[str, Any], Caller], dict[str, Any]]]] = {
    "StartQueryExecution": _start,
    "StopQueryExecution": _stop,
    "GetQueryResults": _results,
}
