"""Writes a load's changes to its table, several batches at a time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import TYPE_CHECKING

from tools.localaws.load.changes import Change, Plan, Texts, batches

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mypy_boto3_dynamodb import DynamoDBClient


class Writing:
    """The writing of one load; `written` are the changes that the table has acknowledged."""

    def __init__(self, dynamodb: DynamoDBClient, table: str, key_name: str, texts: Texts) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._key_name = key_name
        self._texts = texts
        self._lock = threading.Lock()
        self.written: list[Change] = []
        self.call_seconds = 0.0
        """Seconds that calls have taken, of all writers together."""

    def run(
        self,
        plan: Plan,
        writers: int,
        seconds: float | None,
        progress: Callable[[int], None],
        *,
        rate: float | None = None,
    ) -> None:
        """Writes the plan's changes with so many writers, for at most so many seconds, as fast as can be.

        `rate` is how many a second are written at most, by all writers together. `progress` is called with how many
        more are written. Raises what boto3 raises: the changes until then are in `written`.
        """
        began = monotonic()
        deadline = began + seconds if seconds else None
        stop = threading.Event()

        def write(writer: int) -> None:
            done = 0
            try:
                for batch in batches(plan.share(writer, writers)):
                    if stop.is_set() or (deadline and monotonic() > deadline):
                        return
                    if rate:
                        stop.wait(max(0.0, began + done * writers / rate - monotonic()))
                    self._put(batch)
                    done += len(batch)
                    progress(len(batch))
            except BaseException:
                stop.set()
                raise

        with ThreadPoolExecutor(writers) as pool:
            running = [pool.submit(write, writer) for writer in range(writers)]
            try:
                for each in running:
                    each.result()
            finally:
                # Also after Ctrl-C, which comes here alone.
                stop.set()

    def _put(self, batch: Sequence[Change]) -> None:
        requests = [{"PutRequest": {"Item": self._texts.item(change, self._key_name)}} for change in batch]
        began = monotonic()
        unprocessed = {self._table: requests}
        while unprocessed:
            answer = self._dynamodb.batch_write_item(RequestItems=unprocessed)  # type: ignore[arg-type]
            unprocessed = answer.get("UnprocessedItems", {})  # type: ignore[assignment]
        with self._lock:
            self.call_seconds += monotonic() - began
            self.written += batch
