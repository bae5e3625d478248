"""A bucket whose objects are files in a folder, which other processes can read too."""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.unit.tools import aws_answers
from tools.lake.objects import LakeObject


@dataclass(frozen=True)
class FolderSource:
    """Stands in for `summarising.Source`."""

    folder: Path
    bucket: str = "lake"

    def client(self):
        return FolderClient(self.folder)


@dataclass
class FolderClient:
    folder: Path

    def get_object(self, *, Bucket, Key, IfMatch=None):  # noqa: N803  # boto3's names
        file = self.folder / Key
        if Key.endswith("deadly"):
            os._exit(9)
        if Key.endswith("closed"):
            raise aws_answers.failed("GetObject", 403, "AccessDenied")
        if not file.is_file():
            raise aws_answers.failed("GetObject", 404, "NoSuchKey")
        return {"Body": file.open("rb")}

    def get_paginator(self, operation):
        assert operation == "list_objects_v2"
        return self

    def put_object(self, *, Bucket, Key, Body, **_):  # noqa: N803  # boto3's names
        file = self.folder / Key
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as written:
            shutil.copyfileobj(io.BytesIO(Body) if isinstance(Body, bytes) else Body, written)
        return {"ETag": f'"{file.stat().st_size}"'}

    def paginate(self, *, Bucket, Prefix, StartAfter):  # noqa: N803  # boto3's names
        within = self.folder / Prefix.rpartition("/")[0]
        keys = sorted(file.relative_to(self.folder).as_posix() for file in within.rglob("*") if file.is_file())
        for key in keys:
            if key.startswith(Prefix) and key > StartAfter:
                size = (self.folder / key).stat().st_size
                yield {"Contents": [{"Key": key, "Size": size, "LastModified": None, "ETag": f'"{size}"'}]}


def record(number, **columns):
    """Returns a lake record of the item whose key is `number`."""
    metadata = {
        "cdc_event": "INSERT",
        "cdc_event_id": f"e-{number}",
        "cdc_table": "orders",
        "cdc_changed_at": "2026-01-31 10:20:30.123456",
        "cdc_changed_at_us": number,
        "cdc_key": json.dumps({"id": str(number)}),
        "cdc_ttl": False,
    }
    return {**metadata, "id": str(number), **columns}


def write(folder, key, *records):
    """Writes an object, and returns what a listing says of it."""
    file = folder / key
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.compress("".join(json.dumps(each) + "\n" for each in records).encode()))
    return LakeObject(key, file.stat().st_size, None, "v1")
