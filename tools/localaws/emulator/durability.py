"""Makes the emulator keep every change that it has acknowledged, also when it is killed.

Without this it saves its state only when it is asked to stop. With it:

- a request that changes a service's settings is answered after the state of every service it touched is on disk;
- items and change records, which are many, go to a journal before the request is answered (`journaled`);
- log events and metrics are saved every few seconds: a kill may cost the latest of them;
- S3 objects need nothing: the emulator itself writes them to disk before it answers.

After a power cut, up to a second of items, change records and objects may be missing: they are with the operating
system when a request is answered, not yet on the disk.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tools.localaws.emulator import journaled
from tools.localaws.emulator.corrections import replace
from tools.localaws.emulator.requests import Request, changes_settings, service_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    Send = Callable[[dict[str, Any]], Awaitable[None]]

_LARGE_STATES: Final = frozenset({"dynamodb", "kinesis", "cloudwatch_logs", "cloudwatch"})
"""Services whose state grows with use: saved with a request only when it changes settings of that service."""

_STATE_NAMES: Final = {"logs": "cloudwatch_logs", "monitoring": "cloudwatch"}
"""Service that a request is signed for -> name of its state, where they differ."""

_SAVE_SECONDS: Final = 3.0
"""How often the state that is not saved with each request is saved."""

_SYNC_SECONDS: Final = 0.5
_MAX_JOURNAL_BYTES: Final = 64 * 1024 * 1024
"""A journal longer than this is replaced by a snapshot."""


def install() -> None:
    """Replaces how the emulator loads and saves its state, and wraps its application."""
    folder = Path(os.environ["STATE_DIR"])
    journals = journaled.install(folder)
    saver = StateSaver(folder, journals)
    replace("core.persistence", "save_state", saver.write)
    load = replace("app", "_load_persisted_state", lambda: _load(load, journals))
    application = importlib.import_module("ministack.app").app

    # A coroutine function, not a method: the server recognizes an ASGI application by that.
    async def serve(scope: Any, receive: Any, send: Send) -> None:  # noqa: ANN401  # an ASGI application
        await saver.serve(application, scope, receive, send)

    replace("app", "app", serve)


def _load(load: Callable[[], None], journals: dict[str, journaled.ServiceJournal]) -> None:
    load()
    for journal in journals.values():
        journal.replay()


class StateSaver:
    """Saves the services' states to `folder`, and delays responses until they are saved."""

    def __init__(self, folder: Path, journals: dict[str, journaled.ServiceJournal]) -> None:
        self._folder = folder
        self._journals = journals
        self._saved: dict[str, int] = {}
        self._lock = asyncio.Lock()
        self._changes = 0
        self._saved_changes = 0
        self._background: asyncio.Task[None] | None = None

    async def serve(self, application: Callable[..., Awaitable[None]], scope: Any, receive: Any, send: Send) -> None:  # noqa: ANN401
        """Serves one request; where it changes settings, the response waits until they are saved."""
        if self._background is None:
            self._background = asyncio.create_task(self._save_periodically())
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        request = Request(scope, receive)
        delayed: list[dict[str, Any]] = []

        async def delay(message: dict[str, Any]) -> None:
            # Decided at the first message: by then the request has been read.
            if delayed or changes_settings(request):
                delayed.append(message)
            else:
                await send(message)

        await application(scope, request.receive, delay)
        if delayed:
            service = service_of(request)
            await self._commit(_STATE_NAMES.get(service, service))
            for message in delayed:
                await send(message)

    def write(self, service: str, state: Any) -> None:  # noqa: ANN401  # the emulator is untyped
        """Writes the state of `service`, whole or not at all; replaces the emulator's own `save_state`."""
        self._write(service, self._encode(service, state))

    async def _commit(self, service: str) -> None:
        self._changes += 1
        change = self._changes
        async with self._lock:
            # Requests that waited while another was saving are saved together.
            if self._saved_changes < change or service in _LARGE_STATES:
                covered = self._changes
                await self._save(name for name in self._states() if name not in _LARGE_STATES or name == service)
                self._saved_changes = covered

    async def _save_periodically(self) -> None:
        last = time.monotonic()
        while True:
            await asyncio.sleep(_SYNC_SECONDS)
            for journal in self._journals.values():
                await asyncio.to_thread(journal.sync)
            if time.monotonic() - last > _SAVE_SECONDS:
                oversized = {name for name, journal in self._journals.items() if journal.size > _MAX_JOURNAL_BYTES}
                async with self._lock:
                    await self._save(name for name in self._states() if name not in self._journals or name in oversized)
                last = time.monotonic()

    async def _save(self, services: Iterable[str]) -> None:
        states = self._states()
        for service in list(services):
            # Encoded on the event loop, so that no request changes it meanwhile; written in another thread.
            journal = self._journals.get(service)
            covered = journal.begin_part() if journal else 0
            content = self._encode(service, states[service]())
            if hash(content) != self._saved.get(service):
                await asyncio.to_thread(self._write, service, content)
                self._saved[service] = hash(content)
            if journal:
                journal.remove_parts(covered)

    @staticmethod
    def _states() -> dict[str, Callable[[], Any]]:
        states: dict[str, Callable[[], Any]] = importlib.import_module("ministack.app")._build_persistence_save_dict()
        return states

    @staticmethod
    def _encode(service: str, state: Any) -> bytes:  # noqa: ANN401
        persistence = importlib.import_module("ministack.core.persistence")
        wrapped = {"__ministack_format__": persistence._state_format_version(service), "payload": state}
        return json.dumps(wrapped, default=persistence._json_default).encode()

    def _write(self, service: str, content: bytes) -> None:
        path = self._folder / f"{service}.json"
        partial = path.with_suffix(".partial")
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        with suppress(OSError):
            folder = os.open(self._folder, os.O_RDONLY)
            os.fsync(folder)
            os.close(folder)
