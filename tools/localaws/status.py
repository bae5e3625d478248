"""The status of local AWS: its two processes, and each delivery stream."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from tools import files
from tools.localaws import process, service
from tools.localaws.state_folder import REMEDY, StateFolder

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class StreamStatus:
    """The status of one delivery stream, as the worker last wrote it; times are UTC, ISO 8601.

    `state` is "delivering", or "held" while delivery cannot continue (`last_error` says why).
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


@dataclass(frozen=True)
class Status:
    """The processes (None: not running), where the emulator listens, and the delivery streams."""

    home: str
    endpoint_url: str | None
    emulator_pid: int | None
    emulator_healthy: bool
    worker_pid: int | None
    streams: tuple[StreamStatus, ...]
    orphan_pids: dict[str, int] = field(default_factory=dict)
    """Part -> id of a process that works in the folder and is not recorded."""

    @property
    def is_running(self) -> bool:
        """Whether both processes run, no others do, and the emulator answers."""
        return self.emulator_healthy and self.worker_pid is not None and not self.orphan_pids


def read(home: Path) -> Status:
    """Returns the status of the local AWS with its state in `home`."""
    folder = StateFolder(home)
    emulator, worker = (process.find_recorded(folder.process_file(part)) for part in ("emulator", "delivery"))
    local = service.connect(home) if emulator else None
    described = (files.read_json(folder.delivery_status, REMEDY) or {}).get("streams", [])
    return Status(
        home=str(home),
        endpoint_url=local.endpoint_url if local else None,
        emulator_pid=emulator.pid if emulator else None,
        emulator_healthy=local is not None and service.is_healthy(local),
        worker_pid=worker.pid if worker else None,
        streams=tuple(StreamStatus(**each) for each in described),
        orphan_pids=service.find_orphans(folder),
    )


def to_json(status: Status) -> dict[str, Any]:
    """Returns the status in the shape that `status --json` prints."""
    return {**asdict(status), "running": status.is_running}


def lines(status: Status) -> list[str]:
    """Returns the status in lines for people."""
    if status.emulator_pid is None:
        emulator = f"not running; start it with: {service.START_COMMAND}"
    else:
        health = "healthy" if status.emulator_healthy else "not answering"
        emulator = f"{health}, pid {status.emulator_pid}, {status.endpoint_url}"
    worker = (
        f"running, pid {status.worker_pid}"
        if status.worker_pid
        else f"not running; start it with: {service.START_COMMAND}"
    )
    result = [f"emulator  {emulator}", f"delivery  {worker}"]
    result += [f"{part:8}  {service.describe_orphan(part, pid)}" for part, pid in status.orphan_pids.items()]
    for stream in status.streams:
        result.append(f"{stream.name} (account {stream.account_id}): {stream.state}")
        result.append(
            f"  delivered {stream.delivered_records} records in {stream.delivered_objects} objects, "
            f"failed {stream.failed_records}, dropped {stream.dropped_records}, backlog {stream.backlog_records}"
        )
        if stream.last_error:
            result.append(f"  last error {stream.last_error_at}: {stream.last_error}")
    return result
