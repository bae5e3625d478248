"""What an item must be in the columns that the catalog declares, and what an answer says it is: digit for digit."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from tests.system import items
from tools import paths

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.system.items import Typed

TYPES: Final[dict[str, str]] = json.loads(
    (paths.REPOSITORY / "tests" / "system" / "columns" / "blog-srsa-ddb-table.json").read_text()
)
"""Column -> type in the catalog, of the attributes of items."""

OVERFLOW: Final = "cdc_overflow"
_JSON: Final = {"tags", "scores", "keys", "list", "empty_list", "empty_map"}
_NUMBERS_AS_TEXT: Final = {"digits"}
_OWN: Final = "cdc_"


def expected(item: Typed) -> dict[str, Any]:
    """Returns what the columns of an item must say; what is null is left out."""
    columns = {name: value for name, value in items.columns(item).items() if value is not None}
    row = {name: _declared(TYPES[name], value) for name, value in columns.items() if not name.startswith(_OWN)}
    if overflow := {f"/{name}": value for name, value in columns.items() if name.startswith(_OWN)}:
        row[OVERFLOW] = overflow
    return row


def told(row: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what a row of an answer says of the columns of its item; decimals are text in it."""
    found: dict[str, Any] = {}
    for name in (*TYPES, OVERFLOW):
        value = row[name]
        if value is None:
            continue
        if name in _NUMBERS_AS_TEXT:
            found[name] = Decimal(value)
        elif name in _JSON or name == OVERFLOW:
            inner = items.read(value)
            found[name] = frozenset(inner) if name in ("tags", "scores", "keys") else inner
        else:
            found[name] = value
    return found


def by_key(rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Returns the items of an answer by their `id`, each of which it may name once."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        assert row["id"] not in found, f"{row['id']} is there twice"
        found[row["id"]] = told(row)
    return found


def differences(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """Returns how an answer differs from what it must be, item by item and column by column."""
    wrong = [f"{key} is there and must not be" for key in found.keys() - wanted.keys()]
    wrong += [f"{key} is missing" for key in wanted.keys() - found.keys()]
    for key in found.keys() & wanted.keys():
        wrong += [
            f"{key} {name}: {found[key].get(name)!r}, not {wanted[key].get(name)!r}"
            for name in sorted({*found[key], *wanted[key]})
            if found[key].get(name) != wanted[key].get(name)
        ]
    return sorted(wrong)


def _declared(kind: str, value: Any) -> Any:
    """Returns a value as a column of this type says it."""
    if not isinstance(value, items.Number):
        return value
    if kind == "bigint":
        return int(value)
    if scale := re.fullmatch(r"decimal\(38,(\d+)\)", kind):
        text = format(Decimal(value), "f")
        whole, _, behind = text.partition(".")
        assert len(behind) <= int(scale[1]), f"{value} is too long for {kind}"
        return f"{whole}.{behind.ljust(int(scale[1]), '0')}" if int(scale[1]) else whole
    return Decimal(value)
