"""The lines of a driver's items that have arrived in the lake, object by object as they come."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from tests.plan.lake_tables import Database
from tests.system.truth.driver import KEY
from tools.lake import data_objects, objects

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

_TYPES: Final = {"string": "VARCHAR", "int": "INTEGER"}


class Arrivals:
    """Reads the objects of a table that are not `known`, each once.

    Attributes:
        rows: the lines of the driver's items in the order in which they were found, every value as text, with the hour
            of their folder.
    """

    def __init__(self, s3: Any, bucket: str, prefix: str, known: Collection[str]) -> None:
        self._s3, self._bucket, self._prefix = s3, bucket, prefix
        self._known = set(known)
        self._seen: set[tuple[str, str]] = set()
        self.rows: list[dict[str, Any]] = []

    def number(self) -> int:
        """Returns how many records have arrived: a change that comes in two records of the stream counts twice."""
        for found in data_objects.list_data(self._s3, self._bucket, self._prefix):
            if found.key not in self._known:
                self._known.add(found.key)
                hour = data_objects.hour_of(found.key, self._prefix)
                assert hour
                for line in objects.read_lines(self._s3, self._bucket, found.key):
                    self._take(line, hour)
        return len(self._seen)

    def _take(self, line: str, hour: datetime) -> None:
        row = json.loads(line, parse_int=str, parse_float=str, parse_constant=str)
        if row["id"].startswith(KEY):
            self._seen.add((row["cdc_event_id"], row["cdc_sequence_number"]))
            self.rows.append({**row, "cdc_date": f"{hour:%Y-%m-%d}", "cdc_hour": str(hour.hour)})


class LakeInDuckDb(Database):
    """A table of changes as the catalog declares it, in DuckDB, filled with rows whose values are text."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        super().__init__()
        self._place = f'"{table["DatabaseName"]}"."{table["Name"]}"'
        declared = [*table["StorageDescriptor"]["Columns"], *table["PartitionKeys"]]
        self._columns = {each["Name"]: _TYPES.get(each["Type"], each["Type"]) for each in declared}
        self.run(f'CREATE SCHEMA "{table["DatabaseName"]}"')

    def put(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Puts rows in the place of those that the table has."""
        kinds = ", ".join(f"'{name}': 'VARCHAR'" for name in self._columns)
        values = ", ".join(f'CAST("{name}" AS {kind}) AS "{name}"' for name, kind in self._columns.items())
        with TemporaryDirectory() as folder:
            file = Path(folder) / "rows.json"
            with file.open("w") as out:
                out.writelines(json.dumps({name: row.get(name) for name in self._columns}) + "\n" for row in rows)
            read = f"read_json('{file}', format = 'newline_delimited', columns = {{{kinds}}})"
            self.run(f"CREATE OR REPLACE TABLE {self._place} AS SELECT {values} FROM {read}")  # noqa: S608  # names of our own
