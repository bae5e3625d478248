"""Items of every kind that DynamoDB takes, and what each must look like in the lake, worked out independently."""

from __future__ import annotations

import base64
import json
import random
import string
from typing import Any

Typed = dict[str, Any]

WORDS = [
    "",
    " ",
    "Zoë",
    "naïve café",
    "数据湖",
    "🚀🌊",
    'quo"te',
    "back\\slash",
    "line\nbreak",
    "tab\t",
    "\u2028",
    "nul\u0000l",
]


class Number(str):
    """A number as it is written, which equals nothing but a number written the same."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Number) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


def item(number: int, version: int, rng: random.Random) -> Typed:
    """Returns one item in the API's typed form, with the key `id` = `number`."""
    digits = "".join(rng.choices(string.digits, k=37))
    return {
        "id": {"S": f"many-{number}"},
        "Version": {"N": str(version)},
        "text": {"S": rng.choice(WORDS)},
        "precise": {"N": rng.choice(["", "-"]) + "7" + digits},
        "fraction": {"N": "0." + digits.rstrip("0") + "3"},
        "whole": {"N": str(rng.randrange(-(10**15), 10**15))},
        "yes": {"BOOL": rng.random() < 0.5},
        "nothing": {"NULL": True},
        "bytes": {"B": rng.randbytes(rng.randrange(1, 20))},
        "tags": {"SS": sorted(rng.sample(["red", "grün", "blue", "日本"], k=rng.randrange(1, 4)))},
        "scores": {"NS": sorted({str(rng.randrange(1000)) for _ in range(3)})},
        "keys": {"BS": sorted({rng.randbytes(4) for _ in range(2)})},
        "list": {
            "L": [{"S": rng.choice(WORDS)}, {"N": digits.lstrip("0") or "0"}, {"L": []}, {"M": {"In": {"BOOL": True}}}]
        },
        "empty_list": {"L": []},
        "empty_map": {"M": {}},
        "Address": {
            "M": {"City": {"S": rng.choice(WORDS)}, "Geo": {"M": {"lat-lon": {"N": f"{rng.randrange(90)}.5"}}}}
        },
    }


def columns(typed: Typed, path: str = "") -> dict[str, Any]:
    """Returns the columns that an item must become: maps opened, all else a value of its own."""
    row: dict[str, Any] = {}
    for name, value in typed.items():
        column = path + "".join(
            letter if letter in string.ascii_lowercase + string.digits else "_" for letter in name.lower()
        )
        if value.get("M"):
            row.update(columns(value["M"], f"{column}__"))
        else:
            row[column] = plain(value)
    return row


def plain(value: Typed) -> Any:
    """Returns an attribute value without its type; sets as frozensets, because they have no order."""
    ((kind, content),) = value.items()
    match kind:
        case "N":
            return Number(content)
        case "B":
            return encoded(content)
        case "NULL":
            return None
        case "SS":
            return frozenset(content)
        case "NS":
            return frozenset(map(Number, content))
        case "BS":
            return frozenset(map(encoded, content))
        case "L":
            return [plain(element) for element in content]
        case "M":
            return {name: plain(element) for name, element in content.items()}
        case _:
            return content


def encoded(content: Any) -> str:
    """Returns bytes as the lake shows them."""
    return base64.b64encode(bytes(content)).decode()


def read(line: str) -> dict[str, Any]:
    """Returns the record of one lake line, every number as it is written."""
    return json.loads(line, parse_int=Number, parse_float=Number)


def lake_columns(record: dict[str, Any]) -> dict[str, Any]:
    """Returns the item's columns of a record, with lists, sets and empty maps read from their JSON text."""
    sets, texts = {"tags", "scores", "keys"}, {"list", "empty_list", "empty_map"}
    row = {name: value for name, value in record.items() if not name.startswith("cdc_")}
    for name in (sets | texts) & row.keys():
        inner = read(row[name])
        row[name] = frozenset(inner) if name in sets else inner
    return row
