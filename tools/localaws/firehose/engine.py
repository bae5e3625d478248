"""Moves the records of one delivery stream from its source to its bucket, step by step.

A step reads, transforms, delivers and saves its progress, each when it is due. Progress is saved after delivery: when
the process ends at any point, a new one reads again every record that is not in S3 (delivery at least once).
"""

from __future__ import annotations

import random
import time
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tools.localaws.firehose.buffers import Batch, Incoming, Outgoing
from tools.localaws.firehose.compression import compress
from tools.localaws.firehose.interfaces import BlockedError
from tools.localaws.firehose.metrics import Meter
from tools.localaws.firehose.object_names import data_prefix, error_prefix, object_name
from tools.localaws.firehose.pauses import MAX_PAUSE_SECONDS, Pause
from tools.localaws.firehose.records import RECORD_BYTES
from tools.localaws.firehose.shards import Shards
from tools.localaws.firehose.transformation import (
    PROCESSING_FAILED,
    FailedInvocationError,
    Outcome,
    Result,
    check_response,
    failure_line,
    request,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.localaws.firehose.configuration import DeliveryStream
    from tools.localaws.firehose.interfaces import Checkpoints, Function, Reporter, Source, Store
    from tools.localaws.firehose.records import Record

POLL_SECONDS: Final = 1.0
"""How often a shard without new records is read, as Firehose does."""

BUFFERED_BYTES: Final = 32 * 1024 * 1024
"""So much may be read and not delivered, in all delivery streams of a worker together."""

MIN_BUFFERED_BYTES: Final = 4 * 1024 * 1024
"""So much may be in each, however many they are."""

RETRYING_BATCHES: Final = 16
"""So many batches may wait for another call of the function while later ones go on.

AWS does not say how much goes on; with fewer, a function that fails for everything would hold up its own failures."""


class Engine:
    """The delivery of one stream. Call `step` again and again; not safe for several threads.

    `share` returns how many bytes it may have read and not delivered.

    It waits by the time that `step` gets. `wall` (seconds since the epoch) is only written down: in object names, error
    lines and the status. So a clock that is set back or forth changes nothing that is delivered, nor when.
    """

    def __init__(
        self,
        stream: DeliveryStream,
        *,
        source: Source,
        function: Function,
        store: Store,
        checkpoints: Checkpoints,
        reporter: Reporter,
        jitter: Callable[[], float] = random.random,
        wall: Callable[[], float] = time.time,
        share: Callable[[], int] = lambda: BUFFERED_BYTES,
        meter: Meter | None = None,
    ) -> None:
        self.stream = stream
        self.progress = checkpoints.load()
        self.blocked_by: str | None = None
        """Why delivery cannot continue at the moment; None when it can."""
        self._source = source
        self._function = function
        self._store = store
        self._checkpoints = checkpoints
        self._reporter = reporter
        self._wall = wall
        self._share = share
        self._meter = meter or Meter()
        self._shards = Shards(source, self.progress.positions)
        self._incoming = Incoming()
        self._retrying: list[Batch] = []
        self._delivered, self._failed = Outgoing(), Outgoing()
        self._read_at = 0.0
        self._has_moved = False
        self._unsaved_because: str | None = None
        self._saved = replace(self.progress)
        self._pauses = {name: Pause(jitter) for name in ("read", "transform", "deliver", "fail", "save")}

    @property
    def backlog(self) -> int:
        """How many records were read and are not done."""
        return self._shards.pending

    @property
    def behind_ms(self) -> int:
        """Milliseconds by which reading is behind the newest record."""
        return self._shards.behind_ms

    def lag_ms(self, now: float) -> float:
        """Returns by how many milliseconds reading is behind; it grows while nothing can be read."""
        return self._shards.lag_ms(now)

    def oldest_age(self, now: float) -> float | None:
        """Returns the age of the oldest record that was read and is not done, in seconds; None without one."""
        oldest = self._shards.oldest_at()
        return None if oldest is None else now - oldest

    def step(self, now: float) -> float:
        """Does what is due at `now` (seconds of the monotonic clock) and returns in how many seconds to call again."""
        self._has_moved = False
        reasons = []
        try:
            for name, action in (
                ("read", self._read),
                ("transform", self._transform),
                ("deliver", self._deliver),
                ("fail", self._deliver_failures),
            ):
                # What is delivered and not saved is delivered again by the next process: no more of it.
                if not self._save_progress(now):
                    break
                reasons.append(self._attempt(name, now, action))
        finally:
            # Also when an action failed half way: some of its records may be done.
            self._save_progress(now)
        self.blocked_by = next((reason for reason in (self._unsaved_because, *reasons) if reason), None)
        return 0.0 if self._has_moved and self._shards.has_more and not self.blocked_by else POLL_SECONDS

    def _attempt(self, name: str, now: float, action: Callable[[float], None]) -> str | None:
        pause = self._pauses[name]
        if now < pause.until:
            return self.blocked_by
        try:
            action(now)
        except BlockedError as error:
            pause.failed(now)
            self._reporter.report_error(error.code, str(error))
            self._meter.blocked(error)
            return str(error)
        pause.succeeded()
        return None

    def _read(self, now: float) -> None:
        if now < self._read_at and not self._shards.has_more:
            return
        self._read_at = now + POLL_SECONDS
        for page in self._shards.read(now, self._room):
            self._meter.read(page)
            for record in page:
                self._incoming.add(record, now)
            self._has_moved = self._has_moved or bool(page)

    def _room(self) -> int:
        """Returns how many bytes may be read; 0 when that is too little for a page that is worth it."""
        data = self._incoming.size + sum(batch.size for batch in self._retrying)
        results = self._delivered.size + self._failed.size
        share = self._share()
        room = share - data - results - RECORD_BYTES * self._shards.pending
        return room if room > share // 4 else 0

    def _due_size(self, hint: int) -> int:
        """Returns from how many bytes on a buffer is due: `hint`, or at once when nothing can be read before."""
        return hint if self._room() else 1

    def _transform(self, now: float) -> None:
        processor = self.stream.processor
        if processor is None:
            for record in self._incoming.take_all():
                self._queue_for_delivery(record, record.data, now)
            return
        for batch in [batch for batch in self._retrying if batch.not_before <= now]:
            self._invoke(batch, now)
        while len(self._retrying) < RETRYING_BATCHES and self._incoming.is_due(
            now, self._due_size(processor.buffer_bytes), processor.buffer_seconds
        ):
            batch = self._incoming.take(processor.buffer_bytes)
            # Before the call: when the function cannot be called at all, the batch stays.
            self._retrying.append(batch)
            self._invoke(batch, now)

    def _invoke(self, batch: Batch, now: float) -> None:
        processor = self.stream.processor
        self._has_moved = True
        assert processor is not None  # noqa: S101  # for the type checker: only called with one
        began, is_successful = time.perf_counter(), False
        try:
            payload, function_error = self._function.invoke(request(self.stream, str(uuid.uuid4()), batch.records))
            outcomes = check_response(payload, function_error, batch.records)
            is_successful = True
        except FailedInvocationError as failure:
            batch.attempts += 1
            self._reporter.report_error(failure.code, failure.message, processor.lambda_arn)
            if batch.attempts <= processor.retries:
                batch.not_before = now + min(MAX_PAUSE_SECONDS, 0.5 * 2**batch.attempts)
                return
            self._retrying.remove(batch)
            for record in batch.records:
                self._queue_failure(record, batch.attempts, now, failure)
            return
        finally:
            self._meter.invoked(time.perf_counter() - began, successful=is_successful)
        self._retrying.remove(batch)
        failed = Result.FAILED
        self._meter.processed([each for each in batch.records if outcomes[each.record_id].result is not failed])
        for record in batch.records:
            self._apply_outcome(record, outcomes[record.record_id], batch.attempts + 1, now)

    def _apply_outcome(self, record: Record, outcome: Outcome, attempts: int, now: float) -> None:
        if outcome.result is Result.OK:
            self._queue_for_delivery(record, outcome.data, now)
        elif outcome.result is Result.DROPPED:
            self._shards.mark_done(record)
            self.progress.dropped_records += 1
        else:
            self._queue_failure(record, attempts, now, None)

    def _queue_for_delivery(self, record: Record, data: bytes, now: float) -> None:
        self._delivered.add(record.without_data(), data + b"\n" if self.stream.append_delimiter else data, now)

    def _queue_failure(self, record: Record, attempts: int, now: float, failure: FailedInvocationError | None) -> None:
        lambda_arn = self.stream.processor.lambda_arn if self.stream.processor else ""
        line = failure_line(record, lambda_arn, attempts, self._wall(), failure)
        self._failed.add(record.without_data(), line, now)

    def _deliver(self, now: float) -> None:
        written = self._write(self._delivered, data_prefix(self.stream.destination.prefix), "", now)
        self.progress.delivered_records += written

    def _deliver_failures(self, now: float) -> None:
        destination = self.stream.destination
        prefix = error_prefix(destination.error_prefix, destination.prefix)
        self.progress.failed_records += self._write(self._failed, prefix, PROCESSING_FAILED, now)

    def _write(self, buffer: Outgoing, prefix: str, error_type: str, now: float) -> int:
        destination, stream = self.stream.destination, self.stream
        written = 0
        while buffer.is_due(now, self._due_size(destination.buffer_bytes), destination.buffer_seconds):
            records, body = buffer.peek(destination.buffer_bytes)
            arrival = min(record.arrival_ms for record in records)
            key = object_name(
                prefix,
                name=stream.name,
                version=stream.version,
                extension=destination.extension,
                arrival_ms=arrival,
                now=self._wall(),
                zone=destination.time_zone,
                error_type=error_type,
            )
            self._put(key, compress(destination.compression, key, body))
            if not error_type:
                self._meter.delivered(records, self.oldest_age(now) or 0.0)
            buffer.remove(len(records))
            self._has_moved = True
            for record in records:
                self._shards.mark_done(record)
            self.progress.delivered_objects += 1
            self.progress.last_delivery = self._wall()
            written += len(records)
        return written

    def _put(self, key: str, body: bytes) -> None:
        try:
            self._store.put(key, body)
        except BlockedError:
            self._meter.put(successful=False)
            raise
        self._meter.put(successful=True)

    def _save_progress(self, now: float) -> bool:
        """Returns whether all progress is saved."""
        positions, pause = self._shards.positions(), self._pauses["save"]
        if positions == self._saved.positions and self.progress.dropped_records == self._saved.dropped_records:
            return True
        if now < pause.until:
            return False
        self.progress.positions = positions
        try:
            self._checkpoints.save(self.progress)
        except BlockedError as error:
            pause.failed(now)
            self._unsaved_because = str(error)
            self._reporter.report_error(error.code, str(error))
            return False
        pause.succeeded()
        self._unsaved_because = None
        self._saved = replace(self.progress)
        return True
