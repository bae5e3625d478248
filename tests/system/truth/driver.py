"""Writes seeded changes to a table, and keeps the truth: what was done to each item, and what the table held when."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from time import sleep
from typing import TYPE_CHECKING, Any, Final

from tests.system import items

if TYPE_CHECKING:
    from tests.system.items import Typed

KEY: Final = "proof-"
WRITERS: Final = 4
BATCH: Final = 25
"""Changes in one BatchWriteItem at most, each of another item. Source: DynamoDB API Reference, "BatchWriteItem"."""

TICK_SECONDS: Final = 1.2
"""The times of changes are whole seconds here: an instant between two changes needs a second between them."""

_REMOVED: Final = 0.15
_UPDATED: Final = 0.10


@dataclass(frozen=True, eq=False)
class Change:
    """What happened to an item, with what it is after that; what it was, where it was removed."""

    event: str
    item: Typed


class Driver:
    """Writes to the items `proof-0` and so on of a table whose key is `id`; nobody else writes to these.

    Attributes:
        written: the changes of each item that were made, in their order.
        log: the same, and what else is known to have happened to the item.
        held: what the table holds.
        instants: moments between changes, as text, and what a scan of the table found then.
    """

    def __init__(self, dynamodb: Any, table: str, *, keys: int, seed: int) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._keys = [f"{KEY}{number}" for number in range(keys)]
        self._rng = random.Random(seed)
        self.written: dict[str, list[Change]] = defaultdict(list)
        self.log: dict[str, list[Change]] = defaultdict(list)
        self.held: dict[str, Typed] = {}
        self.instants: list[tuple[str, dict[str, Typed]]] = []

    def write(self, changes: int) -> None:
        """Makes so many changes, those of an item one after the other, those of different items at once."""
        chosen = Counter(self._rng.choices(range(WRITERS), k=changes))
        with ThreadPoolExecutor(WRITERS) as pool:
            for done in [pool.submit(self._write, each, chosen[each], self._rng.random()) for each in range(WRITERS)]:
                done.result()

    def tick(self) -> None:
        """Remembers what the table holds between the changes until now and those to come."""
        sleep(TICK_SECONDS)
        instant = datetime.now(UTC).isoformat()
        self.instants.append((instant, self.scan()))
        sleep(TICK_SECONDS)

    def scan(self) -> dict[str, Typed]:
        """Returns what the table holds of these items, as the table itself says."""
        pages = self._dynamodb.get_paginator("scan").paginate(TableName=self._table, ConsistentRead=True)
        every = {item["id"]["S"]: item for page in pages for item in page["Items"]}
        return {key: item for key, item in every.items() if key.startswith(KEY)}

    def _write(self, writer: int, changes: int, seed: float) -> None:
        rng, own = random.Random(seed), self._keys[writer::WRITERS]
        batch: dict[str, Any] = {}
        for _ in range(changes):
            key = rng.choice(own)
            if key in batch or len(batch) == BATCH:
                self._put(batch)
                batch = {}
            before, number = self.held.get(key), len(self.written[key])
            kind = rng.random()
            if before and kind < _REMOVED:
                batch[key] = {"DeleteRequest": {"Key": {"id": before["id"]}}}
                self._note(key, "REMOVE", self.held.pop(key))
                continue
            item = make(key, number, rng)
            if before and kind < _REMOVED + _UPDATED:
                item = self._update(before, item)
            else:
                batch[key] = {"PutRequest": {"Item": item}}
            self.held[key] = item
            self._note(key, "MODIFY" if before else "INSERT", item)
        self._put(batch)

    def _note(self, key: str, event: str, item: Typed) -> None:
        change = Change(event, item)
        self.written[key].append(change)
        self.log[key].append(change)

    def _put(self, batch: dict[str, Any]) -> None:
        left = {self._table: list(batch.values())} if batch else {}
        while left:
            left = self._dynamodb.batch_write_item(RequestItems=left).get("UnprocessedItems")

    def _update(self, before: Typed, item: Typed) -> Typed:
        """Changes some attributes of an item, and takes one away; returns what it is then."""
        new = {name: item[name] for name in ("Version", "precise", "digits", "text")}
        names = {f"#{name}": name for name in (*new, "note")}
        self._dynamodb.update_item(
            TableName=self._table,
            Key={"id": before["id"]},
            UpdateExpression=f"SET {', '.join(f'#{name} = :{name}' for name in new)} REMOVE #note",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues={f":{name}": value for name, value in new.items()},
        )
        return {name: value for name, value in {**before, **new}.items() if name != "note"}


def make(key: str, version: int, rng: random.Random) -> Typed:
    """Returns an item of every kind of value, with numbers of up to 38 digits of every size that DynamoDB takes."""
    digits = "".join(rng.choices("123456789", k=38))
    whole = rng.randrange(1, 27)
    item = {
        **items.item(0, version, rng),
        "id": {"S": key},
        "note": {"S": rng.choice(items.WORDS)},
        "scaled": {"N": f"{rng.choice(['', '-'])}{digits[:whole]}.{digits[26:]}"},
        "digits": {"N": f"{digits[0]}.{digits[1:]}E{rng.randrange(-130, 126)}"},
        "amount": {"N": rng.choice(["1.10", "99999999999999999999999999999999.99", "-0.05", "0"])},
    }
    if rng.random() < 0.2:
        # Names that start so are the lake's own.
        item["cdc_note"] = {"N": digits}
    if rng.random() < 0.3:
        item["paid"] = {"BOOL": rng.random() < 0.5}
    return item
