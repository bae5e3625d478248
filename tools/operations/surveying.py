"""Looks at what a table's rows hold, and compares it with the columns that are declared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import msgspec

from tools import paths
from tools.cli import console
from tools.errors import LakeError
from tools.lake import columns_file, data_objects, glue_catalog, schema_drift, summaries, summary_cache, table_sample
from tools.lake.column_names import hashed_columns, key_columns
from tools.lake.lines import BadLine
from tools.lake.schema_drift import Column, Expected
from tools.operations import summarising

if TYPE_CHECKING:
    from tools.deployments.catalog_settings import CatalogSettings
    from tools.deployments.outputs import Outputs, Table
    from tools.lake.data_objects import Period
    from tools.lake.inference import Numbers
    from tools.lake.objects import LakeObject
    from tools.lake.summaries import Summary
    from tools.operations.lake_access import LakeAccess


class TableSchema(msgspec.Struct, frozen=True):
    """The columns of one table.

    Attributes:
        table: its name.
        file: the file that declares its columns, there or not.
        file_only: why `columns` were compared with the file, and not with what is deployed; empty where they were.
        undeployed: columns that the file declares, and the deployed catalog not, or with another type.
        changes: what the file should declare that it does not: column -> type.
        objects: objects of the lake that were looked at.
        rows: their rows, and those of a sample.
        bad_lines: lines that are no lake records.
        bad: the first of them.
        is_cut: whether there are more columns than are told of.
        columns: the columns by name.
    """

    table: str
    file: str
    file_only: str
    undeployed: tuple[str, ...]
    changes: dict[str, str]
    objects: int
    rows: int
    bad_lines: int
    bad: tuple[BadLine, ...]
    is_cut: bool
    columns: tuple[Column, ...]

    @property
    def drift(self) -> list[Column]:
        """The columns in which readers miss something."""
        return [column for column in self.columns if column.is_drift]


@dataclass(frozen=True)
class Request:
    """What is asked for: hours of the lake, how numbers are declared, items of a sample, and processes that read."""

    period: Period
    numbers: Numbers
    narrow: bool = False
    sample: int = 0
    jobs: int = 1
    quiet: bool = False


class Surveyor:
    """Looks at the tables of one lake."""

    def __init__(self, access: LakeAccess, outputs: Outputs, settings: CatalogSettings, request: Request) -> None:
        self._access = access
        self._outputs = outputs
        self._settings = settings
        self._request = request
        lake = access.lake
        self._source = summarising.Source(dict(lake.environment_variables), outputs.region, outputs.bucket_name or "")
        self._cache_folder = (paths.local_home() if lake.is_local else paths.BUILD) / "summaries"

    def survey(self, name: str, table: Table) -> TableSchema:
        """Returns the columns of a table.

        Raises:
            LakeError: an object cannot be read, or the file that declares columns is damaged.
            botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError: AWS does not list or scan.
        """
        declared = columns_file.read(self._settings.folder, name)
        objects, summary = self._lake(name, table)
        if self._request.sample:
            summary = summaries.merge([summary, self._sample(name, table)])
        deployed, file_only = self._deployed(table)
        keys = _key_columns(summary)
        expected = Expected(
            self._request.numbers,
            self._settings.serde,
            hashed=frozenset(hashed_columns(table.rules, self._settings.path_separator)),
            # Of a table that these tools did not make, the catalog does not know the key.
            keys=frozenset(keys if file_only else keys & deployed.keys()),
            narrow=self._request.narrow,
        )
        by_file = schema_drift.compare(summary, declared, expected)
        columns = by_file if file_only else schema_drift.as_deployed(summary, deployed, by_file, expected)
        return TableSchema(
            table=name,
            file=str(columns_file.path(self._settings.folder, name)),
            file_only=file_only,
            undeployed=() if file_only else tuple(schema_drift.undeployed(declared, deployed)),
            changes=schema_drift.changes(by_file, declared),
            objects=objects,
            rows=summary.rows,
            bad_lines=summary.bad_lines,
            bad=summary.bad,
            is_cut=summary.is_cut,
            columns=tuple(columns),
        )

    def _deployed(self, table: Table) -> tuple[dict[str, str], str]:
        """Returns the columns that the catalog has, with their types, or why it cannot be asked."""
        if self._outputs.database_name is None or table.catalog_table is None:
            return {}, "the deployment has no catalog"
        try:
            glue = self._access.lake.aws(self._outputs.region).client("glue")
            return glue_catalog.item_columns(glue, self._outputs.database_name, table.catalog_table), ""
        except LakeError as error:
            return {}, str(error)

    def _lake(self, name: str, table: Table) -> tuple[int, Summary]:
        bucket = self._source.bucket
        found = data_objects.list_data(self._source.client(), bucket, table.data_prefix, self._request.period)
        count = size = 0
        with (
            summary_cache.opened(self._cache_folder, bucket) as cache,
            console.tallying(f"{name}: reading s3://{bucket}/{table.data_prefix}", quiet=self._request.quiet) as tell,
        ):

            def done(each: LakeObject) -> None:
                nonlocal count, size
                count += 1
                size += each.size
                tell(f"{count} objects, {console.mib(size)}")

            summary = summarising.summarise(self._source, found, cache, jobs=self._request.jobs, done=done)
        return count, summary

    def _sample(self, name: str, table: Table) -> Summary:
        tables = self._access.tables
        if tables is None:
            return summaries.merge(())
        list_format: Literal["text", "array"] = self._settings.list_format
        with console.waiting(f"{name}: reading {self._request.sample} items", quiet=self._request.quiet):
            return table_sample.summarise(
                tables.aws(self._outputs.region).client("dynamodb"),
                name,
                self._request.sample,
                rules=table.rules,
                path_separator=self._settings.path_separator,
                list_format=list_format,
            )


def _key_columns(summary: Summary) -> set[str]:
    """Returns the columns of the table's key, which every row has; none where there is no row."""
    for seen in summary.columns.values():
        for values in seen.values():
            return key_columns(values.first.cdc_key)
    return set()
