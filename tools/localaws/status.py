"""The status of local AWS: its two processes, and each delivery stream."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from tools import files
from tools.errors import LakeError
from tools.localaws import process, service
from tools.localaws.state_folder import REMEDY, StateFolder

if TYPE_CHECKING:
    from pathlib import Path

STALE_SECONDS: Final = 15.0
"""A delivery worker whose last heartbeat is older hangs; it writes one every two seconds, whatever it does."""

RESTART_HINT: Final = f"start it again with: {service.STOP_COMMAND} && {service.START_COMMAND}"


@dataclass(frozen=True)
class StreamStatus:
    """The status of one delivery stream, as the worker last wrote it; times are UTC, ISO 8601.

    `state` is "delivering"; "held" while delivery cannot continue (`last_error` says why); "hung" when `busy_with` has
    taken longer than it can; "dead" until the worker starts it again; "unknown" without a heartbeat of the worker.
    `busy_with` is the call that takes longer than a moment, for `busy_seconds` so far.
    """

    account_id: str
    name: str
    state: str
    delivered_records: int
    failed_records: int
    dropped_records: int
    delivered_objects: int
    backlog_records: int
    behind_milliseconds: int
    last_delivery: str | None
    last_error: str | None
    last_error_at: str | None
    busy_with: str | None = None
    busy_seconds: int = 0
    call_seconds: dict[str, float] = field(default_factory=dict)
    """Action -> seconds that its calls have taken together, since the worker took up the stream."""


@dataclass(frozen=True)
class Heartbeat:
    """What the worker last wrote: its process, when (UTC), how many seconds ago, and its delivery streams."""

    pid: int
    at: str
    age_seconds: float
    streams: tuple[StreamStatus, ...]

    @property
    def is_stale(self) -> bool:
        """Whether it is too old to say how things are."""
        return not 0 <= self.age_seconds <= STALE_SECONDS


@dataclass(frozen=True)
class Status:
    """The processes (None: not running), where the emulator listens, and the delivery streams.

    What `streams` say was so at `heartbeat_at` (UTC).
    """

    home: str
    endpoint_url: str | None
    emulator_pid: int | None
    emulator_healthy: bool
    worker_pid: int | None
    worker_hangs: bool
    heartbeat_at: str | None
    streams: tuple[StreamStatus, ...]
    orphan_pids: dict[str, int] = field(default_factory=dict)
    """Part -> id of a process that works in the folder and is not recorded."""

    @property
    def is_running(self) -> bool:
        """Whether both processes run and get on, no others do, and the emulator answers."""
        is_working = self.worker_pid is not None and not self.worker_hangs
        return self.emulator_healthy and is_working and not self.orphan_pids

    @property
    def is_well(self) -> bool:
        """Whether it runs and no delivery stream is held, hung or dead."""
        return self.is_running and all(stream.state == "delivering" for stream in self.streams)


def read_heartbeat(folder: StateFolder) -> Heartbeat | None:
    """Returns the delivery worker's last heartbeat; None when there is none that can be read."""
    try:
        content = files.read_json(folder.delivery_status, REMEDY) or {}
        streams = tuple(StreamStatus(**each) for each in content["streams"])
        age = monotonic() - float(content["monotonic"])
        return Heartbeat(int(content["pid"]), str(content["at"]), age, streams)
    except (LakeError, KeyError, TypeError, ValueError):
        return None


def read(home: Path) -> Status:
    """Returns the status of the local AWS with its state in `home`."""
    folder = StateFolder(home)
    emulator, worker = (process.find_recorded(folder.process_file(part)) for part in ("emulator", "delivery"))
    local = service.connect(home) if emulator else None
    heartbeat = read_heartbeat(folder)
    is_current = heartbeat and worker and heartbeat.pid == worker.pid and not heartbeat.is_stale
    streams = heartbeat.streams if heartbeat else ()
    return Status(
        home=str(home),
        endpoint_url=local.endpoint_url if local else None,
        emulator_pid=emulator.pid if emulator else None,
        emulator_healthy=local is not None and service.is_healthy(local),
        worker_pid=worker.pid if worker else None,
        worker_hangs=worker is not None and not is_current,
        heartbeat_at=heartbeat.at if heartbeat else None,
        streams=streams if is_current else tuple(replace(each, state="unknown") for each in streams),
        orphan_pids=service.find_orphans(folder),
    )


def to_json(status: Status) -> dict[str, Any]:
    """Returns the status in the shape that `status --json` prints."""
    return {**asdict(status), "running": status.is_running, "well": status.is_well}


def lines(status: Status) -> list[str]:
    """Returns the status in lines for people."""
    if status.emulator_pid is None:
        emulator = f"not running; start it with: {service.START_COMMAND}"
    else:
        health = "healthy" if status.emulator_healthy else "not answering"
        emulator = f"{health}, pid {status.emulator_pid}, {status.endpoint_url}"
    if status.worker_pid is None:
        worker = f"not running; start it with: {service.START_COMMAND}"
    elif status.worker_hangs:
        worker = f"hangs, pid {status.worker_pid}, last heartbeat {status.heartbeat_at or 'never'}; {RESTART_HINT}"
    else:
        worker = f"running, pid {status.worker_pid}"
    result = [f"emulator  {emulator}", f"delivery  {worker}"]
    result += [f"{part:8}  {service.describe_orphan(part, pid)}" for part, pid in status.orphan_pids.items()]
    for stream in status.streams:
        result += _stream_lines(stream, status.heartbeat_at)
    return result


def _stream_lines(stream: StreamStatus, heartbeat_at: str | None) -> list[str]:
    as_of = f" since {heartbeat_at}; until then" if stream.state == "unknown" else ""
    busy = f", busy with {stream.busy_with} for {stream.busy_seconds} s" if stream.busy_with else ""
    result = [
        f"{stream.name} (account {stream.account_id}): {stream.state}{as_of}{busy}",
        f"  delivered {stream.delivered_records} records in {stream.delivered_objects} objects, "
        f"failed {stream.failed_records}, dropped {stream.dropped_records}, backlog {stream.backlog_records}",
    ]
    if stream.last_error:
        result.append(f"  last error {stream.last_error_at}: {stream.last_error}")
    return result
