"""A lake in memory: objects as S3 lists and hands them over, and the catalog that Terraform would make of one table."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import re
import subprocess
import tempfile
from datetime import UTC, datetime
from functools import cache

from tests.unit.tools.aws_answers import failed
from tools import paths

BUCKET = "lake-of-tests"
DATABASE = "shop"
TABLE = "orders"
CHANGE = {
    "cdc_event": "string",
    "cdc_event_id": "string",
    "cdc_table": "string",
    "cdc_changed_at": "string",
    "cdc_changed_at_us": "bigint",
    "cdc_sequence_number": "string",
    "cdc_key": "string",
    "cdc_ttl": "boolean",
    "cdc_overflow": "string",
}
PARTITIONS = {"cdc_date": "string", "cdc_hour": "int"}
TODAY = f"{datetime.now(UTC):%Y-%m-%d}"


class S3:
    """Objects by key, and the requests that were made; an object in `closed` is nobody's to read."""

    def __init__(self, objects=None):
        self.objects = dict(objects or {})
        self.closed = set()
        self.fetched = []
        self.listed = []

    def put(self, key, rows, *, packed=True):
        data = b"".join((row if isinstance(row, bytes) else json.dumps(row).encode()) + b"\n" for row in rows)
        self.objects[key] = gzip.compress(data) if packed else data

    def get_paginator(self, _name):
        return self

    def paginate(self, **request):
        prefix, after = request["Prefix"], request.get("StartAfter", "")
        self.listed.append(after)
        keys = sorted(key for key in self.objects if key.startswith(prefix) and key > after)
        yield {"Contents": [self._entry(key) for key in keys]}

    def _entry(self, key):
        data = self.objects[key]
        written = datetime(2026, 1, 31, 12, tzinfo=UTC)
        return {"Key": key, "Size": len(data), "LastModified": written, "ETag": f'"{self.etag(key)}"'}

    def etag(self, key):
        return hashlib.sha256(self.objects[key]).hexdigest()

    def get_object(self, **request):
        key = request["Key"]
        if key in self.closed:
            raise failed("GetObject", 403, "AccessDenied")
        if request.get("IfMatch") not in (None, self.etag(key)):
            raise failed("GetObject", 412, "PreconditionFailed")
        self.fetched.append(key)
        return {"Body": io.BytesIO(self.objects[key])}


class Glue:
    """The tables of a database, as Glue describes them."""

    def __init__(self, tables):
        self.tables = tables

    def get_paginator(self, _name):
        return self

    def paginate(self, **_):
        for table in self.tables:
            yield {"TableList": [table]}

    def get_table(self, **request):
        (found,) = [table for table in self.tables if table["Name"] == request["Name"]]
        return {"Table": found}


def folder(day=TODAY, hour=0):
    return f"data/{TABLE}/cdc_date={day}/cdc_hour={hour:02}/"


def change(number, key='{"id":"17"}', event="MODIFY", at=1, sequence="1", **columns):
    """Returns a lake record."""
    return {
        "cdc_event": event,
        "cdc_event_id": f"event-{number}",
        "cdc_table": TABLE,
        "cdc_changed_at": "1970-01-01 00:00:00.000000",
        "cdc_changed_at_us": at,
        "cdc_sequence_number": sequence,
        "cdc_key": key,
        "cdc_ttl": False,
        **columns,
    }


def table(columns, name=TABLE, serde="org.apache.hive.hcatalog.data.JsonSerDe"):
    """Returns what Glue says of a table like those of modules/catalog."""
    location = f"s3://{BUCKET}/data/{name}/"
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {
            "classification": "json",
            "projection.enabled": "true",
            "projection.cdc_date.type": "date",
            "projection.cdc_date.format": "yyyy-MM-dd",
            "projection.cdc_date.range": "2020-01-01,NOW",
            "projection.cdc_hour.type": "integer",
            "projection.cdc_hour.range": "0,23",
            "projection.cdc_hour.digits": "2",
            "storage.location.template": location + "cdc_date=${cdc_date}/cdc_hour=${cdc_hour}/",
        },
        "PartitionKeys": [{"Name": each, "Type": kind} for each, kind in PARTITIONS.items()],
        "StorageDescriptor": {
            "Location": location,
            "SerdeInfo": {"SerializationLibrary": serde},
            "Columns": [{"Name": each, "Type": kind} for each, kind in {**CHANGE, **columns}.items()],
        },
    }


def view(name, sql):
    """Returns what Glue says of a view of Athena's."""
    text = base64.b64encode(json.dumps({"originalSql": sql}).encode()).decode()
    return {"Name": name, "TableType": "VIRTUAL_VIEW", "ViewOriginalText": f"/* Presto View: {text} */"}


def glue(columns):
    """Returns a catalog of the table with these columns of items, and its views."""
    described = [view(f"{TABLE}_{each}", sql) for each, sql in views(tuple(columns)).items()]
    return Glue([table(columns), *described])


@cache
def views(items):
    """Returns the SQL of the views of modules/catalog for items with these columns, as Terraform renders it."""
    sql = paths.MODULES / "catalog" / "sql"
    changes = _render(sql / "changes.sql.tftpl", database=DATABASE, table=TABLE, columns=[*CHANGE, *items, *PARTITIONS])
    of_current = ("cdc_key", "cdc_changed_at", "cdc_changed_at_us", "cdc_overflow", *items)
    of_history = [{"name": each, "from": each} for each in items]
    return {
        "changes": changes,
        "current": _render(sql / "current.sql.tftpl", changes=changes, columns=of_current),
        "history": _render(sql / "history.sql.tftpl", changes=changes, items=of_history),
    }


def _render(file, **values):
    given = base64.b64encode(json.dumps(values).encode()).decode()
    asked = f'base64encode(templatefile("{file}", jsondecode(base64decode("{given}"))))'
    # A console locks the state of its folder: two in one folder refuse each other.
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["terraform", "console"], input=asked, capture_output=True, text=True, check=True, cwd=folder
        )
    return base64.b64decode(re.search(r'"(.+)"', done.stdout)[1]).decode()
