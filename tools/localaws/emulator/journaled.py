"""Writes DynamoDB's items and Kinesis' records to journals (see `durability`)."""

from __future__ import annotations

import importlib
import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from tools.localaws.emulator import resharding
from tools.localaws.emulator.corrections import replace
from tools.localaws.emulator.journal import Journal

if TYPE_CHECKING:
    from pathlib import Path


class ServiceJournal(Journal, ABC):
    """A journal that knows how its entries are applied to the service's state."""

    @abstractmethod
    def replay(self) -> None:
        """Applies what was journaled since the last snapshot to the state just loaded."""


def install(folder: Path) -> dict[str, ServiceJournal]:
    """Makes both services write to a journal; returns service name -> journal."""
    return {"dynamodb": _ItemJournal(folder), "kinesis": _RecordJournal(folder)}


class _ItemJournal(ServiceJournal):
    """Entries: table id, partition key, sort key, item (null where it was deleted)."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "dynamodb")
        self._service: Any
        self._set = replace("services.dynamodb", "_set_item", self._set_item)
        self._remove = replace("services.dynamodb", "_remove_item", self._remove_item)
        self._replaced = replace("services.dynamodb", "_items_replaced", self._items_replaced)

    def _set_item(self, table: dict[str, Any], partition: str, sort: str, item: dict[str, Any]) -> Any:  # noqa: ANN401
        previous = self._set(table, partition, sort, item)
        self.append(table["TableId"], partition, sort, item)
        return previous

    def _remove_item(self, table: dict[str, Any], partition: str, sort: str) -> Any:  # noqa: ANN401
        previous = self._remove(table, partition, sort)
        self.append(table["TableId"], partition, sort, None)
        return previous

    def _items_replaced(self, table: dict[str, Any]) -> None:
        # A rolled-back transaction, or a restored table: all items at once.
        self._replaced(table)
        self.append(table["TableId"], None, None, None)
        for partition, sorted_items in table["items"].items():
            for sort, item in sorted_items.items():
                self.append(table["TableId"], partition, sort, item)

    def replay(self) -> None:
        tables = importlib.import_module("ministack.services.dynamodb")._tables
        by_id = {table.get("TableId"): table for table in tables.all_values()}
        for table_id, partition, sort, item in self.entries():
            table = by_id.get(table_id)
            if table is None:
                continue
            if partition is None:
                table["items"].clear()
                table["ItemCount"] = 0
            elif item is None:
                self._remove(table, partition, sort)
            else:
                self._set(table, partition, sort, item)


class _RecordJournal(ServiceJournal):
    """Entries: stream ARN, its creation time, shard id, record."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "kinesis")
        self._started = time.time()
        replace("services.kinesis", "_expire_records", self._expire_records)

    def _expire_records(self, stream: dict[str, Any]) -> None:
        # Called before every put and read. Nothing expires before this process has run for a whole retention period: a
        # machine that was off for two days still delivers what it had.
        retention = stream["RetentionPeriodHours"] * 3600
        running_seconds = time.time() - self._started
        cutoff = time.time() - retention if running_seconds > retention else 0.0
        for shard_id, shard in stream["shards"].items():
            records = shard["records"]
            if not isinstance(records, _JournaledRecords):
                records = _JournaledRecords(records)
                records.owner = (self, stream["StreamARN"], stream["CreationTimestamp"], shard_id)
                shard["records"] = records
            expired = next((index for index, each in enumerate(records) if _arrival_time(each) >= cutoff), len(records))
            if expired:
                del records[:expired]
                self._move_iterators(stream["StreamARN"], shard_id, expired)
        resharding.remove_expired_shards(stream, max(retention, running_seconds))

    @staticmethod
    def _move_iterators(stream_arn: str, shard_id: str, expired: int) -> None:
        # Iterators are positions in the list: without this, each would skip as many records as expired.
        for iterator in importlib.import_module("ministack.services.kinesis")._shard_iterators.all_values():
            if iterator.get("stream_arn") == stream_arn and iterator["shard_id"] == shard_id:
                iterator["position"] = max(0, iterator["position"] - expired)

    def replay(self) -> None:
        streams = importlib.import_module("ministack.services.kinesis")._streams
        by_name = {(stream["StreamARN"], stream["CreationTimestamp"]): stream for stream in streams.all_values()}
        for stream_arn, created, shard_id, record in self.entries():
            shard = by_name.get((stream_arn, created), {}).get("shards", {}).get(shard_id)
            if shard is None:
                continue
            records = shard["records"]
            if not records or records[-1]["SequenceNumber"] < record["SequenceNumber"]:
                records.append(record)


class _JournaledRecords(list[dict[str, Any]]):
    owner: tuple[_RecordJournal, str, int, str]

    def append(self, record: dict[str, Any]) -> None:
        super().append(record)
        journal, stream_arn, created, shard_id = self.owner
        journal.append(stream_arn, created, shard_id, record)

    def __deepcopy__(self, memo: dict[int, Any]) -> list[dict[str, Any]]:
        # A snapshot is a plain list; records are never altered.
        return list(self)


def _arrival_time(record: dict[str, Any]) -> float:
    arrival: float = record["ApproximateArrivalTimestamp"]
    return arrival
