"""Answers Athena's SQL with DuckDB on this machine, from copies of the objects, with the catalog's types and views."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from time import monotonic
from typing import TYPE_CHECKING, Final

import duckdb
from botocore.exceptions import BotoCoreError, ClientError

from tools.errors import LakeError
from tools.lake import processes
from tools.lake.engines import copying, dialect, interruption, relations, stored_objects
from tools.lake.engines.results import Column, Result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mypy_boto3_s3 import S3Client

    from tools.lake.data_objects import Period
    from tools.lake.engines.dialect import Reading
    from tools.lake.engines.object_cache import ObjectCache
    from tools.lake.engines.results import Query, Row
    from tools.lake.engines.stored_objects import Stored
    from tools.lake.glue_catalog import Catalog

MEMORY_A_THREAD: Final = 512
"""MiB that DuckDB may hold in memory for each of its threads; more goes to files beside the copies of the objects.

A thread that reads lines has a buffer of twice the longest that there may be, and another one for what it has read.
"""

MOST_THREADS: Final = 8
_ROWS: Final = 1000
_TYPES: Final = {"hugeint": "decimal(38,0)", "float": "real", "timestamp with time zone": "timestamp with time zone"}


@dataclass(frozen=True)
class DuckDb:
    """The catalog of a lake, its objects, and where copies of them are kept.

    `tell` is called with how far a query is; `period` limits the hours whose objects are read.
    """

    s3: S3Client
    catalog: Catalog
    cache: ObjectCache
    largest: int
    period: Period
    tell: Callable[[str], None]

    def ask(self, query: Query) -> Result:
        """Returns the answer to a query.

        Raises:
            LakeError: the query is not understood, reads more than the cache may hold, or fails.
            StoppedError: the user interrupted.
        """
        started = monotonic()
        reading = dialect.read(query.sql, self.catalog)
        stored = {name: self._stored(name, days) for name, days in reading.tables.items()}
        read, fetched = self._fetch([each for objects in stored.values() for each in objects])
        files = {name: [copying.path(self.cache, each) for each in objects] for name, objects in stored.items()}
        self.cache.trim([path for paths in files.values() for path in paths])
        connection = self._connect()
        try:
            self._define(connection, reading, files)
            self.tell("DuckDB: running")
            interruption.run(connection, lambda: connection.execute(reading.sql, list(query.parameters)), self.tell)
        except duckdb.Error as error:
            raise LakeError(f"the query failed: {' '.join(str(error).split())}") from None
        columns = tuple(Column(each[0], type_name(str(each[1]))) for each in connection.description or ())
        told = (
            f"DuckDB: {monotonic() - started:.1f} s, {sum(map(len, files.values()))} objects of {_mib(read)}, "
            f"{fetched} of them fetched"
        )
        if reading.reads_json_numbers:
            told += "; DuckDB makes doubles of numbers inside of JSON text: ask Athena for all of their digits"
        return Result(columns, _rows(connection, self.tell), told)

    def _stored(self, name: str, days: dialect.Dates) -> list[Stored]:
        table = self.catalog.tables[name]
        self.tell(f"DuckDB: looking for the objects of {name}")
        try:
            return list(stored_objects.find(self.s3, table, days, self.period, datetime.now(UTC)))
        except (BotoCoreError, ClientError) as error:
            raise LakeError(
                f"the objects in {table.location} cannot be listed: {copying.denied(error, table.location)}"
            ) from None

    def _fetch(self, wanted: list[Stored]) -> tuple[int, int]:
        """Fetches what is not there yet; returns the bytes of all objects, and how many were fetched."""
        size = sum(each.size for each in wanted)
        if size > self.largest:
            raise LakeError(
                f"the query reads {len(wanted)} objects of {_mib(size)}, more than the {_mib(self.largest)} of "
                "--cache-size: raise it, name fewer days (--since, or cdc_date in the WHERE), or ask Athena"
            )
        return size, copying.copy(self.s3, self.cache, wanted, self.tell)

    def _connect(self) -> duckdb.DuckDBPyConnection:
        spill = self.cache.folder / "spill"
        spill.mkdir(exist_ok=True)
        threads = min(processes.processors(), MOST_THREADS)
        connection = duckdb.connect(
            config={
                "threads": threads,
                "memory_limit": f"{threads * MEMORY_A_THREAD}MiB",
                "temp_directory": str(spill),
                # Rows have no order but that which the query gives them, as in Athena.
                "preserve_insertion_order": "false",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "integer_division": "true",
            }
        )
        connection.execute("SET TimeZone = 'UTC'")
        return connection

    def _define(self, connection: duckdb.DuckDBPyConnection, reading: Reading, files: dict[str, list[Path]]) -> None:
        schema = relations.quoted(self.catalog.database)
        connection.execute(f"CREATE SCHEMA {schema}")
        connection.execute(f"USE {schema}")
        hidden = sorted(reading.hidden & relations.HIDDEN.keys())
        for name, paths in files.items():
            sql = relations.select(self.catalog.tables[name], paths, hidden)
            connection.execute(f"CREATE VIEW {schema}.{relations.quoted(name)} AS {sql}")
        for name in reading.views:
            connection.execute(f"CREATE VIEW {schema}.{relations.quoted(name)} AS {dialect.view(name, self.catalog)}")


def type_name(name: str) -> str:
    """Returns a type of DuckDB's in Athena's words.

    >>> type_name("DECIMAL(38,2)"), type_name("VARCHAR[]")
    ('decimal(38,2)', 'array(varchar)')
    """
    lower = name.lower()
    if lower.endswith("[]"):
        return f"array({type_name(lower[:-2])})"
    return _TYPES.get(lower, lower)


def value_text(value: object) -> str | None:
    """Returns a value as Athena spells it.

    >>> value_text(Decimal("1.10")), value_text([True, None]), value_text(Decimal("0E-10"))
    ('1.10', '[true, null]', '0.0000000000')
    """
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
        case list():
            return f"[{', '.join('null' if each is None else str(value_text(each)) for each in value)}]"
        case _:
            return str(value)


def _rows(connection: duckdb.DuckDBPyConnection, tell: Callable[[str], None]) -> Iterator[Row]:
    try:
        while rows := interruption.run(connection, lambda: connection.fetchmany(_ROWS), tell):
            for row in rows:
                yield tuple(map(value_text, row))
    except duckdb.Error as error:
        raise LakeError(f"the query failed: {' '.join(str(error).split())}") from None
    finally:
        connection.close()


def _mib(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MiB"
