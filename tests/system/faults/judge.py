"""Says what is wrong with a lake, from its objects and its table alone: it uses nothing of the project's.

Every item written has a key `id`, a counter `version` that starts at 1 for each key, and a `text` that follows from
both. So a change that is missing between two others is seen, one that was altered, and one that comes too early.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

DATA: Final = "data/"
ERRORS: Final = "errors/"


@dataclass(frozen=True)
class Row:
    """A change that was found: where, and its place in the order of its key (None under the error prefix)."""

    where: str
    key: str
    version: int
    text: str
    order: tuple[int, int, str] | None


def text_of(key: str, version: int) -> str:
    """Returns the text that the item has in this version: it is as long as the version says, up to 2 kB."""
    return hashlib.sha256(f"{key} {version}".encode()).hexdigest() * (1 + version % 32)


def read_objects(s3: Any, bucket: str, prefix: str = "") -> dict[str, bytes]:
    """Returns the name and content of every object under the prefix."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    names = [each["Key"] for page in pages for each in page.get("Contents", [])]
    return {name: s3.get_object(Bucket=bucket, Key=name)["Body"].read() for name in names}


def rows(objects: Mapping[str, bytes], keys: str = "") -> Iterator[Row]:
    """Yields every change of an item whose key starts so in the objects, each as often as it is there."""
    for name, content in objects.items():
        for line in gzip.decompress(content).splitlines():
            row = json.loads(line)
            if name.startswith(ERRORS):
                change = json.loads(base64.b64decode(row["rawData"]))["dynamodb"]
                if change["Keys"]["id"]["S"].startswith(keys):
                    item = change["NewImage"]
                    yield Row(name, item["id"]["S"], int(item["version"]["N"]), item["text"]["S"], None)
            elif row["id"].startswith(keys):
                number = row["cdc_sequence_number"]
                order = (int(row["cdc_changed_at_us"]), len(number), number)
                yield Row(name, row["id"], int(row["version"]), row["text"], order)


def faults(found: Iterable[Row], written: Mapping[str, int]) -> list[str]:
    """Returns what is wrong, a line each; `written` says which version of each key was acknowledged last."""
    by_key: dict[str, list[tuple[tuple[int, int, str] | None, int]]] = defaultdict(list)
    wrong = []
    for row in found:
        by_key[row.key].append((row.order, row.version))
        if row.text != text_of(row.key, row.version):
            wrong.append(f"altered: {row.key} version {row.version} in {row.where}")
    for key, last in written.items():
        missing = sorted(set(range(1, last + 1)) - {version for _, version in by_key[key]})
        if missing:
            wrong.append(f"missing: {key} versions {missing}")
        versions = [version for _, version in sorted((order, version) for order, version in by_key[key] if order)]
        early = [after for before, after in pairwise(versions) if after < before]
        if early:
            wrong.append(f"out of order: {key} versions {early}")
    wrong += [f"never written: {key}" for key in by_key.keys() - written.keys()]
    return wrong


def missing(wrong: Iterable[str]) -> list[str]:
    """Returns those of the lines that more time may mend."""
    return [line for line in wrong if line.startswith("missing")]


def table_faults(items: Iterable[Mapping[str, Any]], written: Mapping[str, int]) -> list[str]:
    """Returns where the table is not as last written; the version after the last may be there, not acknowledged."""
    now = {item["id"]["S"]: item for item in items}
    wrong = []
    for key, last in written.items():
        version = int(now[key]["version"]["N"]) if key in now else 0
        if version not in (last, last + 1):
            wrong.append(f"table: {key} is at version {version}, not {last}")
        elif version and now[key]["text"]["S"] != text_of(key, version):
            wrong.append(f"table: {key} version {version} is altered")
    return wrong


def duplicates(found: Iterable[Row]) -> int:
    """Returns how many changes are there more often than once."""
    counted = Counter((row.key, row.order) for row in found if row.order)
    return sum(count - 1 for count in counted.values())
