"""Columns of which a table says something: those that rules hash, and those of its key."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from tools.artifact import table_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_SEPARATOR = "__"
"""What joins the names of a path where `transform.path_separator` says nothing else."""


def hashed_columns(rules: Mapping[str, str], separator: str = DEFAULT_SEPARATOR) -> set[str]:
    """Returns the columns of the paths that have the rule `hash`.

    Args:
        rules: path -> rule, as the outputs of an environment say.
        separator: joins the names of a path.

    >>> sorted(hashed_columns({"Card.no": "hash", "price": "text", "2fa": "hash"}))
    ['card__no', 'x2fa']
    """
    return {column_name(table_settings.names(path), separator) for path, rule in rules.items() if rule == "hash"}


def key_columns(cdc_key: str, separator: str = DEFAULT_SEPARATOR) -> set[str]:
    """Returns the columns of a table's key, which the catalog declares as text by itself; `cdc_key` is of any item.

    A name outside of ASCII is none of them: the catalog cannot spell its column.

    >>> sorted(key_columns('{"Customer":"c-17","2nd":42,"größe":1}'))
    ['customer', 'x2nd']
    """
    try:
        key = json.loads(cdc_key)
    except ValueError:
        return set()
    return {column_name((name,), separator) for name in key if name.isascii()} if isinstance(key, dict) else set()


def column_name(names: tuple[str, ...], separator: str = DEFAULT_SEPARATOR) -> str:
    """Returns the column of a path, as `lake_transform.columns` names it."""
    column = separator.join(re.sub("[^a-z0-9_]", "_", re.sub(r"[^\x00-\x7f]", _code, name).lower()) for name in names)
    return column if column[:1].isalpha() else f"x{column}"


def _code(character: re.Match[str]) -> str:
    return f"u{ord(character[0]):06x}"
