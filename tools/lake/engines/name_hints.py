"""Says which name was probably meant where a query fails because of a name that the catalog does not have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tools.terraform.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tools.lake.glue_catalog import Relation

LISTED: Final = 12
"""Names that one line takes."""

_NO_TABLE: Final = re.compile(r"TABLE_NOT_FOUND.*?'(?:[^']*\.)?([^'.]+)'")
_NO_COLUMN: Final = re.compile(r"COLUMN_NOT_FOUND.*?'(?:[^']*\.)?([^'.]+)'")
_WORD: Final = re.compile(r"\w+")


def catalog_name(sql: str, names: Mapping[str, str]) -> str:
    """Returns what to add to an error where SQL has a table's name as in DynamoDB; "" where it has none.

    `names` are the names of tables in DynamoDB, each with the one in the catalog.

    >>> catalog_name("SELECT * FROM my-table", {"my-table": "my_table"})
    '; in SQL, my-table is called my_table'
    """
    spelt = [name for name, known in names.items() if name != known and name in sql]
    return f"; in SQL, {spelt[0]} is called {names[spelt[0]]}" if spelt else ""


def missing_name(why: str, sql: str, relations: Sequence[Relation]) -> str:
    """Returns what to add to Athena's error about a table or column that does not exist; "" for any other error.

    Args:
        why: Athena's words.
        sql: the query, which says of which tables columns are wanted.
        relations: the tables and views that there are.
    """
    if table := _NO_TABLE.search(why):
        return _suggest(table[1], [each.name for each in relations])
    if column := _NO_COLUMN.search(why):
        words = set(_WORD.findall(sql.lower()))
        return _suggest(column[1], {name for each in relations if each.name in words for name in each.columns})
    return ""


def _suggest(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    like = nearest(name, names)
    if like:
        return f"; did you mean {like}?"
    listed = ", ".join(names[:LISTED])
    return f"; there are: {listed}{', …' if len(names) > LISTED else ''}" if names else ""
