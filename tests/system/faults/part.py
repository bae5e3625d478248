"""A part of a deployed lake that no table writes to, with work for each of the tools that hold a table's lease."""

from __future__ import annotations

import base64
import dataclasses
import gzip
import json
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tests.plan.state_table import StateTable
from tests.system.truth.arrivals import LakeInDuckDb
from tools.lake import objects
from tools.lake.reconcile import items
from tools.lake.reconcile.comparison import Open
from tools.lake.replay.selection import Selection
from tools.operations import compacting, replaying
from tools.operations.compaction_run import CompactionRun
from tools.operations.repairing import Repair
from tools.operations.replay_run import Function, ReplayRun

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tools.operations.reconciled_table import ReconciledTable

REPLAY, REPAIR, COMPACT, MERGE = TOOLS = ("replay", "repair", "compact", "merge")
OBJECTS, LINES, FAILED, MISSING = 3, 10, 20, 5
"""Small objects, lines of each, failed records, and items that the table has and this part of the lake does not."""

HOUR: Final = "cdc_date=2026-01-31/cdc_hour=05"
FIRST_US: Final = 1_769_838_030_000_000
LIMIT_SECONDS: Final = 60


class Gate:
    """Holds whoever comes to it, until it is opened."""

    def __init__(self) -> None:
        self._reached, self._open = threading.Event(), threading.Event()

    def hold(self) -> None:
        """Waits here until the gate is open."""
        self._reached.set()
        assert self._open.wait(LIMIT_SECONDS), "the gate was not opened"

    def is_reached(self) -> bool:
        """Returns whether somebody has come to the gate, or comes in time."""
        return self._reached.wait(LIMIT_SECONDS)

    def open(self) -> None:
        """Lets everybody through from now on."""
        self._open.set()


class Part:
    """A part of the lake, called `name`.

    Args:
        deployed: the deployment.
        table: a table of it that has a current state, with a key `id`.
        machine: the state machine of the table.
        catalog: the table in the catalog.
        name: of the part.

    Attributes:
        writes: where each tool comes before it writes its first row, under the lease.
        waits: where a merge comes that waits for the lease.
    """

    def __init__(
        self, deployed: Any, table: ReconciledTable, machine: Mapping[str, Any], catalog: Mapping[str, Any], name: str
    ) -> None:
        self._deployed, self._real, self._name = deployed, table, name
        self._s3, self._bucket = deployed.client("s3"), deployed.outputs.bucket_name
        self._data, self._errors, self._ledger = (f"{each}/{name}/" for each in ("data", "errors", "ledger"))
        outputs = msgspec.structs.replace(table.outputs, data_prefix=self._data, error_prefix=self._errors)
        self._table = dataclasses.replace(table, name=name, outputs=outputs)
        self.writes, self.waits = Gate(), Gate()
        definition = machine["definition"].replace(f"ledger/{table.name}/", self._ledger)
        self._state = StateTable(_Database(catalog, self.writes), {**machine, "definition": definition})
        self._state.bucket = self._state.machine.clock = _Bucket(self._s3, self._bucket, self._wait)
        self._done: Counter[str] = Counter()
        self._planted = [row(f"{name}-{number}") for number in range(OBJECTS * LINES)]
        self._missing = [
            {"id": {"S": f"{name}-missing-{number}"}, "note": {"S": "missing"}} for number in range(MISSING)
        ]

    def plant(self) -> None:
        """Puts small objects and failed records there, and what is missing into the table."""
        for number in range(OBJECTS):
            self._put(f"{self._data}{HOUR}/{number}.gz", self._planted[number::OBJECTS])
        failures = [failure(f"{self._name}-failed-{number}") for number in range(FAILED)]
        self._put(f"{self._errors}processing-failed/{HOUR}/lost.gz", failures)
        for item in self._missing:
            self._deployed.client("dynamodb").put_item(TableName=self._real.name, Item=item)

    def run(self, tool: str) -> None:
        """Runs a tool to its end.

        Raises:
            LakeError: another is at work.
        """
        getattr(self, f"_{tool}")()
        self._done[tool] += 1

    def wrong(self) -> list[str]:
        """Returns what is doubled, lost, changed or left behind, after tools have run."""
        lines = self._lines(self._data)
        counted = Counter(json.loads(line)["cdc_event_id"] for line in lines)
        wrong = [f"{number} times: {event}" for event, number in counted.items() if number > 1]
        wrong += [f"lost or changed: {line!r}" for line in self._planted if line.decode() not in lines]
        replayed = {f"{self._name}-failed-{number}" for number in range(FAILED)} if self._done[REPLAY] else set()
        found = Counter(json.loads(line)["id"] for line in lines)
        wanted = Counter(json.loads(line)["id"] for line in self._planted) + Counter(replayed)
        wanted += Counter({item["id"]["S"]: self._done[REPAIR] for item in self._missing})
        wrong += [
            f"rows of {key}: {found[key]}, not {wanted[key]}" for key in found | wanted if found[key] != wanted[key]
        ]
        failed = 0 if self._done[REPLAY] else FAILED
        wrong += [f"failed records: {len(left)}" for left in [self._lines(self._errors)] if len(left) != failed]
        wrong += [f"left: {key}" for key in self._deployed.keys(self._ledger) if "/done/" not in key]
        if self._done[MERGE]:
            self._merge()
            wrong += [
                f"not in the state: {key}"
                for key in found.keys() - {each["id"] for each in self._state.current().values()}
            ]
        return wrong

    def _replay(self) -> None:
        run = ReplayRun(
            self._deployed.aws, self._bucket, {self._name: self._table.outputs}, replaying.Settings(Selection(), 1)
        )
        run.replay(run.survey(), Function(self._deployed.aws, self._deployed.outputs))

    def _repair(self) -> None:
        keys = [items.key_text({"id": item["id"]}) for item in self._missing]
        Repair(self._table, "arn:aws:iam::111111111111:root").run(
            Open(items.key_digest(key), None, "missing", key, None, None, 0) for key in keys
        )

    def _compact(self) -> None:
        settings = compacting.Settings(128 << 20, timedelta(hours=1), timedelta())
        run = CompactionRun(self._deployed.aws, self._bucket, settings, wait=True)
        results = run.run(run.survey({self._name: self._data}))
        assert [each.error for found in results.values() for each in found if each.error] == []

    def _merge(self) -> None:
        self._fill()
        execution = self._state.run(datetime.now(UTC))
        assert execution.status == "SUCCEEDED", (execution.error, execution.cause)

    def _wait(self) -> None:
        self.waits.hold()
        self._fill()

    def _fill(self) -> None:
        """Lets the merge read what lies in the lake, which it would do by itself with Athena."""
        rows = [
            {**json.loads(line, parse_int=str), "cdc_date": date, "cdc_hour": hour}
            for key in self._deployed.keys(self._data)
            for date, hour in [[folder.partition("=")[2] for folder in key.split("/")[2:4]]]
            for line in objects.read_lines(self._s3, self._bucket, key)
        ]
        self._state.lake.put(rows)

    def _lines(self, prefix: str) -> list[str]:
        keys = self._deployed.keys(prefix)
        return [line for key in keys for line in objects.read_lines(self._s3, self._bucket, key)]

    def _put(self, key: str, lines: list[bytes]) -> None:
        body = gzip.compress(b"".join(line + b"\n" for line in lines))
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=body)


class _Bucket:
    """The bucket as the merge's state machine reaches it, and its clock: a wait is what `waits` does."""

    def __init__(self, s3: Any, name: str, waits: Callable[[], None]) -> None:
        self._s3, self._name, self._waits = s3, name, waits
        self.now = datetime.now(UTC)

    def wait(self, **_: float) -> None:
        self._waits()
        self.now = datetime.now(UTC)

    def __getattr__(self, operation: str) -> Any:
        return lambda **request: getattr(self._s3, operation)(**{**request, "Bucket": self._name})


class _Database(LakeInDuckDb):
    """A database in which a merge comes to a gate."""

    def __init__(self, catalog: Mapping[str, Any], gate: Gate) -> None:
        super().__init__(catalog)
        self._gate = gate

    def run(self, statement: str) -> None:
        if statement.startswith("MERGE"):
            self._gate.hold()
        super().run(statement)


def row(key: str) -> bytes:
    """Returns a line of the lake."""
    return json.dumps(
        {
            "cdc_event": "INSERT",
            "cdc_event_id": f"event-{key}",
            "cdc_changed_at": "2026-01-31 05:40:30.000000",
            "cdc_changed_at_us": FIRST_US,
            "cdc_sequence_number": "49570000000000000000000000000000000000000000000000000001",
            "cdc_key": json.dumps({"id": key}, separators=(",", ":")),
            "cdc_ttl": False,
            "id": key,
        }
    ).encode()


def failure(key: str) -> bytes:
    """Returns the line of a failed record, the change of an item."""
    change = {
        "eventID": f"event-{key}",
        "eventName": "INSERT",
        "tableName": "at-once",
        "dynamodb": {
            "ApproximateCreationDateTime": FIRST_US,
            "ApproximateCreationDateTimePrecision": "MICROSECOND",
            "Keys": {"id": {"S": key}},
            "NewImage": {"id": {"S": key}},
        },
    }
    record = {
        "attemptsMade": 4,
        "arrivalTimestamp": FIRST_US // 1000,
        "errorCode": "Lambda.FunctionError",
        "errorMessage": "it returned an error result",
        "attemptEndingTimestamp": FIRST_US // 1000,
        "rawData": base64.b64encode(json.dumps(change).encode()).decode(),
        "lambdaArn": "arn",
    }
    return json.dumps(record).encode()
