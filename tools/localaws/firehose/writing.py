"""Stores what a delivery stream has for its bucket, object by object."""

from __future__ import annotations

from concurrent.futures import wait
from functools import partial
from typing import TYPE_CHECKING

from tools.localaws.firehose.buffers import Outgoing, PendingObject
from tools.localaws.firehose.compression import compress
from tools.localaws.firehose.object_names import data_prefix, error_prefix, object_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tools.localaws.firehose.configuration import DeliveryStream
    from tools.localaws.firehose.interfaces import Caller, Store
    from tools.localaws.firehose.metrics import Meter
    from tools.localaws.firehose.records import Record


class ObjectWriter:
    """Stores the data of one buffer, one object at a time: under the prefix, or what failed under the error prefix.

    `wall` returns seconds since the epoch, which are in the objects' names alone.
    """

    def __init__(
        self,
        stream: DeliveryStream,
        store: Store,
        caller: Caller,
        *,
        wall: Callable[[], float],
        meter: Meter,
        error_type: str = "",
    ) -> None:
        self.buffer = Outgoing()
        self._stream = stream
        self._store = store
        self._caller = caller
        self._wall = wall
        self._meter = meter
        self._error_type = error_type

    def write(
        self, now: float, due_size: Callable[[int], int], may_call: Callable[[], bool]
    ) -> Iterator[Sequence[Record]]:
        """Begins to store what is due, and yields the records of each object that is in the bucket.

        `due_size` returns the size from which on an object is due, for the size that was asked for; `may_call` whether
        another call may begin now.

        Raises:
            BlockedError: an object could not be stored; the same one is stored the next time.
        """
        destination = self._stream.destination
        while True:
            if records := self.take_stored():
                yield records
            if self.buffer.pending is None:
                if not self.buffer.is_due(now, due_size(destination.buffer_bytes), destination.buffer_seconds):
                    return
                self.buffer.pending = self._next_object()
            if self.buffer.pending.stored is not None or not may_call():
                return
            self.buffer.pending.stored = self._caller.start(partial(self._put, self.buffer.pending))

    def take_stored(self) -> Sequence[Record]:
        """Returns the records of the object whose storing has ended; none while it goes on.

        Raises:
            BlockedError: it could not be stored.
        """
        pending = self.buffer.pending
        if pending is None or pending.stored is None or not pending.stored.done():
            return ()
        stored, pending.stored = pending.stored, None
        stored.result()
        self.buffer.delivered(pending)
        return pending.records

    def wait(self, seconds: float) -> None:
        """Waits until the object that is being stored is, at most so long."""
        if self.buffer.pending and self.buffer.pending.stored:
            wait([self.buffer.pending.stored], seconds)

    def _next_object(self) -> PendingObject:
        destination = self._stream.destination
        records, body = self.buffer.take(destination.buffer_bytes)
        prefix = (
            error_prefix(destination.error_prefix, destination.prefix)
            if self._error_type
            else data_prefix(destination.prefix)
        )
        key = object_name(
            prefix,
            name=self._stream.name,
            version=self._stream.version,
            extension=destination.extension,
            arrival_ms=min(record.arrival_ms for record in records),
            now=self._wall(),
            zone=destination.time_zone,
            error_type=self._error_type,
        )
        return PendingObject(key, body, records)

    def _put(self, pending: PendingObject) -> None:
        body, is_successful = compress(self._stream.destination.compression, pending.key, pending.body), False
        try:
            self._store.put(pending.key, body)
            is_successful = True
        finally:
            self._meter.put(successful=is_successful)
