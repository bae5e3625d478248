"""Moves the records of one delivery stream from its source to its bucket, step by step.

A step reads, transforms, delivers and saves its progress, each when it is due. Progress is saved after delivery: when
the process ends at any point, a new one reads again every record that is not in S3 (delivery at least once).
"""

from __future__ import annotations

import random
import time
import uuid
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from tools.localaws.firehose.buffers import BUFFERED_BYTES, Batch, Incoming
from tools.localaws.firehose.calls import SLOW_SECONDS
from tools.localaws.firehose.interfaces import BlockedError
from tools.localaws.firehose.metrics import Meter
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
from tools.localaws.firehose.writing import ObjectWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tools.localaws.firehose.configuration import DeliveryStream, Processor
    from tools.localaws.firehose.interfaces import Caller, Checkpoints, Function, Reporter, Source, Store
    from tools.localaws.firehose.records import Record

POLL_SECONDS: Final = 1.0
"""How often a shard without new records is read, as Firehose does."""

RETRYING_BATCHES: Final = 16
"""So many batches may wait for another call of the function while later ones go on.

AWS does not say how much goes on; with fewer, a function that fails for everything would hold up its own failures."""

CALLS: Final = 3
"""So many calls of the function go on at a time. AWS invokes it for each shard by itself."""

CROWDED_SECONDS: Final = 0.1
"""How soon to try again what may not begin because other delivery streams have calls of theirs."""


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
        caller: Caller,
        meter: Meter | None = None,
    ) -> None:
        self.stream = stream
        self.progress = checkpoints.load()
        self.blocked_by: str | None = None
        """Why delivery cannot continue at the moment; None when it can."""
        self._source = source
        self._function = function
        self._checkpoints = checkpoints
        self._reporter = reporter
        self._wall = wall
        self._share = share
        self._caller = caller
        self._meter = meter or Meter()
        self._shards = Shards(source, self.progress.positions)
        self._incoming = Incoming()
        self._batches: list[Batch] = []
        self._delivered, self._failed = (
            ObjectWriter(stream, store, caller, wall=wall, meter=self._meter, error_type=error_type)
            for error_type in ("", PROCESSING_FAILED)
        )
        self._read_at = 0.0
        self._has_moved = self._is_crowded = False
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
        self._has_moved = self._is_crowded = False
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
        if self.blocked_by:
            return POLL_SECONDS
        return 0.0 if self._has_moved else CROWDED_SECONDS if self._is_crowded else POLL_SECONDS

    def finish(self, now: float, seconds: float) -> None:
        """Waits for objects that are being stored, at most so long each, and saves that they are."""
        for writer in (self._delivered, self._failed):
            writer.wait(seconds)
            with suppress(BlockedError):
                self._note_stored(writer.take_stored(), now, is_failure=writer is self._failed)
        self._save_progress(now)

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
        data = self._incoming.size + sum(batch.size for batch in self._batches)
        results = self._delivered.buffer.size + self._failed.buffer.size
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
        while True:
            self._take_answers(processor, now)
            batch = self._next_batch(processor, now)
            if batch is None:
                return
            self._has_moved = True
            batch.called_at = now
            batch.answer = self._caller.start(partial(self._invoke, batch.records))

    def _next_batch(self, processor: Processor, now: float) -> Batch | None:
        """Returns the batch for the next call of the function, None while there is none that may begin."""
        if sum(batch.answer is not None and now - batch.called_at < SLOW_SECONDS for batch in self._batches) >= CALLS:
            return None
        waiting = [batch for batch in self._batches if batch.answer is None and batch.not_before <= now]
        due = self._incoming.is_due(now, self._due_size(processor.buffer_bytes), processor.buffer_seconds)
        if not waiting and (not due or len(self._batches) >= RETRYING_BATCHES):
            return None
        if not self._may_call():
            return None
        if not waiting:
            waiting.append(self._incoming.take(processor.buffer_bytes))
            # Until all its records are done, or given up: when the function cannot be called at all, it stays.
            self._batches.append(waiting[0])
        return waiting[0]

    def _may_call(self) -> bool:
        may = self._caller.may_start()
        self._is_crowded = self._is_crowded or not may
        return may

    def _invoke(self, records: Sequence[Record]) -> dict[str, Outcome]:
        began, is_successful = time.perf_counter(), False
        try:
            payload, function_error = self._function.invoke(request(self.stream, str(uuid.uuid4()), records))
            outcomes = check_response(payload, function_error, records)
            is_successful = True
        finally:
            self._meter.invoked(time.perf_counter() - began, successful=is_successful)
        return outcomes

    def _take_answers(self, processor: Processor, now: float) -> None:
        blocked: BlockedError | None = None
        for batch in [batch for batch in self._batches if batch.answer is not None and batch.answer.done()]:
            answer, batch.answer = batch.answer, None
            assert answer is not None  # noqa: S101  # for the type checker: chosen so
            self._has_moved = True
            try:
                outcomes = answer.result()
            except BlockedError as error:
                blocked = error
            except FailedInvocationError as failure:
                self._retry_or_give_up(batch, processor, failure, now)
            else:
                self._batches.remove(batch)
                failed = Result.FAILED
                self._meter.processed([each for each in batch.records if outcomes[each.record_id].result is not failed])
                for record in batch.records:
                    self._apply_outcome(record, outcomes[record.record_id], batch.attempts + 1, now)
        if blocked:
            raise blocked

    def _retry_or_give_up(self, batch: Batch, processor: Processor, failure: FailedInvocationError, now: float) -> None:
        batch.attempts += 1
        self._reporter.report_error(failure.code, failure.message, processor.lambda_arn)
        if batch.attempts <= processor.retries:
            batch.not_before = now + min(MAX_PAUSE_SECONDS, 0.5 * 2**batch.attempts)
            return
        self._batches.remove(batch)
        for record in batch.records:
            self._queue_failure(record, batch.attempts, now, failure)

    def _apply_outcome(self, record: Record, outcome: Outcome, attempts: int, now: float) -> None:
        if outcome.result is Result.OK:
            self._queue_for_delivery(record, outcome.data, now)
        elif outcome.result is Result.DROPPED:
            self._shards.mark_done(record)
            self.progress.dropped_records += 1
        else:
            self._queue_failure(record, attempts, now, None)

    def _queue_for_delivery(self, record: Record, data: bytes, now: float) -> None:
        self._delivered.buffer.add(record.without_data(), data + b"\n" if self.stream.append_delimiter else data, now)

    def _queue_failure(self, record: Record, attempts: int, now: float, failure: FailedInvocationError | None) -> None:
        lambda_arn = self.stream.processor.lambda_arn if self.stream.processor else ""
        line = failure_line(record, lambda_arn, attempts, self._wall(), failure)
        self._failed.buffer.add(record.without_data(), line, now)

    def _deliver(self, now: float) -> None:
        for records in self._delivered.write(now, self._due_size, self._may_call):
            self._note_stored(records, now, is_failure=False)

    def _deliver_failures(self, now: float) -> None:
        for records in self._failed.write(now, self._due_size, self._may_call):
            self._note_stored(records, now, is_failure=True)

    def _note_stored(self, records: Sequence[Record], now: float, *, is_failure: bool) -> None:
        if records and not is_failure:
            self._meter.delivered(records, self.oldest_age(now) or 0.0)
        for record in records:
            self._shards.mark_done(record)
        self.progress.failed_records += len(records) if is_failure else 0
        self.progress.delivered_records += 0 if is_failure else len(records)
        if records:
            self._has_moved = True
            self.progress.delivered_objects += 1
            self.progress.last_delivery = self._wall()

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
