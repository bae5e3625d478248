"""What is measured: the work of the verbs on a lake in a folder, and the same by others."""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb

from tests.bench.lake import writing
from tests.unit.tools.lake import small_lake
from tests.unit.tools.operations.folder_bucket import FolderClient, FolderSource
from tools.deployments.outputs import Outputs, Table
from tools.lake import data_objects, processes, schema_drift, summary_cache
from tools.lake.schema_drift import Expected
from tools.operations import compacting, result_output, summarising
from tools.operations.compacting import TableCompactor
from tools.operations.query_request import Request
from tools.operations.querying import Lake

COLUMNS = {
    "id": "string",
    "ordertotal": "decimal(38,2)",
    "balance": "decimal(38,2)",
    "customername": "string",
    "email": "string",
    "quantity": "bigint",
    "active": "boolean",
    "placedat": "string",
    "note": "string",
    "address__street": "string",
    "address__city": "string",
    "address__postcode": "string",
    "address__geo__lat": "string",
    "address__geo__lon": "string",
    "tags": "string",
    "coupon": "string",
}
"""What `schema` proposes for the table."""


@dataclass(frozen=True)
class Place:
    """A lake in a folder, and another folder for what is made of it."""

    lake: Path
    scratch: Path


def current(place: Place) -> int:
    """Asks as `query --current` does."""
    return _query(place, current=True)


def as_of(place: Place) -> int:
    """Asks as `query --as-of` does, for the middle of the lake."""
    return _query(place, as_of=writing.middle(place.lake))


def history(place: Place) -> int:
    """Asks as `query --history` does, for the item that changes most."""
    return _query(place, history="order-000000000")


def duckdb_current(place: Place) -> int:
    """Asks DuckDB by itself for the newest line of each item; it guesses types, and makes doubles of numbers."""
    connection = duckdb.connect(config={"temp_directory": str(place.scratch / "copies" / "spill")})
    newest = _read_by_duckdb(connection, place).query(
        "lines",
        """
        SELECT * FROM lines QUALIFY row_number() OVER (
            PARTITION BY cdc_key ORDER BY cdc_changed_at_us DESC, cdc_sequence_number DESC, cdc_event_id DESC
        ) = 1
        """,
    )
    out = place.scratch / "answer.csv"
    newest.filter("cdc_event <> 'REMOVE'").order("cdc_key").write_csv(str(out))
    return _rows(out)


def schema(place: Place) -> int:
    """Looks at all values as `schema` does, with one process a processor."""
    found = data_objects.list_data(FolderClient(place.lake), "lake", writing.PREFIX)
    with tempfile.TemporaryDirectory(dir=place.scratch) as folder, summary_cache.opened(Path(folder), "lake") as cache:
        summary = summarising.summarise(
            FolderSource(place.lake), found, cache, jobs=processes.processors(), done=lambda _: None
        )
    columns = schema_drift.compare(summary, COLUMNS, Expected("typed"))
    assert {each.status for each in columns} == {"same"}, columns
    return summary.rows


def duckdb_schema(place: Place) -> int:
    """Has DuckDB by itself guess types from all values."""
    return len(_read_by_duckdb(duckdb.connect(), place, sample_size=-1).columns)


def compact(place: Place) -> int:
    """Writes large objects as the first run of `compact` does, with one thread a processor."""
    settings = compacting.Settings(128 * 1024 * 1024, timedelta(), timedelta(), processes.processors())
    with tempfile.TemporaryDirectory(dir=place.scratch) as folder:
        compactor = TableCompactor(
            _Overlay(place.lake, Path(folder)), ("lake", writing.TABLE, writing.PREFIX), settings
        )
        works = compactor.survey(datetime.now(UTC))
        results = compactor.run(works, SimpleNamespace(check=lambda: None), lambda _: None)
    assert not [each for each in results if each.error], results
    return sum(each.outcome.written for each in results)


def gzip_compact(place: Place) -> int:
    """Packs all lines anew with gzip, one process for all."""
    command = f"find {place.lake} -name '*.gz' | xargs gzip -dc | gzip -c | wc -c"
    return int(subprocess.check_output(["bash", "-c", command]))


def gzip_read(place: Place) -> int:
    """Counts the lines with gzip and wc: the least that any reader does."""
    command = f"find {place.lake} -name '*.gz' | xargs gzip -dc | wc -l"
    return int(subprocess.check_output(["bash", "-c", command]))


def _read_by_duckdb(connection: duckdb.DuckDBPyConnection, place: Place, **options: Any) -> duckdb.DuckDBPyRelation:
    return connection.read_json(f"{place.lake}/{writing.PREFIX}**/*.gz", format="newline_delimited", **options)


def _query(place: Place, **asked: Any) -> int:
    table = Table("stream", "role", writing.PREFIX, "errors/orders/", catalog_table=writing.TABLE)
    outputs = Outputs(
        "eu-west-1",
        "1" * 12,
        small_lake.BUCKET,
        tables={writing.TABLE: table},
        database_name=small_lake.DATABASE,
        workgroup_name="lake",
    )
    clients = {"s3": FolderClient(place.lake), "glue": small_lake.glue(COLUMNS)}
    lake = Lake(SimpleNamespace(client=clients.__getitem__), outputs, "bench")
    request = Request(engine="duckdb", cache=place.scratch / "copies", cache_bytes=1 << 40, **asked)
    result = lake.answer(request, lambda _state: None)
    out = place.scratch / "answer.csv"
    result_output.destination("csv", out, None, as_json=False).put(result)
    return _rows(out)


def _rows(file: Path) -> int:
    with file.open("rb") as lines:
        return sum(1 for _ in lines) - 1


class _Overlay(FolderClient):
    def __init__(self, folder, written):
        super().__init__(folder)
        self.written = FolderClient(written)

    def get_object(self, *, Bucket, Key, IfMatch=None):  # noqa: N803  # boto3's names
        source = self.written if Key.startswith("ledger/") else super()
        return source.get_object(Bucket=Bucket, Key=Key, IfMatch=IfMatch)

    def put_object(self, **request):
        return self.written.put_object(**request)


WAYS = {
    way.__name__: way
    for way in (
        current, as_of, history, duckdb_current, schema, duckdb_schema, compact, gzip_compact, gzip_read
    )
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description="Does one of the things that are measured, and prints its answer.")
    parser.add_argument("way", choices=WAYS)
    parser.add_argument("lake", type=Path)
    parser.add_argument("scratch", type=Path)
    given = parser.parse_args()
    print(WAYS[given.way](Place(given.lake, given.scratch)))


if __name__ == "__main__":
    main()
