"""Makes the emulator keep every change that it has acknowledged, in a database (`database`).

Without this it saves its state only when it is asked to stop. With it:

- items and change records (`stored_items`, `stored_records`): each request is one transaction, committed before it is
  answered, so that a table and its stream never part. A request that cannot be stored is refused, and memory is put
  back to what is stored;
- settings, all else that the emulator's services hold: a request that changes them is refused where nothing can be
  stored; else the services that it changed are saved whole, and are on the disk, before it is answered;
- log events, alarms' states and what became of queries are saved every few seconds, metrics every minute: a kill may
  cost the latest of them;
- S3 objects (`stored_objects`) and functions' packages (`stored_code`) are on the disk before a request is answered.

A kill costs nothing else. After a loss of power the last second of items and change records may be missing, always
both of a change or neither.
"""

from __future__ import annotations

import asyncio
import datetime
import decimal
import importlib
import json
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tools.localaws.emulator import access, cloudwatch, code_links, stored_code, stored_objects
from tools.localaws.emulator.corrections import replace
from tools.localaws.emulator.database import Database, UnusableStateError, checksum, end_process, report
from tools.localaws.emulator.requests import Request, changes_settings, error_response, service_of
from tools.localaws.emulator.stored_items import StoredItems
from tools.localaws.emulator.stored_records import StoredRecords
from tools.localaws.emulator.table_exports import TableExports

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Send = Callable[[dict[str, Any]], Awaitable[None]]

_METRICS: Final = "metrics"
"""State of CloudWatch's metrics, apart from its settings: it is large, and changes all the time."""

_GROWING_STATES: Final = frozenset({"cloudwatch_logs", "cloudwatch", "athena", _METRICS})
"""Services whose settings grow with use: saved with a request only when it changes settings of that service."""

_STATE_NAMES: Final = {"logs": "cloudwatch_logs", "monitoring": "cloudwatch"}
"""Service that a request is signed for -> name of its state, where they differ."""

_SYNC_SECONDS: Final = 0.5
_SAVE_EVERY: Final = 6
"""Alarms are evaluated, log events saved, and records expire, at each sync of this number."""

_SAVE_METRICS_EVERY: Final = 120
"""Metrics are saved at each sync of this number: once a minute, as most are published."""


def install() -> Database:
    """Opens the database, makes the emulator's services use it, and wraps its application.

    Raises:
        UnusableStateError: the database or an object's metadata cannot be read, or is damaged.
    """
    secret = os.environ["AWS_SECRET_ACCESS_KEY"]
    # First: other services take it by name as soon as they are imported.
    access.give_functions_their_own_secret(secret)
    code_links.install(secret)
    stored_objects.install(Path(os.environ["S3_DATA_DIR"]))
    state = Path(os.environ["STATE_DIR"])
    stored_code.install(state / "lambda-blobs")
    database = Database(state / "state.db")
    store = StateStore(database, secret)
    replace("core.persistence", "save_state", store.save)
    replace("app", "_load_persisted_state", store.load)
    _keep_metrics_apart()
    for service in ("dynamodb", "kinesis"):
        _make_transactions(service, database)
    application = importlib.import_module("ministack.app").app

    # A coroutine function, not a method: the server recognizes an ASGI application by that.
    async def serve(scope: Any, receive: Any, send: Send) -> None:  # noqa: ANN401  # an ASGI application
        await store.serve(application, scope, receive, send)

    replace("app", "app", serve)
    return database


def _keep_metrics_apart() -> None:
    original: Callable[[], dict[str, Callable[[], Any]]]

    def states() -> dict[str, Callable[[], Any]]:
        return {**original(), _METRICS: cloudwatch.metrics_state}

    original = replace("app", "_build_persistence_save_dict", states)
    # Which service takes it when it is loaded.
    importlib.import_module("ministack.app")._state_map[_METRICS] = "cloudwatch"


def _make_transactions(service: str, database: Database) -> None:
    original: Callable[..., Awaitable[Any]]

    async def handle_request(*request: Any) -> Any:  # noqa: ANN401  # the emulator is untyped
        # These two services never wait for anything in between: no other request takes part.
        with database.transaction():
            return await original(*request)

    original = replace(f"services.{service}", "handle_request", handle_request)


class StateStore:
    """The settings of all services, in `database`; delays responses until they are saved.

    Who does not hold `secret` is refused (`access`).
    """

    def __init__(self, database: Database, secret: str) -> None:
        self._database = database
        self._secret = secret
        self._items = StoredItems(database)
        self._records = StoredRecords(database)
        TableExports(self._items.history)
        self._saved: dict[str, int] = {}
        self._is_behind = False
        self._background: asyncio.Task[None] | None = None

    def load(self) -> None:
        """Gives all services their state; ends the process where one cannot be had, as it would then start empty."""
        try:
            app, persistence = (importlib.import_module(f"ministack.{name}") for name in ("app", "core.persistence"))
            for row in self._database.execute("SELECT * FROM settings"):
                self._database.check(row, f"the settings of {row[0]}")
                state = json.loads(row[1], object_hook=persistence._json_object_hook)
                app._get_module(app._state_map[row[0]]).load_persisted_state(state)
            with self._database.transaction():
                self._items.load()
                self._records.load()
        except UnusableStateError as error:
            end_process(error)
        except Exception:  # noqa: BLE001  # whatever it is, an empty state must not be served
            traceback.print_exc(file=sys.stdout)
            end_process(UnusableStateError(f"{self._database.path} does not fit this release of the emulator"))

    def save(self, service: str, state: Any) -> None:  # noqa: ANN401
        """Saves the state of a service, if it has changed; replaces the emulator's own `save_state`."""
        content = _encode(state)
        if checksum(content) != self._saved.get(service):
            values = (service, content)
            statement = "INSERT OR REPLACE INTO settings VALUES (?, ?, ?)"
            self._database.execute(statement, *values, checksum(*values))
            self._saved[service] = checksum(content)

    async def serve(self, application: Callable[..., Awaitable[None]], scope: Any, receive: Any, send: Send) -> None:  # noqa: ANN401
        """Serves one request; where it changes settings, the response waits until they are saved."""
        if self._background is None:
            self._background = asyncio.create_task(self._save_periodically())
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        request = Request(scope, receive)
        if refused := await access.refusal(request, self._secret):
            for message in error_response(request, 403, *refused):
                await send(message)
            return
        await request.read_ahead()
        if not changes_settings(request):
            await application(scope, request.receive, send)
            return
        delayed: list[dict[str, Any]] = []

        async def delay(message: dict[str, Any]) -> None:
            delayed.append(message)

        try:
            # Before anything is changed: a disk that is full now refuses this already.
            self._records.clock.save()
            await application(scope, request.receive, delay)
            service = service_of(request)
            await self._save_settings(_STATE_NAMES.get(service, service))
        except UnusableStateError as error:
            delayed = error_response(request, 500, "InternalFailure", str(error))
        for message in delayed:
            await send(message)

    async def _save_settings(self, service: str = "") -> None:
        self._is_behind = True
        try:
            with self._database.transaction():
                for name, state in _states().items():
                    if name not in _GROWING_STATES or name == service:
                        self.save(name, state())
                self._items.sweep()
                self._records.sweep()
        except BaseException:
            # Saved once there is room again, and the client, who is told that it failed, sees it then.
            self._saved.clear()
            raise
        await asyncio.to_thread(self._database.sync)
        self._is_behind = False

    async def _save_periodically(self) -> None:
        turn = 0
        while True:
            await asyncio.sleep(_SYNC_SECONDS)
            turn += 1
            try:
                await asyncio.to_thread(self._database.sync)
                if turn % _SAVE_EVERY == 0:
                    cloudwatch.evaluate_all()
                    self._records.expire()
                    for service in _GROWING_STATES & _states().keys():
                        if service != _METRICS or turn % _SAVE_METRICS_EVERY == 0:
                            self.save(service, _states()[service]())
                    if self._is_behind:
                        await self._save_settings()
            except (UnusableStateError, OSError) as error:
                # Tried again at the next turn; what clients wait for is refused meanwhile.
                report(error)
            except Exception:  # noqa: BLE001  # whatever it is, alarms and metrics must not stand still for good
                traceback.print_exc(file=sys.stdout)


def _states() -> dict[str, Callable[[], Any]]:
    states: dict[str, Callable[[], Any]] = importlib.import_module("ministack.app")._build_persistence_save_dict()
    return states


def _encode(state: Any) -> bytes:  # noqa: ANN401
    persistence = importlib.import_module("ministack.core.persistence")

    def encode(value: object) -> Any:  # noqa: ANN401
        # Results of queries.
        return str(value) if isinstance(value, datetime.date | decimal.Decimal) else persistence._json_default(value)

    return json.dumps(state, default=encode).encode()
