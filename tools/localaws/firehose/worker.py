"""Runs one thread for each delivery stream of local AWS, and writes the status of each to a file."""

from __future__ import annotations

import logging
import math
import os
import threading
from dataclasses import asdict
from datetime import UTC, datetime
from time import monotonic, time
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from tools import files
from tools.errors import LakeError
from tools.localaws import service
from tools.localaws.firehose import configuration
from tools.localaws.firehose.adapters import KinesisSource, LambdaFunction, LogGroup, S3Store
from tools.localaws.firehose.buffers import BUFFERED_BYTES, MIN_BUFFERED_BYTES
from tools.localaws.firehose.calls import Call, Calls, Slots
from tools.localaws.firehose.checkpoints import CheckpointFile
from tools.localaws.firehose.engine import Engine
from tools.localaws.firehose.error_texts import one_line
from tools.localaws.firehose.metrics import BEHIND, FRESHNESS, Meter
from tools.localaws.firehose.publishing import Publisher
from tools.localaws.firehose.reporting import REPEAT_SECONDS, StreamReporter
from tools.localaws.firehose.roles import ClientFactory
from tools.localaws.status import StreamStatus

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mypy_boto3_firehose.type_defs import ListDeliveryStreamsInputRequestTypeDef

    from tools.localaws.firehose.configuration import DeliveryStream
    from tools.localaws.firehose.metrics import Samples
    from tools.localaws.state_folder import StateFolder

_REFRESH_SECONDS: Final = 2.0
"""How often new, changed and deleted delivery streams are looked for."""

_BEAT_SECONDS: Final = 2.0
"""How often the heartbeat is written, whatever the threads do."""

_REFRESH_LIMIT_SECONDS: Final = 120.0
"""Without a heartbeat from then on, when the search for delivery streams does not return: its calls give up earlier."""

_FINISH_SECONDS: Final = 3.0
"""How long an object that is being stored may take when its delivery stream, or the worker, is to stop."""

_SLOW_SECONDS: Final = 5.0
"""A call that takes longer is told in the status."""

_log = logging.getLogger("delivery")


class Delivery:
    """Delivers one stream in a thread of its own, from its checkpoint on, until it is stopped."""

    def __init__(
        self, clients: ClientFactory, stream: DeliveryStream, checkpoints: Path, share: Callable[[], int], slots: Slots
    ) -> None:
        self.stream = stream
        self._share = share
        self.clients = clients
        self._checkpoints = checkpoints
        self._stop, self._wake = threading.Event(), threading.Event()
        self._calls = Calls(stream.name, self._wake.set, slots)
        self._engine: Engine | None = None
        self._reporter = StreamReporter(stream, LogGroup(clients, stream).put, time, monotonic)
        self._meter = Meter()
        self._lag = (monotonic(), 0.0)
        self._thread = threading.Thread(target=self._run, name=stream.name, daemon=True)
        self._step_began: float | None = None

    def start(self) -> None:
        """Begins to deliver."""
        self._thread.start()

    def stop(self) -> None:
        """Makes the thread end after its current step, and the object that it stores."""
        self._stop.set()
        self._wake.set()

    def wait(self, seconds: float) -> None:
        """Waits until the thread has ended, at most this long."""
        self._thread.join(seconds)

    def is_alive(self) -> bool:
        """Returns whether the thread still runs."""
        return self._thread.is_alive()

    def status(self) -> StreamStatus:
        """Returns the current status."""
        engine = self._engine
        progress = engine.progress if engine else None
        busy = self._busy(monotonic())
        busy_seconds = monotonic() - busy.at if busy else 0.0
        if not self.is_alive():
            state = "dead"
        elif busy and busy_seconds > busy.limit_seconds:
            state = "hung"
        else:
            state = "held" if engine is None or engine.blocked_by else "delivering"
        return StreamStatus(
            account_id=self.stream.account_id,
            name=self.stream.name,
            state=state,
            busy_with=(busy.action or "its own work") if busy and busy_seconds > _SLOW_SECONDS else None,
            busy_seconds=round(busy_seconds) if busy_seconds > _SLOW_SECONDS else 0,
            delivered_records=progress.delivered_records if progress else 0,
            failed_records=progress.failed_records if progress else 0,
            dropped_records=progress.dropped_records if progress else 0,
            delivered_objects=progress.delivered_objects if progress else 0,
            backlog_records=engine.backlog if engine else 0,
            behind_milliseconds=engine.behind_ms if engine else 0,
            last_delivery=_iso(progress.last_delivery) if progress else None,
            last_error=self._reporter.last_error,
            last_error_at=_iso(self._reporter.last_error_at),
            call_seconds=self.clients.calls.seconds(self.stream.role_arns),
        )

    def collect(self, now: float) -> Samples:
        """Returns what was counted since the last call, with how far delivery is behind at `now`."""
        engine = self._engine
        if engine:
            self._lag = (now, engine.lag_ms(now))
            age = engine.oldest_age(now)
            if age is not None:
                self._meter.add(FRESHNESS, round(age, 3))
        # Without an engine nothing is read: it falls behind.
        measured_at, lag = self._lag
        self._meter.add(BEHIND, round(lag + (now - measured_at) * 1000))
        return self._meter.take()

    def _busy(self, now: float) -> Call | None:
        """Returns what the thread does, and since when; None when it waits for its next step."""
        log = self.clients.calls
        began, last = self._step_began, log.last(self._thread.ident)
        busy = [call for thread in self._calls.threads() if (call := log.last(thread)) and call.action]
        if began is not None and began <= now:
            busy.append(last if last and last.at > began else Call(None, began))
        # What is closest to its limit, or farthest beyond.
        return max(busy, key=lambda call: now - call.at - call.limit_seconds, default=None)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._step_began = monotonic()
            try:
                self._engine = self._engine or self._new_engine()
                pause = self._engine.step(monotonic())
            except LakeError as error:
                self._engine, pause = None, REPEAT_SECONDS
                self._reporter.report_error("Checkpoint", str(error))
            except Exception as error:  # noqa: BLE001  # logged, and started again
                # A defect of ours, or a full disk: records after the checkpoint are read again.
                self._engine, pause = None, 5.0
                _log.exception("%s: starting again from its checkpoint", self.stream.name)
                self._reporter.report_error("Internal", f"{type(error).__name__}: {one_line(error)}")
            self._step_began = None
            self._wake.wait(pause)
            self._wake.clear()
        if self._engine:
            self._engine.finish(monotonic(), _FINISH_SECONDS)

    def _new_engine(self) -> Engine:
        clients, stream = self.clients, self.stream
        checkpoint = CheckpointFile(self._checkpoints, *stream.identity)
        return Engine(
            stream,
            source=KinesisSource(clients, stream),
            function=LambdaFunction(clients, stream),
            store=S3Store(clients, stream),
            checkpoints=checkpoint,
            reporter=self._reporter,
            share=self._share,
            caller=self._calls,
            meter=self._meter,
        )


class Worker:
    """Delivers the delivery streams of all accounts of one local AWS."""

    def __init__(self, home: StateFolder, metrics_seconds: float = 60.0) -> None:
        self._home = home
        self._publisher = Publisher(
            self._collect, lambda account: self._clients.root(account, "cloudwatch"), metrics_seconds
        )
        self._local = service.connect(home.root)
        self._clients = ClientFactory(self._local)
        self._deliveries: dict[str, Delivery] = {}
        self._slots = Slots()
        self._stop = threading.Event()
        self._refreshed_at = monotonic()
        self._logged_at: dict[str, float] = {}

    def stop(self) -> None:
        """Makes `run` return after its current step."""
        self._stop.set()

    def run(self) -> None:
        """Delivers until stopped; waits while the emulator does not answer."""
        self._write_status()
        heart = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        heart.start()
        self._publisher.start()
        while not self._stop.is_set():
            self._refresh()
            self._refreshed_at = monotonic()
            self._stop.wait(_REFRESH_SECONDS)
        heart.join(_BEAT_SECONDS)
        for delivery in self._deliveries.values():
            delivery.stop()
        deadline = monotonic() + _FINISH_SECONDS
        for delivery in self._deliveries.values():
            delivery.wait(max(0.0, deadline - monotonic()))
        self._publisher.stop()
        self._write_status()

    def _beat(self) -> None:
        while not self._stop.wait(_BEAT_SECONDS):
            if monotonic() - self._refreshed_at < _REFRESH_LIMIT_SECONDS:
                self._write_status()

    def _refresh(self) -> None:
        try:
            streams = {stream.arn: stream for account in service.ACCOUNTS for stream in self._streams(account)}
        except (ClientError, BotoCoreError) as error:
            self._log_error("the emulator", f"does not answer, waiting for it ({one_line(error)})")
            self._reconnect()
            return
        for arn, delivery in list(self._deliveries.items()):
            is_current = streams.get(arn) == delivery.stream and delivery.clients is self._clients
            if not is_current or not delivery.is_alive():
                delivery.stop()
                # One at a time: two would deliver the same records and overwrite each other's checkpoint.
                delivery.wait(_REFRESH_SECONDS)
                if not delivery.is_alive():
                    del self._deliveries[arn]
                    if arn not in streams:
                        _log.info("%s: deleted", delivery.stream.name)
        for arn, stream in streams.items():
            if arn not in self._deliveries:
                _log.info("%s (account %s): delivering %s", stream.name, stream.account_id, stream.source_arn)
                self._deliveries[arn] = Delivery(
                    self._clients, stream, self._home.checkpoints, self._share, self._slots
                )
                self._deliveries[arn].start()

    def _share(self) -> int:
        """Returns how many bytes one delivery stream may have read and not delivered."""
        return max(MIN_BUFFERED_BYTES, BUFFERED_BYTES // max(1, len(self._deliveries)))

    def _collect(self) -> list[tuple[DeliveryStream, Samples]]:
        now = monotonic()
        return [(each.stream, each.collect(now)) for each in list(self._deliveries.values())]

    def _reconnect(self) -> None:
        # It may have been started again on another port.
        try:
            local = service.connect(self._home.root)
        except LakeError:
            return
        if local != self._local:
            _log.info("the emulator has moved to %s", local.endpoint_url)
            self._local, self._clients = local, ClientFactory(local)

    def _streams(self, account: str) -> list[DeliveryStream]:
        client = self._clients.root(account, "firehose")
        names: list[str] = []
        while True:
            request: ListDeliveryStreamsInputRequestTypeDef = {"Limit": 100}
            if names:
                request["ExclusiveStartDeliveryStreamName"] = names[-1]
            page = client.list_delivery_streams(**request)
            names += page["DeliveryStreamNames"]
            if not page["HasMoreDeliveryStreams"]:
                break
        streams = []
        for name in names:
            description = client.describe_delivery_stream(DeliveryStreamName=name)["DeliveryStreamDescription"]
            if description["DeliveryStreamStatus"] != "ACTIVE":
                continue
            try:
                stream = configuration.parse(description)
            except configuration.NotSupportedError as error:
                self._log_error(name, f"not delivered: local AWS does not imitate {error}")
                continue
            if stream:
                streams.append(stream)
        return streams

    def _log_error(self, what: str, message: str) -> None:
        if monotonic() - self._logged_at.get(what + message, -math.inf) > REPEAT_SECONDS:
            self._logged_at[what + message] = monotonic()
            _log.error("%s: %s", what, message)

    def _write_status(self) -> None:
        beat = {
            "pid": os.getpid(),
            "at": _iso(time()),
            "monotonic": monotonic(),
            "streams": [asdict(delivery.status()) for delivery in list(self._deliveries.values())],
        }
        try:
            files.write_json(self._home.delivery_status, beat, durable=False)
        except OSError as error:
            self._log_error("the status file", str(error))


def _iso(seconds: float | None) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds") if seconds else None
