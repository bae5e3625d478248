"""Makes the emulator keep what it has answered for, also when it is killed.

By itself it saves its state when it is asked to stop, and only then. Here:

- a request that changes a service's settings is answered after the state of every service it touched is on disk;
- items and change records, which are many, go to a journal before the request is answered (`journaled`);
- log events and metrics are saved every few seconds: a kill may cost the latest of them;
- S3 writes an object to disk before it answers, by itself.

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
from tools.localaws.emulator.requests import Watched, changes_settings, service_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    Send = Callable[[dict[str, Any]], Awaitable[None]]

_HEAVY: Final = frozenset({"dynamodb", "kinesis", "cloudwatch_logs", "cloudwatch"})
"""State that grows with use: saved with a request only when the request is about that service's own settings."""

_STATE_NAMES: Final = {"logs": "cloudwatch_logs", "monitoring": "cloudwatch"}
"""The name a request is signed for -> the name of the state, where they differ and it matters."""

_SLOW_INTERVAL: Final = 3.0
"""Seconds between two savings of what is not saved with each request."""

_SYNC_INTERVAL: Final = 0.5
_JOURNAL_BYTES: Final = 64 * 1024 * 1024
"""A journal longer than this is replaced by a snapshot."""


def install() -> None:
    """Wraps the emulator's application, its loading and its saving of state."""
    folder = Path(os.environ["STATE_DIR"])
    journals = journaled.install(folder)
    keeper = Keeper(folder, journals)
    replace("core.persistence", "save_state", keeper.write)
    load = replace("app", "_load_persisted_state", lambda: _load(load, journals))
    application = importlib.import_module("ministack.app").app

    # A plain coroutine function: the server tells applications of other kinds by their signature.
    async def serve(scope: Any, receive: Any, send: Send) -> None:  # noqa: ANN401  # an ASGI application
        await keeper.serve(application, scope, receive, send)

    replace("app", "app", serve)


def _load(load: Callable[[], None], journals: dict[str, journaled.Journaled]) -> None:
    load()
    for journal in journals.values():
        journal.replay()


class Keeper:
    """Saves the services' states to `folder` and holds answers back until they are saved."""

    def __init__(self, folder: Path, journals: dict[str, journaled.Journaled]) -> None:
        self._folder = folder
        self._journals = journals
        self._saved: dict[str, int] = {}
        self._lock = asyncio.Lock()
        self._changes = 0
        self._saved_changes = 0
        self._background: asyncio.Task[None] | None = None

    async def serve(self, application: Callable[..., Awaitable[None]], scope: Any, receive: Any, send: Send) -> None:  # noqa: ANN401
        """Serves one request; the answer to one that changes settings waits until they are saved."""
        if self._background is None:
            self._background = asyncio.create_task(self._save_now_and_then())
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        watched = Watched(scope, receive)
        held: list[dict[str, Any]] = []

        async def hold(message: dict[str, Any]) -> None:
            # The first message shows whether the request, read by now, has to be saved.
            if held or changes_settings(watched):
                held.append(message)
            else:
                await send(message)

        await application(scope, watched.receive, hold)
        if held:
            service = service_of(watched)
            await self._commit(_STATE_NAMES.get(service, service))
            for message in held:
                await send(message)

    def write(self, service: str, state: Any) -> None:  # noqa: ANN401  # the emulator is untyped
        """Writes the state of `service`, whole or not at all; takes the emulator's own place in doing so."""
        self._write(service, self._encode(service, state))

    async def _commit(self, service: str) -> None:
        self._changes += 1
        wanted = self._changes
        async with self._lock:
            # Those that waited while one was saving share the next.
            if self._saved_changes < wanted or service in _HEAVY:
                covered = self._changes
                await self._save(name for name in self._states() if name not in _HEAVY or name == service)
                self._saved_changes = covered

    async def _save_now_and_then(self) -> None:
        last = time.monotonic()
        while True:
            await asyncio.sleep(_SYNC_INTERVAL)
            for journal in self._journals.values():
                await asyncio.to_thread(journal.sync)
            if time.monotonic() - last > _SLOW_INTERVAL:
                grown = {name for name, journal in self._journals.items() if journal.size > _JOURNAL_BYTES}
                async with self._lock:
                    await self._save(name for name in self._states() if name not in self._journals or name in grown)
                last = time.monotonic()

    async def _save(self, services: Iterable[str]) -> None:
        states = self._states()
        for service in list(services):
            # Copied at one instant on the loop, where requests are served; written beside it.
            journal = self._journals.get(service)
            covered = journal.begin_part() if journal else 0
            content = self._encode(service, states[service]())
            if hash(content) != self._saved.get(service):
                await asyncio.to_thread(self._write, service, content)
                self._saved[service] = hash(content)
            if journal:
                journal.forget(covered)

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
