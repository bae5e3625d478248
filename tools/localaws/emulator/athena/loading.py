"""Reads the objects of a query's tables into DuckDB, one at a time, with the caller's permissions."""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import duckdb

from tools.localaws.emulator.athena.errors import CancelledError, QueryError
from tools.localaws.emulator.athena.hive_types import INTEGER_BITS, identifier, literal
from tools.localaws.emulator.athena.planning import HIDDEN
from tools.localaws.emulator.athena.projection import Projection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tools.localaws.emulator.athena.caller import Caller
    from tools.localaws.emulator.athena.catalog import Table
    from tools.localaws.emulator.athena.planning import Plan

_BATCH_BYTES: Final = 32 * 1024 * 1024
_LINE_BYTES: Final = 1024 * 1024
"""What DuckDB is told to have room for, at least; it takes several times that."""

_HIVE_NULL: Final = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True)
class _Object:
    bucket: str
    key: str
    size: int
    modified: datetime
    values: tuple[str | None, ...]


class Loader:
    """Reads objects for one query.

    Attributes:
        scanned: the bytes read so far, as they lie in S3.
        limit: how many a query may read, None for any number.
        stopped: whether the query was told to stop.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        caller: Caller,
        folder: Path,
        limit: int | None,
        stopped: Callable[[], bool],
    ) -> None:
        self._connection = connection
        self._caller = caller
        self._folder = folder
        self._limit = limit
        self._stopped = stopped
        self.scanned = 0

    def load(self, plan: Plan) -> None:
        """Fills the tables of a plan with what the query may use.

        Raises:
            QueryError: something cannot be read, or the caller may not.
            CancelledError: the query was stopped, or would read more than it may.
        """
        filters = plan.filters()
        for table in plan.tables:
            readings = filters.get((table.database, table.name))
            # A table that the optimized query does not read has no rows in the answer.
            if readings is not None:
                self._load(table, self._objects(table, readings), has_hidden=plan.has_hidden)

    def _objects(self, table: Table, readings: list[list[str]]) -> list[_Object]:
        if table.is_projected:
            projection = Projection(table, datetime.now(UTC))
            for name in projection.injected:
                if not all(any(_gives(name, each) for each in conditions) for conditions in readings):
                    raise QueryError(
                        f"CONSTRAINT_VIOLATION: For the injected projected partition column {name}, the WHERE clause "
                        "must contain only static equality conditions, and at least one such condition must be present."
                    )
            found = []
            for listed in self._list(projection.bucket, projection.prefix):
                placed = projection.values(listed["Key"])
                if placed and not _is_hidden(placed[1]):
                    values = tuple(placed[0][name] for name in table.partitions)
                    found.append(_object(projection.bucket, listed, values))
            kept = self._prune(table, {each.values for each in found}, readings)
            return [each for each in found if each.values in kept]
        if not table.partitions:
            return list(self._below(table.location, ()))
        locations = dict(self._registered(table))
        kept = self._prune(table, set(locations), readings)
        return [each for values in locations if values in kept for each in self._below(locations[values], values)]

    def _registered(self, table: Table) -> Iterator[tuple[tuple[str | None, ...], str]]:
        self._caller.see_database("GetPartitions", table.database)
        request: dict[str, Any] = {"DatabaseName": table.database, "TableName": table.name}
        while True:
            page = self._caller.call(self._caller.glue.get_partitions, **request)
            for each in page["Partitions"]:
                values = tuple(None if value == _HIVE_NULL else value for value in each["Values"])
                yield values, each["StorageDescriptor"]["Location"]
            if not page.get("NextToken"):
                return
            request["NextToken"] = page["NextToken"]

    def _below(self, location: str, values: tuple[str | None, ...]) -> Iterator[_Object]:
        bucket, _, prefix = (location.rstrip("/") + "/").removeprefix("s3://").partition("/")
        for listed in self._list(bucket, prefix):
            if not _is_hidden(listed["Key"].removeprefix(prefix)):
                yield _object(bucket, listed, values)

    def _list(self, bucket: str, prefix: str) -> Iterator[dict[str, Any]]:
        request: dict[str, Any] = {"Bucket": bucket, "Prefix": prefix}
        while True:
            page = self._caller.call(self._caller.s3.list_objects_v2, **request)
            yield from (each for each in page.get("Contents", ()) if each["Size"] and not each["Key"].endswith("/"))
            if not page.get("IsTruncated"):
                return
            request["ContinuationToken"] = page["NextContinuationToken"]

    def _prune(
        self, table: Table, partitions: set[tuple[str | None, ...]], readings: list[list[str]]
    ) -> set[tuple[str | None, ...]]:
        """Returns the partitions in which rows can lie that the query uses."""
        listed = sorted(partitions, key=str)
        columns = [f"{identifier(name)} {kind.duckdb()}" for name, kind in table.partitions.items()]
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE athena_partitions (place BIGINT, {', '.join(columns)})")
        row = f"INSERT INTO athena_partitions VALUES ({', '.join('?' * (len(columns) + 1))})"  # noqa: S608  # marks only
        try:
            for place, values in enumerate(listed):
                self._connection.execute(row, [place, *values])
        except duckdb.ConversionException:
            raise QueryError(
                f"HIVE_INVALID_PARTITION_VALUE: Invalid partition value '{values}' of {table.database}.{table.name}"
            ) from None
        kept: set[int] = set()
        for conditions in readings:
            places = set(range(len(listed)))
            for condition in conditions:
                try:
                    sql = f"SELECT place FROM athena_partitions WHERE {condition}"  # noqa: S608  # DuckDB's own words
                    rows = self._connection.execute(sql).fetchall()
                except (duckdb.BinderException, duckdb.ParserException, duckdb.CatalogException):
                    # It is not about the partitions alone.
                    continue
                places &= {row[0] for row in rows}
            kept |= places
        return {listed[place] for place in kept}

    def _load(self, table: Table, objects: list[_Object], *, has_hidden: bool) -> None:
        columns = [*table.columns.items(), *table.partitions.items()]
        types = [kind.duckdb() for _, kind in columns] + (list(HIDDEN.values()) if has_hidden else [])
        spec = ", ".join(f"c{place}: {literal(kind)}" for place, kind in enumerate(types))
        places = {name: f"c{place}" for place, (name, _) in enumerate(columns)}
        target = f"{identifier(table.database)}.{identifier(table.name)}"
        batch, longest = self._folder / "rows.json", _LINE_BYTES

        def insert() -> None:
            read = f"read_json({literal(str(batch))}, format = 'newline_delimited', columns = {{{spec}}}, "
            read += f"auto_detect = false, maximum_object_size = {longest})"
            self._connection.execute(f"INSERT INTO {target} SELECT * FROM {read}")  # noqa: S608  # all is quoted

        file = batch.open("w", encoding="ascii")
        try:
            for each in objects:
                constant = {
                    places[name]: str(int(value)) if value and table.partitions[name].name in INTEGER_BITS else value
                    for name, value in zip(table.partitions, each.values, strict=True)
                }
                if has_hidden:
                    hidden = (
                        f"s3://{each.bucket}/{each.key}",
                        str(each.size),
                        each.modified.isoformat(" ", "milliseconds"),
                    )
                    constant |= {f"c{len(columns) + place}": value for place, value in enumerate(hidden)}
                for line in self._lines(each):
                    try:
                        row = table.serde.read(line)
                    except QueryError as error:
                        raise QueryError(f"{error} (s3://{each.bucket}/{each.key})") from None
                    written = file.write(json.dumps({places[name]: of for name, of in row.items()} | constant) + "\n")
                    longest = max(longest, written)
                    if file.tell() > _BATCH_BYTES:
                        file.close()
                        insert()
                        file = batch.open("w", encoding="ascii")
            file.close()
            if batch.stat().st_size:
                insert()
        finally:
            file.close()

    def _lines(self, of: _Object) -> Iterator[bytes]:
        if self._stopped():
            raise CancelledError("Query cancelled by user")
        content = self._caller.call(self._caller.s3.get_object, Bucket=of.bucket, Key=of.key)["Body"].read()
        self.scanned += len(content)
        if self._limit is not None and self.scanned > self._limit:
            raise CancelledError("Bytes scanned limit was exceeded")
        try:
            content = gzip.decompress(content) if of.key.endswith(".gz") else content
        except (OSError, EOFError, zlib.error) as error:
            raise QueryError(f"HIVE_CURSOR_ERROR: {error} (s3://{of.bucket}/{of.key})") from None
        lines = content.split(b"\n")
        yield from lines[:-1] if not lines[-1] else lines


def _object(bucket: str, listed: dict[str, Any], values: tuple[str | None, ...]) -> _Object:
    return _Object(bucket, listed["Key"], listed["Size"], listed["LastModified"], values)


def _is_hidden(rest: str) -> bool:
    return any(part.startswith(("_", ".")) for part in rest.split("/"))


def _gives(name: str, condition: str) -> bool:
    """Returns whether a condition says what a column is."""
    return f"{name} = '" in condition or f"{name} IN (" in condition or f'"{name}" = ' in condition
