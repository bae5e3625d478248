"""What DynamoDB promises for its records in a stream, made to happen: they come more than once, and too late.

Source: Amazon DynamoDB Developer Guide, "Using Kinesis Data Streams to capture changes to DynamoDB": records may be
there more than once, and in another order than the changes.
"""

from __future__ import annotations

import json
import random
import uuid
from collections import defaultdict
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Final

from tests.system import items
from tests.system.truth.driver import KEY, Change, Driver, make

_PUT_AT_ONCE: Final = 100


@dataclass(frozen=True)
class Record:
    """A change record as it was in the stream: its bytes, what they say, and its place in the order of changes."""

    data: bytes
    partition: str
    said: dict[str, Any]
    changed_at_us: int
    number: int


class Deliveries:
    """The change records of a driver's items in the stream of its table, from now on.

    Attributes:
        records: the records of each item, in their order, each once.
        repeated: how many were put into the stream again.
        late: how many were made for changes that the stream has not had yet.
    """

    def __init__(self, kinesis: Any, stream: str, driver: Driver, *, seed: int) -> None:
        self._kinesis = kinesis
        self._stream = stream
        self._driver = driver
        self._rng = random.Random(seed)
        self._positions = [
            kinesis.get_shard_iterator(StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="LATEST")[
                "ShardIterator"
            ]
            for shard in kinesis.list_shards(StreamName=stream)["Shards"]
        ]
        self._known: set[str] = set()
        self._has_late: set[str] = set()
        self.records: dict[str, list[Record]] = defaultdict(list)
        self.repeated = 0
        self.late = 0

    def read(self) -> None:
        """Reads what has come into the stream, which must be a record of each change that the driver wrote."""
        self._positions = [self._read_on(position) for position in self._positions]
        for key, written in self._driver.written.items():
            # The records of an item are spread over the shards.
            self.records[key].sort(key=lambda each: (each.changed_at_us, each.number))
            assert [each.said["eventName"] for each in self.records[key]] == [each.event for each in written], key

    def repeat(self, share: float) -> None:
        """Puts a share of all records that were read into the stream again, as they are.

        Of those of the same moment as the next of their item it is the half: they are the newest by their time, and by
        their number too when they come again.
        """
        chosen = [
            each
            for found in self.records.values()
            for each, following in zip_longest(found, found[1:])
            if self._rng.random() < (0.5 if following and following.changed_at_us == each.changed_at_us else share)
        ]
        self._rng.shuffle(chosen)
        self.repeated += len(chosen)
        self._put([(each.data, each.partition) for each in chosen])

    def be_late(self, number: int) -> None:
        """Puts records into the stream of changes before those that it has had already, two for each of so many items.

        They are one and two microseconds older than the next change of their item, the newer one comes first, and the
        driver's log gets them at their places. The table knows nothing of them, because no record can be held back
        here: so they are never an item's last change, and no instant of the driver's lies between them and the next.
        """
        keys = [key for key in self.records if key not in self._has_late and self._place(key)]
        chosen = self._rng.sample(keys, min(number, len(keys)))
        self._has_late.update(chosen)
        self.late += 2 * len(chosen)
        self._put([self._late(key, by) for by in (1, 2) for key in chosen])

    def _read_on(self, position: str) -> str:
        """Reads a shard to its end, and returns the position there."""
        while True:
            answer = self._kinesis.get_records(ShardIterator=position, Limit=1000)
            position = answer["NextShardIterator"]
            for each in answer["Records"]:
                self._take(each)
            if not answer["Records"] and not answer["MillisBehindLatest"]:
                return position

    def _take(self, record: Any) -> None:
        said = json.loads(record["Data"])
        key = said["dynamodb"]["Keys"]["id"]["S"] if "dynamodb" in said else ""
        if not key.startswith(KEY) or said["eventID"] in self._known:
            return
        self._known.add(said["eventID"])
        seconds = said["dynamodb"]["ApproximateCreationDateTime"]
        number = int(record["SequenceNumber"])
        found = Record(record["Data"], record["PartitionKey"], said, round(seconds * 1_000_000), number)
        self.records[key].append(found)

    def _place(self, key: str) -> int:
        """Returns which change of an item is its last one in a later second than the one before it; 0 for none."""
        times = [each.changed_at_us for each in self.records[key]]
        return max((at for at in range(1, len(times)) if times[at - 1] < times[at]), default=0)

    def _late(self, key: str, microseconds: int) -> tuple[bytes, str]:
        """Makes the record of a change so much older than the next one."""
        place = self._place(key)
        following = self.records[key][place]
        removes = self._rng.random() < 0.5
        item = make(key, 1000 + place, self._rng)
        change = Change("REMOVE" if removes else "MODIFY", item)
        log = self._driver.log[key]
        log.insert(log.index(self._driver.written[key][place]) + 1 - microseconds, change)
        said = {name: value for name, value in following.said.items() if name != "dynamodb"}
        said |= {
            "eventID": str(uuid.UUID(int=self._rng.getrandbits(128), version=4)),
            "eventName": change.event,
            "dynamodb": {
                "ApproximateCreationDateTime": following.changed_at_us - microseconds,
                "ApproximateCreationDateTimePrecision": "MICROSECOND",
                "Keys": {"id": {"S": key}},
                "OldImage" if removes else "NewImage": item,
            },
        }
        self._known.add(said["eventID"])
        return json.dumps(said, default=items.encoded).encode(), following.partition

    def _put(self, records: list[tuple[bytes, str]]) -> None:
        for start in range(0, len(records), _PUT_AT_ONCE):
            batch = [{"Data": data, "PartitionKey": each} for data, each in records[start : start + _PUT_AT_ONCE]]
            answer = self._kinesis.put_records(StreamName=self._stream, Records=batch)
            assert answer["FailedRecordCount"] == 0
