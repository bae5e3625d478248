"""Writes to a table at a steady rate from several threads, and now and then to a table that hardly changes."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from tests.system.hour.changes import Items

if TYPE_CHECKING:
    from collections.abc import Iterator

WRITERS: Final = 4
BATCH: Final = 10
"""Changes in one request, each of another item."""

QUIET_SECONDS: Final = 45
"""So seldom the quiet table changes: every period of its alarms has a change or two."""


class Writers:
    """Threads that write to `keys` items of a table, `rate` changes a second together."""

    def __init__(self, dynamodb: Any, table: str, *, keys: int, rate: float) -> None:
        self._dynamodb, self._table, self._rate = dynamodb, table, rate
        share = keys // WRITERS
        self._items = [Items(range(each * share, (each + 1) * share), each) for each in range(WRITERS)]
        self._stopped = threading.Event()
        self.seconds = 0.0

    @contextmanager
    def at_work(self, quiet: str) -> Iterator[None]:
        """Writes meanwhile, to the table `quiet` too; an error of a writer is raised at the end."""
        began = monotonic()
        with ThreadPoolExecutor(WRITERS + 1) as pool:
            at_work = [pool.submit(self._write, items) for items in self._items]
            at_work.append(pool.submit(self._write_seldom, quiet))
            try:
                yield
            finally:
                self._stopped.set()
        for each in at_work:
            each.result()
        self.seconds = monotonic() - began

    @property
    def versions(self) -> Counter[str]:
        """The version of each item that was put last."""
        return sum((items.versions for items in self._items), Counter())

    @property
    def removals(self) -> int:
        """How many changes were removals."""
        return sum(items.removals for items in self._items)

    @property
    def changes(self) -> int:
        """How many changes were made."""
        return self.versions.total() + self.removals

    @property
    def held(self) -> int:
        """How many items the table has."""
        return sum(items.held for items in self._items)

    def _write(self, items: Items) -> None:
        due, pause = monotonic(), BATCH * WRITERS / self._rate
        while not self._stopped.wait(max(0.0, due - monotonic())):
            due = max(due + pause, monotonic() - pause)
            batch = []
            for _ in range(BATCH):
                batch.append(items.next({change.key for change in batch}))
            left = {self._table: [change.request() for change in batch]}
            while left:
                left = self._dynamodb.batch_write_item(RequestItems=left).get("UnprocessedItems")
            for change in batch:
                items.made(change)

    def _write_seldom(self, table: str) -> None:
        number = 0
        while not self._stopped.wait(QUIET_SECONDS):
            number += 1
            self._dynamodb.put_item(TableName=table, Item={"id": {"S": "seldom"}, "version": {"N": str(number)}})
