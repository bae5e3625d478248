"""Runs a load: writes, waits until the delivery worker says that all is delivered, and reads the lake."""

from __future__ import annotations

import os
from contextlib import nullcontext
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

from tools.cli import console
from tools.errors import LakeError
from tools.lake import objects
from tools.localaws import process, service, status
from tools.localaws.load.changes import Plan, Texts, record_bytes
from tools.localaws.load.judging import Judge
from tools.localaws.load.metering import Meter
from tools.localaws.load.writing import Writing

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

    from tools.deployments.outputs import Outputs
    from tools.localaws.load.metering import Use
    from tools.localaws.state_folder import StateFolder
    from tools.localaws.status import StreamStatus

_POLL_SECONDS: Final = 0.5
_SETTLE_SECONDS: Final = 20.0
"""Without a new object for so long, all are read."""

_STOP_SECONDS: Final = 10.0
_QUIET_SECONDS: Final = 120.0
"""Without any delivery for so long, what is missing will not come."""


@dataclass(frozen=True)
class Result:
    """What a load came to: seconds count from the first change, those of delivering a backlog from its start."""

    changes: int
    bytes: int
    """Of the texts of all changes."""

    record_bytes: int
    """The same in change records, which hold an item as it is and as it was before."""

    written_seconds: float
    delivered_seconds: float
    duplicates: int
    faults: tuple[str, ...]
    hop_seconds: dict[str, float] = field(default_factory=dict)
    """Hop -> seconds that its calls have taken together; calls of different hops overlap."""

    uses: dict[str, Use] = field(default_factory=dict)


class Load:
    """A load on one table of a deployment on local AWS."""

    def __init__(
        self,
        folder: StateFolder,
        dynamodb: DynamoDBClient,
        s3: S3Client,
        outputs: Outputs,
        table: str | None,
        *,
        quiet: bool,
    ) -> None:
        self._folder = folder
        self._table, self._described = outputs.table(table)
        self._bucket = outputs.bucket_name or ""
        self._dynamodb, self._s3 = dynamodb, s3
        self._quiet = quiet

    def run(
        self, plan: Plan, *, writers: int, seconds: float | None, backlog: bool = False, rate: float | None = None
    ) -> Result:
        """Writes the plan's changes, for at most so many seconds, at most `rate` a second, and judges what arrives.

        With `backlog` the delivery worker is stopped while they are written.

        Raises:
            LakeError: the table is none for a load, or delivery does not get on.
        """
        key_name, texts = self._key_name(), Texts()
        known = {found.key for found in self._objects()}
        first = self._stream()
        writing = Writing(self._dynamodb, self._table, key_name, texts)
        if backlog:
            process.stop(self._folder.process_file("delivery"), _STOP_SECONDS)
        try:
            with Meter({"load": os.getpid(), **self._running()}) as meter:
                began = monotonic()
                with self._counting("writing", plan.changes) as progress:
                    writing.run(plan, writers, seconds, progress, rate=rate)
                written_at = monotonic()
                if backlog:
                    self._start_worker()
                    meter.add(self._running())
                with self._counting("delivering", len(writing.written)) as progress:
                    delivered_at = self._wait(first, len(writing.written), progress)
        finally:
            if backlog:
                self._start_worker()
        last = self._stream()
        with console.waiting("reading the lake", quiet=self._quiet):
            judge = self._read(Judge(writing.written, texts, key_name), known)
        verdict = judge.verdict()
        return Result(
            changes=len(writing.written),
            bytes=sum(change.size for change in writing.written),
            record_bytes=record_bytes(writing.written),
            written_seconds=round(written_at - began, 1),
            delivered_seconds=round(delivered_at - (written_at if backlog else began), 1),
            duplicates=verdict.duplicates,
            faults=verdict.faults,
            hop_seconds={"put": round(writing.call_seconds, 1), **_hops({} if backlog else first.call_seconds, last)},
            uses=meter.uses(),
        )

    def _start_worker(self) -> None:
        with console.silent(quiet=self._quiet):
            service.up(self._folder.root)

    def _running(self) -> dict[str, int]:
        found = {part: process.find_recorded(self._folder.process_file(part)) for part in service.PARTS}
        return {part: each.pid for part, each in found.items() if each}

    def _key_name(self) -> str:
        described = self._dynamodb.describe_table(TableName=self._table)["Table"]
        keys = [each["AttributeName"] for each in described["KeySchema"]]
        types = {each["AttributeName"]: each["AttributeType"] for each in described["AttributeDefinitions"]}
        if len(keys) != 1 or types[keys[0]] != "S" or self._described.rules:
            raise LakeError(
                f"table {self._table} is none for a load, which takes one with one text as its key and without rules; "
                "choose another with --table NAME"
            )
        return keys[0]

    def _stream(self) -> StreamStatus:
        stream = self._find_stream()
        if stream is None:
            name = self._described.delivery_stream_name
            raise LakeError(f"the delivery worker does not know {name} yet; try again in a few seconds")
        return stream

    def _find_stream(self) -> StreamStatus | None:
        heartbeat = status.read_heartbeat(self._folder)
        streams = heartbeat.streams if heartbeat else ()
        return next((each for each in streams if each.name == self._described.delivery_stream_name), None)

    def _objects(self) -> list[objects.LakeObject]:
        return list(objects.list_objects(self._s3, self._bucket, self._described.data_prefix))

    def _wait(self, first: StreamStatus, changes: int, progress: Callable[[int], None]) -> float:
        """Returns when the worker said that so many more are done."""
        done, moved_at = 0, monotonic()
        while done < changes:
            sleep(_POLL_SECONDS)
            stream, now = self._find_stream(), monotonic()
            more = _done(stream) - _done(first) - done if stream else 0
            if more > 0:
                done, moved_at = done + more, now
                progress(more)
            elif now - moved_at > _QUIET_SECONDS:
                why = f"{stream.state}: {stream.last_error or 'without an error'}" if stream else "no delivery stream"
                raise LakeError(f"{changes - done:,} of {changes:,} changes do not arrive; {why}")
        return moved_at

    def _read(self, judge: Judge, known: set[str]) -> Judge:
        """Reads objects that are not known, until no change is missing or nothing has been added for a while.

        What was delivered may have been changes of somebody else.
        """
        added_at = monotonic()
        while True:
            found = [each.key for each in self._objects() if each.key not in known]
            for key in found:
                for line in objects.read_lines(self._s3, self._bucket, key):
                    judge.take(line)
            known |= set(found)
            added_at = monotonic() if found else added_at
            if not judge.missing or monotonic() - added_at > _SETTLE_SECONDS:
                return judge
            sleep(_POLL_SECONDS)

    def _counting(self, what: str, total: int) -> AbstractContextManager[Callable[[int], None]]:
        if self._quiet:
            return nullcontext(lambda _: None)
        if not console.out.is_terminal:
            console.say(f"{what} {total:,} changes")
        return console.counting(what, total)


def lines(result: Result) -> list[str]:
    """Returns the result in lines for people."""
    items, records = result.bytes / 1e6, result.record_bytes / 1e6
    shown = [f"{result.changes:,} changes, {items:,.1f} MB of items, {records:,.1f} MB of change records"]
    for what, seconds in (("written", result.written_seconds), ("delivered", result.delivered_seconds)):
        rates = (
            f"{result.changes / seconds:,.0f} changes/s",
            f"{items / seconds:.2f}",
            f"{records / seconds:.2f} MB/s",
        )
        shown.append(f"  {what:10} {seconds:8.1f} s {' '.join(f'{rate:>16}' for rate in rates)}")
    shown += [f"  in calls   {seconds:8.1f} s {hop}" for hop, seconds in result.hop_seconds.items()]
    shown += [
        f"  processor  {use.cpu_seconds:8.1f} s {name}, {use.peak_bytes / 2**20:,.0f} MiB at most"
        for name, use in result.uses.items()
    ]
    if result.duplicates:
        shown.append(f"  {result.duplicates:,} records were delivered more than once, which may be")
    return shown


def _done(stream: StreamStatus) -> int:
    return stream.delivered_records + stream.failed_records + stream.dropped_records


def _hops(before: dict[str, float], last: StreamStatus) -> dict[str, float]:
    return {action: round(seconds - before.get(action, 0.0), 1) for action, seconds in last.call_seconds.items()}
