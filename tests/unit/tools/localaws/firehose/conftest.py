"""A delivery stream's surroundings in memory: shards, function, bucket and checkpoint, and a crash at will."""

from __future__ import annotations

import base64
import json
from concurrent.futures import Future
from dataclasses import replace

import pytest

from tools.localaws.firehose.buffers import BUFFERED_BYTES
from tools.localaws.firehose.configuration import MIB, DeliveryStream, Destination, Processor
from tools.localaws.firehose.engine import Engine
from tools.localaws.firehose.interfaces import BlockedError, Page, Progress, Shard
from tools.localaws.firehose.metrics import Meter
from tools.localaws.firehose.records import Record

STREAM = DeliveryStream(
    account_id="111111111111",
    arn="arn:aws:firehose:us-east-1:111111111111:deliverystream/blog-delivery-stream",
    name="blog-delivery-stream",
    version="1",
    created=1_000.0,
    starts=1_000.0,
    source_arn="arn:aws:kinesis:us-east-1:111111111111:stream/blog-data-stream",
    source_role_arn="arn:aws:iam::111111111111:role/delivery",
    destination=Destination(
        bucket="lake",
        role_arn="arn:aws:iam::111111111111:role/delivery",
        prefix="data/t/cdc_date=!{timestamp:yyyy-MM-dd}/",
        error_prefix="errors/t/!{firehose:error-output-type}/cdc_date=!{timestamp:yyyy-MM-dd}/",
        time_zone="UTC",
        buffer_bytes=MIB,
        buffer_seconds=5.0,
        compression="UNCOMPRESSED",
        extension=".json",
        kms_key_arn=None,
        log_group=None,
        log_stream=None,
    ),
    processor=Processor(
        lambda_arn="arn:aws:lambda:us-east-1:111111111111:function:transform",
        role_arn="arn:aws:iam::111111111111:role/delivery",
        retries=3,
        buffer_bytes=MIB,
        buffer_seconds=2.0,
    ),
    append_delimiter=False,
)


class Crash(BaseException):
    """The process is killed."""


class World:
    """Source, function, store, checkpoints and reporter in one; what outlives a process, and what went wrong."""

    def __init__(self) -> None:
        self.stream = STREAM
        self.now = 500.0
        self.clock_set_by = 1_500.0
        self.shards_listed: list[Shard] = []
        self.closed: set[str] = set()
        self.records: dict[str, list[Record]] = {}
        self.objects: dict[str, bytes] = {}
        self.saved_progress: Progress | None = None
        self.reported: list[tuple[str, str]] = []
        self.meter = Meter()
        self.invocations: list[list[dict]] = []
        self.blocked: dict[str, BlockedError] = {}
        self.failures: list[Exception] = []
        self.answer = None
        self.iterators = 0
        self.unwanted: set[bytes] = set()
        self.page_size = 10
        self.limits: list[int] = []
        self.share = BUFFERED_BYTES
        self.operations = 0
        self.crash_at: int | None = None
        self.is_dead = False
        self.holds = lambda _call: False
        self.held: list = []
        self.most_calls = 100

    def add_shard(self, shard_id: str, count: int, *parents: str, closed: bool = False) -> None:
        self.shards_listed.append(Shard(shard_id, parents))
        self.records[shard_id] = [
            Record(
                shard_id,
                f"{shard_id}{index:05}",
                f"pk{index}",
                1_700_000_000_000 + index,
                f"{shard_id}/{index}".encode(),
            )
            for index in range(count)
        ]
        if closed:
            self.closed.add(shard_id)

    def engine(self) -> Engine:
        self.is_dead = False
        return Engine(
            self.stream,
            source=self.Source(self),
            function=self.Function(self),
            store=self.Store(self),
            checkpoints=self.Checkpoints(self),
            reporter=self.Reporter(self),
            jitter=lambda: 1.0,
            wall=lambda: self.now + self.clock_set_by,
            share=lambda: self.share,
            caller=self,
            meter=self.meter,
        )

    def may_start(self) -> bool:
        return len(self.held) < self.most_calls

    def start(self, call):
        """Makes a call at once, as the engine's caller; with `held`, when `let_go` makes it."""
        future = Future()

        def make():
            try:
                future.set_result(call())
            except Exception as error:  # noqa: BLE001  # raised where the result is taken
                future.set_exception(error)

        if self.holds(call):
            self.held.append((call, make))
        else:
            make()
        return future

    def let_go(self) -> None:
        """Makes the calls that are held, and holds none from now on."""
        self.holds = lambda _call: False
        for _, make in self.held:
            make()
        self.held.clear()

    def run(self, engine: Engine, seconds: float) -> None:
        until = self.now + seconds
        while self.now < until:
            self.now += max(engine.step(self.now), 0.001)

    def operation(self, name: str = "") -> None:
        if name in self.blocked:
            raise self.blocked[name]
        if self.is_dead or self.operations == self.crash_at:
            self.is_dead = True
            raise Crash
        self.operations += 1

    def done_data(self) -> set[bytes]:
        """Data of each record that is done: in the bucket, as data or under the error prefix, or dropped."""
        lines = [(key, line) for key, body in self.objects.items() for line in body.splitlines()]
        delivered = {line for key, line in lines if key.startswith("data/")}
        failed = {base64.b64decode(json.loads(line)["rawData"]) for key, line in lines if key.startswith("errors/")}
        dropped = {each.data for records in self.records.values() for each in records if each.data.endswith(b"7")}
        return delivered | failed | dropped

    def all_data(self) -> set[bytes]:
        return {record.data for records in self.records.values() for record in records}

    class Source:
        def __init__(self, world: World) -> None:
            self.world = world

        def shards(self):
            self.world.operation("list")
            return list(self.world.shards_listed)

        def is_new(self, shard_id):
            self.world.operation("look")
            return all(self.is_since_the_start(record) for record in self.world.records[shard_id])

        def is_since_the_start(self, record):
            return record.arrival_ms >= self.world.stream.starts * 1000

        def open(self, shard_id, after):
            self.world.operation("open")
            records = self.world.records[shard_id]
            if after is None:
                since = (index for index, record in enumerate(records) if self.is_since_the_start(record))
                return f"{self.world.iterators}:{next(since, len(records))}"
            numbers = [record.sequence_number for record in records]
            return f"{self.world.iterators}:{numbers.index(after) + 1 if after else 0}"

        def read(self, shard_id, iterator, limit):
            self.world.operation("read")
            self.world.limits.append(limit)
            made, _, place = iterator.partition(":")
            if int(made) != self.world.iterators:
                raise BlockedError("Kinesis.ExpiredIteratorException", "expired")
            start, records = int(place), self.world.records[shard_id]
            page = records[start : start + min(limit, self.world.page_size)]
            end = start + len(page)
            at_end = end == len(records)
            next_iterator = None if at_end and shard_id in self.world.closed else f"{made}:{end}"
            return Page(page, next_iterator, 0 if at_end else 1000)

    class Function:
        """Drops what ends in 7, gives up what ends in 3, and appends a newline to the rest."""

        def __init__(self, world: World) -> None:
            self.world = world

        def invoke(self, payload):
            self.world.operation("invoke")
            records = json.loads(payload)["records"]
            self.world.invocations.append(records)
            if self.world.failures:
                raise self.world.failures.pop(0)
            if self.world.answer:
                return self.world.answer(records)
            return self.transform(records)

        @classmethod
        def transform(cls, records):
            return json.dumps({"records": [cls.one(record) for record in records]}).encode(), None

        @staticmethod
        def one(record):
            data = base64.b64decode(record["data"])
            result = {b"7": "Dropped", b"3": "ProcessingFailed"}.get(data[-1:], "Ok")
            answer = {"recordId": record["recordId"], "result": result}
            return {**answer, "data": base64.b64encode(data + b"\n").decode()} if result == "Ok" else answer

    class Store:
        def __init__(self, world: World) -> None:
            self.world = world

        def put(self, key, body):
            self.world.operation("put")
            self.world.objects[key] = body
            self.world.operation()

    class Checkpoints:
        def __init__(self, world: World) -> None:
            self.world = world

        def load(self):
            self.world.operation("load")
            saved = self.world.saved_progress
            return replace(saved, positions=dict(saved.positions)) if saved else Progress()

        def save(self, progress):
            self.world.operation("save")
            self.world.saved_progress = replace(progress, positions=dict(progress.positions))
            self.check()
            self.world.operation()

        def check(self):
            done = self.world.done_data() | self.world.unwanted
            for shard_id, position in self.world.saved_progress.positions.items():
                for record in self.world.records[shard_id]:
                    if record.sequence_number <= position:
                        assert record.data in done, f"the checkpoint passes {record.data!r}, which is nowhere"

    class Reporter:
        def __init__(self, world: World) -> None:
            self.world = world

        def report_error(self, code, message, lambda_arn=None):
            self.world.reported.append((code, message))


@pytest.fixture
def stream() -> DeliveryStream:
    return STREAM


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def new_world():
    return World


@pytest.fixture
def crash():
    return Crash


@pytest.fixture
def record():
    def make(number: int = 1, data: bytes = b"x", shard_id: str = "s") -> Record:
        return Record(shard_id, f"{number:05}", f"pk{number}", 1_700_000_000_000 + number, data)

    return make
