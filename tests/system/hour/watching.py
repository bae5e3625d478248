"""Watches a deployment on local AWS: its alarms, how late delivery is, and what its processes take."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import psutil

from tools.localaws import process, service, status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tools.deployments.aws import Aws
    from tools.localaws.state_folder import StateFolder

SAMPLE_SECONDS: Final = 10
ALARM: Final = "ALARM"


@dataclass(frozen=True)
class Sample:
    """How it was at a moment.

    Attributes:
        seconds: since the first look.
        backlog: records that the worker has read and not delivered.
        states: streams that do not deliver, with their state.
        resident: name of a process -> MiB of memory.
        cpu_seconds: name of a process -> seconds of the processor since its start.
    """

    seconds: int
    backlog: int
    states: Mapping[str, str]
    resident: Mapping[str, int]
    cpu_seconds: Mapping[str, float]


class Watch:
    """Looks every few seconds, and writes each look as a line of JSON to a file."""

    def __init__(self, home: StateFolder, file: Path) -> None:
        self._home, self._file = home, file
        self._began = monotonic()
        self.samples: list[Sample] = []

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Looks meanwhile, first and last at once."""
        stopped = threading.Event()

        def look() -> None:
            while not stopped.wait(SAMPLE_SECONDS):
                self._look()

        self._look()
        watching = threading.Thread(target=look)
        watching.start()
        try:
            yield
        finally:
            stopped.set()
            watching.join()
        self._look()

    def _look(self) -> None:
        heartbeat = status.read_heartbeat(self._home)
        streams = heartbeat.streams if heartbeat else ()
        processes = {part: process.find_recorded(self._home.process_file(part)) for part in service.PARTS}
        running = {part: psutil.Process(found.pid) for part, found in processes.items() if found}
        times = {part: each.cpu_times() for part, each in running.items()}
        sample = Sample(
            round(monotonic() - self._began),
            sum(each.backlog_records for each in streams),
            {each.name: each.state for each in streams if each.state != "delivering"},
            {part: each.memory_info().rss >> 20 for part, each in running.items()},
            {part: round(each.user + each.system, 1) for part, each in times.items()},
        )
        self.samples.append(sample)
        with self._file.open("a", encoding="utf-8") as out:
            out.write(json.dumps(vars(sample)) + "\n")


def summary(samples: Sequence[Sample]) -> str:
    """Returns backlog, memory and processor time from start to end, in lines."""
    first, last = samples[0], samples[-1]
    shown = [
        f"{len(samples)} looks; backlog: {max(each.backlog for each in samples)} records at most; "
        f"not delivering: {sorted({state for each in samples for state in each.states.values()})}"
    ]
    for part, resident in first.resident.items():
        most = max(each.resident[part] for each in samples)
        used = last.cpu_seconds[part] - first.cpu_seconds[part]
        shown.append(
            f"{part}: {resident} MiB first, {most} at most, {last.resident[part]} last; processor {used:.0f} s"
        )
    return "\n".join(shown)


def freshness(aws: Aws, delivery_stream: str, since: datetime) -> list[float]:
    """Returns how old the oldest change on its way was at most, in seconds, of each minute since then, rising."""
    found = aws.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Firehose",
        MetricName="DeliveryToS3.DataFreshness",
        Dimensions=[{"Name": "DeliveryStreamName", "Value": delivery_stream}],
        StartTime=since,
        EndTime=datetime.now(UTC),
        Period=60,
        Statistics=["Maximum"],
    )
    return sorted(point["Maximum"] for point in found["Datapoints"])


def state_changes(aws: Aws, names: Iterable[str]) -> list[dict[str, Any]]:
    """Returns the changes of state of these alarms, as CloudWatch's history has them."""
    pages = aws.client("cloudwatch").get_paginator("describe_alarm_history")
    wanted = set(names)
    kinds: Any = ["MetricAlarm", "CompositeAlarm"]
    return [
        found
        for page in pages.paginate(AlarmTypes=kinds, HistoryItemType="StateUpdate")
        for found in page["AlarmHistoryItems"]
        if found["AlarmName"] in wanted
    ]


def raised(changes: Iterable[Mapping[str, Any]], since: datetime) -> dict[str, list[str]]:
    """Returns the alarms that were raised since then: name -> when and why, each time."""
    found: dict[str, list[str]] = {}
    for change in changes:
        new = json.loads(change["HistoryData"])["newState"]
        if new["stateValue"] == ALARM and change["Timestamp"] >= since:
            found.setdefault(change["AlarmName"], []).append(f"{change['Timestamp']:%H:%M:%S} {new['stateReason']}")
    return found
