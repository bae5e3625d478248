"""Keeps DynamoDB's items in the database, in the transaction of the request that changes them (see `durability`)."""

from __future__ import annotations

import importlib
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, cast

from tools.localaws.emulator.corrections import replace
from tools.localaws.emulator.database import checksum
from tools.localaws.emulator.item_history import ItemHistory

if TYPE_CHECKING:
    from tools.localaws.emulator.database import Database

    Table = dict[str, Any]


class StoredItems:
    """The items of all tables: in memory as the emulator keeps them, and in `database`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.history = ItemHistory(database)
        self._stored: set[str] = set()
        """Ids of the tables that may have items in the database."""

        self._service: Any = importlib.import_module("ministack.services.dynamodb")
        self._set = replace("services.dynamodb", "_set_item", self._set_item)
        self._remove = replace("services.dynamodb", "_remove_item", self._remove_item)
        self._replaced = replace("services.dynamodb", "_items_replaced", self._items_replaced)
        self._get_state = replace("services.dynamodb", "get_state", self._settings)
        # The thread that removes expired items holds this one while it waits for the database.
        replace("services.dynamodb", "_lock", cast("Any", database.lock))

    def load(self) -> None:
        """Gives each table its items, and removes those of tables that are gone."""
        self._stored = {row[0] for row in self._database.execute("SELECT DISTINCT table_id FROM items")}
        for table in self._service._tables.all_values():
            self._load(table)
        self.sweep()

    def sweep(self) -> None:
        """Stores the items of tables that were made whole, such as a replica, and removes those of deleted tables."""
        tables = {table["TableId"]: table for table in self._service._tables.all_values()}
        for table_id in self._stored - tables.keys():
            self._database.execute("DELETE FROM items WHERE table_id = ?", table_id)
            self.history.forget(table_id)
        self.history.prune()
        for table_id in tables.keys() - self._stored:
            self._store_all(tables[table_id])
        self._stored = set(tables)

    def _set_item(self, table: Table, partition: str, sort: str, item: dict[str, Any]) -> Any:  # noqa: ANN401
        self._put_back_on_failure(table)
        self._remember(table, partition, sort)
        self._store(table["TableId"], partition, sort, item)
        return self._set(table, partition, sort, item)

    def _remove_item(self, table: Table, partition: str, sort: str) -> Any:  # noqa: ANN401
        self._put_back_on_failure(table)
        self._remember(table, partition, sort)
        self._database.execute(
            "DELETE FROM items WHERE table_id = ? AND partition = ? AND sort = ?", table["TableId"], partition, sort
        )
        return self._remove(table, partition, sort)

    def _items_replaced(self, table: Table) -> None:
        # A rolled-back transaction, or a restored table: all items at once.
        self._put_back_on_failure(table)
        self._store_all(table)
        self._replaced(table)

    def _store_all(self, table: Table) -> None:
        with self._database.transaction():
            self._database.execute("DELETE FROM items WHERE table_id = ?", table["TableId"])
            for partition, sorted_items in table["items"].items():
                for sort, item in sorted_items.items():
                    self._store(table["TableId"], partition, sort, item)

    def _store(self, *keys_and_item: Any) -> None:  # noqa: ANN401
        *keys, item = keys_and_item
        content = json.dumps(item, separators=(",", ":")).encode()
        self._stored.add(keys[0])
        self._database.execute(
            "INSERT INTO items VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
            " SET content = excluded.content, checksum = excluded.checksum",
            *keys,
            content,
            checksum(*keys, content),
        )

    def _remember(self, table: Table, partition: str, sort: str) -> None:
        before = (table["items"].get(partition) or {}).get(sort)
        self.history.remember(table["TableId"], partition, sort, before)

    def _put_back_on_failure(self, table: Table) -> None:
        self._database.undo[table["TableId"]] = lambda: self._load(table)

    def _load(self, table: Table) -> None:
        items: defaultdict[str, dict[str, Any]] = defaultdict(dict)
        for row in self._database.rows("SELECT * FROM items WHERE table_id = ? ORDER BY rowid", table["TableId"]):
            self._database.check(row, f"an item of table {table['TableName']}")
            items[row[1]][row[2]] = json.loads(row[3])
        table["items"] = items
        self._replaced(table)

    def _settings(self) -> Any:  # noqa: ANN401
        tables = self._service._tables
        without_items = type(tables)()
        for key, table in tables.all_items():
            without_items.set_scoped(*key, {**table, "items": {}})
        self._service._tables = without_items
        try:
            return self._get_state()
        finally:
            self._service._tables = tables
