"""The item by which a deployment is tried out, in both its versions, and the lake records that it must become."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Item = dict[str, dict[str, Any]]
"""An item as the DynamoDB API takes it: attribute name -> {type: value}."""

EVENTS: Final = ("INSERT", "MODIFY")
"""The probe's changes in the order in which they are made."""

NUMBER: Final = "864732"
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_KEY_VALUES: Final[Mapping[str, Any]] = {"S": NUMBER, "N": NUMBER, "B": NUMBER.encode()}


@dataclass(frozen=True)
class Person:
    """Who the probe item tells of: name, and designation before and after."""

    name: str
    before: str
    after: str


ADAM: Final = Person("Adam", "Architect", "Senior Architect")
CHRIS: Final = Person("Chris", "Senior Consultant", "Principal Consultant")


@dataclass(frozen=True)
class Probe:
    """The probe for one table: its key, and the item as first written and as written again.

    `rules` are the table's: path -> json, text, hash or drop.
    """

    key: Item
    first: Item
    second: Item
    rules: Mapping[str, str] = field(default_factory=dict)

    def versions(self) -> tuple[tuple[str, Item], tuple[str, Item]]:
        """Returns the two changes: event name and the item that it leaves."""
        insert, modify = EVENTS
        return (insert, self.first), (modify, self.second)

    def find(
        self, records: Iterable[Mapping[str, Any]], table: str, not_before_us: int
    ) -> dict[str, Mapping[str, Any]]:
        """Returns the records of these changes to `table` among `records`: event name -> record.

        Records of changes before `not_before_us` (microseconds since the epoch) are those of an earlier run.
        """
        found: dict[str, Mapping[str, Any]] = {}
        for record in records:
            if record.get("cdc_changed_at_us", 0) < not_before_us:
                continue
            for event, item in self.versions():
                if matches(record, event, item, table, self.rules):
                    found.setdefault(event, record)
        return found


def for_table(description: Mapping[str, Any], person: Person = ADAM, rules: Mapping[str, str] | None = None) -> Probe:
    """Returns the probe for a table with these rules: the article's item, with the table's own key attributes.

    `description` is what DescribeTable says under "Table".
    """
    types = {
        attribute["AttributeName"]: attribute["AttributeType"] for attribute in description["AttributeDefinitions"]
    }
    names = [part["AttributeName"] for part in description["KeySchema"]]
    key: Item = {name: {types[name]: _KEY_VALUES[types[name]]} for name in names}
    base: Item = {"id": {"S": NUMBER}, "name": {"S": person.name}}
    return Probe(
        key,
        {**base, "Designation": {"S": person.before}, **key},
        {**base, "Designation": {"S": person.after}, **key},
        rules or {},
    )


def matches(record: Mapping[str, Any], event: str, item: Item, table: str, rules: Mapping[str, str]) -> bool:
    """True when `record` is the lake record of `event` on `table` that left `item`, value for value.

    Of a value that a rule hashes, only that it is a hash: the key is the function's.
    """
    if record.get("cdc_event") != event or record.get("cdc_table") != table:
        return False
    rule_of = {name.lower(): rules.get(_path(name), "") for name in item}
    found, wanted = columns(record), {each: value for each, value in expected(item).items() if rule_of[each] != "drop"}
    return found.keys() == wanted.keys() and all(_fits(found[each], wanted[each], rule_of[each]) for each in wanted)


def columns(record: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the columns of a lake record that come from the item."""
    return {name: value for name, value in record.items() if not name.startswith("cdc_")}


def expected(item: Item) -> dict[str, Any]:
    """Returns the columns that the probe item must have in the lake."""
    return {name.lower(): _value(*next(iter(value.items()))) for name, value in item.items()}


def _path(name: str) -> str:
    """Returns the path of an attribute of the item, as rules spell it."""
    return name.replace("\\", "\\\\").replace(".", "\\.")


def _fits(found: Any, written: Any, rule: str) -> bool:  # noqa: ANN401  # values of columns
    match rule:
        case "hash":
            return isinstance(found, str) and _HASH.fullmatch(found) is not None
        case "text":
            return bool(found == str(written))
        case "json":
            return bool(found == json.dumps(written))
        case _:
            return bool(found == written)


def _value(kind: str, value: Any) -> Any:  # noqa: ANN401  # a value of any DynamoDB type
    if kind == "N":
        return int(value)
    if kind == "B":
        return base64.b64encode(value).decode()
    return value
