"""Lays out an export of a table as AWS does: data files, manifests and their checksums. Pure functions.

AWS documentation: Amazon DynamoDB Developer Guide, "DynamoDB table export output format".
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tools.localaws.emulator.item_history import Change

_FILES: Final = 4
"""Data files of an export. AWS writes one for each partition of the table, also for one that is empty."""


@dataclass(frozen=True)
class File:
    """One object of an export: its key, its content, and how many items are in it."""

    key: str
    content: bytes
    items: int = 0


def full_line(item: Mapping[str, Any]) -> bytes:
    """Returns an item as a line of a full export.

    >>> full_line({"id": {"S": "1"}})
    b'{"Item":{"id":{"S":"1"}}}\\n'
    """
    return _json({"Item": item}) + b"\n"


def change_line(change: Change, keys: Iterable[str], *, with_old: bool) -> bytes:
    """Returns a change as a line of an incremental export; `keys` are the names of the key's attributes."""
    known = change.new or change.old or {}
    images = {"OldImage": change.old if with_old else None, "NewImage": change.new}
    line = {
        "Metadata": {"WriteTimestampMicros": {"N": str(change.written_at)}},
        "Keys": {name: known[name] for name in keys},
        **{name: image for name, image in images.items() if image is not None},
    }
    return _json(line) + b"\n"


def data_files(lines: Iterable[tuple[str, bytes]], folder: str, export: str) -> list[File]:
    """Returns the data files of an export in `folder`; `lines` are partition keys and lines.

    The lines of one partition key are in one file. `export` is the export's id, from which the files' names follow.
    """
    parts: list[list[bytes]] = [[] for _ in range(_FILES)]
    for partition, line in lines:
        parts[hashlib.sha256(partition.encode()).digest()[0] % _FILES].append(line)
    return [
        File(f"{folder}/{_name(export, number)}.json.gz", gzip.compress(b"".join(part), 6, mtime=0), len(part))
        for number, part in enumerate(parts)
    ]


def manifests(folder: str, data: Iterable[File], summary: Mapping[str, Any]) -> list[File]:
    """Returns the manifests of an export in `folder`, with their checksums; last the summary, which ends it."""
    listed = b"".join(
        _json(
            {
                "itemCount": file.items,
                "md5Checksum": _md5(file.content),
                "etag": hashlib.md5(file.content, usedforsecurity=False).hexdigest(),
                "dataFileS3Key": file.key,
            }
        )
        + b"\n"
        for file in data
    )
    name = f"{folder}/manifest-files"
    text = _json({**summary, "manifestFilesS3Key": f"{name}.json"})
    found = [*_with_checksum(name, listed), *_with_checksum(f"{folder}/manifest-summary", text)]
    return sorted(found, key=lambda file: file.key.endswith("manifest-summary.json"))


def _with_checksum(name: str, content: bytes) -> list[File]:
    return [File(f"{name}.checksum", _md5(content).encode()), File(f"{name}.json", content)]


def _md5(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


def _name(export: str, number: int) -> str:
    return base64.b32encode(hashlib.sha256(f"{export} {number}".encode()).digest())[:26].decode().lower()


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
