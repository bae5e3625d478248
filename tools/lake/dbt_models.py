"""Files for dbt with the adapter dbt-athena: what lies in the lake as sources, and models to start from.

dbt documentation: "Source properties", "columns", "About dbt models"; dbt-athena takes the Glue database as `schema`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import yaml

from tools import paths

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tools.lake.glue_catalog import Relation

SOURCES: Final = "sources.yml"
MARK: Final = "Written by python -m tools.schema --dbt"
"""Stands in the first line of each file: whoever changes a file takes it out, and it is not written over again."""

_SOURCE: Final = "lake"
_CATALOG: Final = "awsdatacatalog"

_MEANINGS: Final = {
    "cdc_date": "day, in UTC, on which the change reached the delivery stream",
    "cdc_hour": "hour of that day",
    "valid_from": "since when the item was so, in UTC",
    "valid_to": "until when, null where it still is",
    "valid_from_us": "the same as valid_from in microseconds since the epoch",
    "valid_to_us": "the same as valid_to in microseconds since the epoch",
    "is_current": "whether the item is so now",
    "is_deleted": "whether the item was removed then",
}

"""Column that is not the function's -> what it says."""

_MODELS: Final = {
    "current": """SELECT *
FROM {{{{ source('{source}', '{table}_current') }}}}
""",
    "history": """SELECT *
FROM {{{{ source('{source}', '{table}_history') }}}}
""",
    "changes_a_day": """SELECT
  substr(cdc_changed_at, 1, 10) AS changed_on,
  cdc_event,
  count(*) AS changes,
  count(DISTINCT cdc_key) AS items
FROM {{{{ source('{source}', '{table}_changes') }}}}
GROUP BY 1, 2
""",
}
"""Model -> its SQL. Each has a prefix in its name: in the lake's own database it would take the place of a view."""


def files(database: str, tables: Iterable[str], relations: Sequence[Relation]) -> dict[str, bytes]:
    """Returns the files by name.

    Args:
        database: database of the Glue Data Catalog.
        tables: names of the tables in it, each of which has views that are called after it.
        relations: what there is to query in it.
    """
    models = {
        f"{_SOURCE}_{table}_{model}.sql": _model(sql.format(source=_SOURCE, table=table))
        for table in tables
        for model, sql in _MODELS.items()
    }
    return {SOURCES: _sources(database, relations), **models}


def _sources(database: str, relations: Sequence[Relation]) -> bytes:
    meanings = _meanings()
    described = {
        "version": 2,
        "sources": [
            {
                "name": _SOURCE,
                "description": "Changes of DynamoDB tables, and views of what they come to",
                "database": _CATALOG,
                "schema": database,
                "tables": [
                    {
                        "name": relation.name,
                        "description": _text(relation.description),
                        "columns": _columns(relation.columns, meanings),
                    }
                    for relation in relations
                ],
            }
        ],
    }
    written = yaml.safe_dump(described, sort_keys=False, allow_unicode=True, width=10_000)
    return f"# {MARK}\n{written}".encode()


def _meanings() -> dict[str, str]:
    if str(paths.LAMBDA_SOURCES) not in sys.path:
        sys.path.append(str(paths.LAMBDA_SOURCES))
    from lake_transform import metadata  # noqa: PLC0415  # once its folder is on the path

    return {**{column.name: column.meaning for column in metadata.COLUMNS}, **_MEANINGS}


def _columns(columns: Mapping[str, str], meanings: Mapping[str, str]) -> list[dict[str, str]]:
    return [
        {"name": name, "data_type": type_} | ({"description": _text(meanings[name])} if name in meanings else {})
        for name, type_ in columns.items()
    ]


def _text(description: str) -> str:
    # dbt takes two braces in a description for Jinja.
    return description.replace("{{", "{ {").replace("{%", "{ %").replace("{#", "{ #")


def _model(sql: str) -> bytes:
    return f"-- {MARK}\n{{{{ config(materialized='view') }}}}\n\n{sql}".encode()
