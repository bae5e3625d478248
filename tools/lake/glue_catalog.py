"""What the Glue Data Catalog says of the lake's tables and views: types, places of objects, and the SQL of views."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake import columns_file, data_objects

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_glue import GlueClient

_VIEW: Final = re.compile(r"/\* Presto View: (\S+) \*/")
_VARIABLE: Final = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class CatalogTable:
    """A table over objects: its columns with their types, the partition columns, and where its objects lie.

    `template` is a location in S3 in which `${column}` stands for a value of a partition column, and `parameters` are
    those of the table, partition projection's among them.
    """

    name: str
    columns: Mapping[str, str]
    partitions: Mapping[str, str]
    location: str
    template: str
    parameters: Mapping[str, str]

    def folders(self) -> re.Pattern[str]:
        """Returns a pattern of the objects that readers see, with a group for each partition column."""
        parts = _VARIABLE.split(self.template.rstrip("/"))
        pattern = "".join(f"(?P<{part}>[^/]+)" if odd % 2 else re.escape(part) for odd, part in enumerate(parts))
        return re.compile(rf"{pattern}/{data_objects.SHOWN}")


@dataclass(frozen=True)
class Relation:
    """A table or a view as those see it who query it: its columns, partition columns last, with their types."""

    name: str
    description: str
    columns: Mapping[str, str]


@dataclass(frozen=True)
class Catalog:
    """A database: its tables over objects, and its views: name -> SQL in Athena's dialect."""

    database: str
    tables: Mapping[str, CatalogTable]
    views: Mapping[str, str]


def read(glue: GlueClient, database: str) -> Catalog:
    """Reads the tables and views of a database.

    Raises:
        LakeError: the catalog cannot be read; what is asked for without it says so.
    """
    tables: dict[str, CatalogTable] = {}
    views: dict[str, str] = {}
    for described in _described(glue, database, "DuckDB takes types and views from it"):
        name = described["Name"]
        if described.get("TableType") == "VIRTUAL_VIEW":
            views[name] = view_sql(name, described.get("ViewOriginalText", ""))
        else:
            tables[name] = _table(described)
    return Catalog(database, tables, views)


def relations(glue: GlueClient, database: str) -> list[Relation]:
    """Returns what a database shows to those who query it, by name: tables and views alike.

    Raises:
        LakeError: the catalog cannot be read.
    """
    found = [
        Relation(
            described["Name"],
            described.get("Description", ""),
            {
                each["Name"]: each.get("Type", "string")
                for each in [
                    *(described.get("StorageDescriptor", {}).get("Columns") or ()),
                    *(described.get("PartitionKeys") or ()),
                ]
            },
        )
        for described in _described(glue, database, "tables and their columns are taken from it")
    ]
    return sorted(found, key=lambda relation: relation.name)


def item_columns(glue: GlueClient, database: str, name: str) -> dict[str, str]:
    """Returns the columns of items that a table has, with their types: what a query sees.

    Raises:
        LakeError: there is no such table, or the catalog cannot be read.
    """
    try:
        described = glue.get_table(DatabaseName=database, Name=name)["Table"]
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"the table {name} of the catalog {database} cannot be read ({reason(error)})") from None
    columns = described.get("StorageDescriptor", {}).get("Columns") or ()
    return {each["Name"]: each.get("Type", "string") for each in columns if columns_file.is_column(each["Name"])}


def _described(glue: GlueClient, database: str, why: str) -> list[Any]:
    try:
        pages = glue.get_paginator("get_tables").paginate(DatabaseName=database)
        return [described for page in pages for described in page["TableList"]]
    except (BotoCoreError, ClientError) as error:
        raise LakeError(
            f"the catalog of {database} cannot be read ({reason(error)}); {why}, "
            "so ask with a role that has the policy of the output reader_policy_json"
        ) from None


def view_sql(name: str, text: str) -> str:
    """Returns the SQL of a view as Athena keeps it: JSON in Base64, in a comment.

    Raises:
        LakeError: the view is kept in some other way.
    """
    found = _VIEW.search(text)
    try:
        return str(json.loads(base64.b64decode(found[1]))["originalSql"]) if found else _fail(name)
    except (ValueError, KeyError, TypeError):
        return _fail(name)


def _fail(name: str) -> str:
    raise LakeError(f"the view {name} is not kept as Athena keeps views; ask Athena itself")


def _table(described: Any) -> CatalogTable:  # noqa: ANN401  # a Table of Glue's API
    storage = described.get("StorageDescriptor", {})
    parameters = dict(described.get("Parameters") or {})
    location = str(storage.get("Location", ""))
    partitions = {each["Name"]: each.get("Type", "string") for each in described.get("PartitionKeys") or ()}
    hive = "/".join([location.rstrip("/"), *(f"{name}=${{{name}}}" for name in partitions)])
    return CatalogTable(
        described["Name"],
        {each["Name"]: each.get("Type", "string") for each in storage.get("Columns") or ()},
        partitions,
        location,
        parameters.get("storage.location.template", hive),
        parameters,
    )
