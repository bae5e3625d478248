"""The function's settings, read once from its environment variables, and for single tables from its package."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, cast

from lake_transform import table_settings
from lake_transform.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lake_transform.table_settings import TableSettings

ListFormat = Literal["text", "array"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]

_LIST_FORMATS: Final = ("text", "array")
_LOG_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR")
_SWITCH: Final = ("on", "off")
_SEPARATOR: Final = r"[a-z0-9_]{1,16}"
_HOOK: Final = r"(?a:[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_]\w*)"


class Settings(NamedTuple):
    """How records are flattened and logged.

    Attributes:
        path_separator: joins the names of a path into a column name; 1 to 16 characters of `a-z 0-9 _`.
        list_format: `text` writes lists and sets as JSON text, `array` as JSON arrays.
        log_level: the least severe detail that is logged.
        hook: `package.module:function` that is called with each row before it is written, or None.
        native_code: whether native code may be used; the lines are the same without it.
        tables: table's name -> its settings, of the tables that have any.
        mask_key: the key of hashes; empty if no rule needs one.
    """

    path_separator: str = "__"
    list_format: ListFormat = "text"
    log_level: LogLevel = "INFO"
    hook: str | None = None
    native_code: bool = True
    tables: Mapping[str, TableSettings] = {}
    mask_key: bytes = b""


def from_environment(environment: Mapping[str, str], table_settings_file: Path = table_settings.FILE) -> Settings:
    """Reads the settings. A variable that is absent or empty has its default.

    Raises:
        SettingsError: a value is not allowed; the message names the variable and the values that are. Or the package
            was built for other table settings than the variables are for.
    """
    separator = environment.get("PATH_SEPARATOR") or "__"
    if not re.fullmatch(_SEPARATOR, separator):
        raise SettingsError(f"PATH_SEPARATOR is {separator!r}: give 1 to 16 characters of a-z, 0-9 and _")
    list_format = environment.get("LIST_FORMAT") or "text"
    if list_format not in _LIST_FORMATS:
        raise SettingsError(f"LIST_FORMAT is {list_format!r}: give one of {', '.join(_LIST_FORMATS)}")
    log_level = (environment.get("LOG_LEVEL") or "INFO").upper()
    if log_level not in _LOG_LEVELS:
        raise SettingsError(f"LOG_LEVEL is {log_level!r}: give one of {', '.join(_LOG_LEVELS)}")
    hook = environment.get("TRANSFORM_HOOK") or None
    if hook is not None and not re.fullmatch(_HOOK, hook):
        raise SettingsError(f"TRANSFORM_HOOK is {hook!r}: give package.module:function")
    native_code = environment.get("NATIVE_CODE") or "on"
    if native_code not in _SWITCH:
        raise SettingsError(f"NATIVE_CODE is {native_code!r}: give one of {', '.join(_SWITCH)}")
    tables = table_settings.from_package(environment, table_settings_file)
    mask_key = environment.get("MASK_KEY") or ""
    if not mask_key:
        for table, each in tables.items():
            if "hash" in each.rules.values():
                raise SettingsError(f"MASK_KEY is not set, and table {table} has a rule `hash`: give a key")
    return Settings(
        path_separator=separator,
        list_format=cast("ListFormat", list_format),
        log_level=cast("LogLevel", log_level),
        hook=hook,
        native_code=native_code == "on",
        tables=tables,
        mask_key=mask_key.encode(),
    )
