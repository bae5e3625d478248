"""The file that declares a table's columns: `<table>.json` in the folder that Terraform reads, column -> type."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from tools import files
from tools.errors import LakeError, UsageError
from tools.lake.summaries import METADATA_PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_COLUMN: Final = re.compile(r"[a-z][a-z0-9_]{0,254}")
_REMEDY: Final = 'it holds one flat object, {"column": "type"}; mend it, or remove it to start anew'


def path(folder: Path, table: str) -> Path:
    """Returns where the file of a table is, there or not."""
    return folder / f"{table}.json"


def is_column(name: str) -> bool:
    """Says whether the catalog takes a name for a column of an item."""
    return _COLUMN.fullmatch(name) is not None and not name.startswith(METADATA_PREFIX)


def read(folder: Path, table: str) -> dict[str, str]:
    """Returns the columns that are declared for a table, with their types; none where there is no file.

    Raises:
        UsageError: the file holds something else.
    """
    file = path(folder, table)
    try:
        content = files.read_json(file, _REMEDY)
    except LakeError as error:
        raise UsageError(str(error)) from None
    for name, type_ in (content or {}).items():
        if not isinstance(type_, str):
            raise UsageError(f"{file}: the type of {name} is no text; {_REMEDY}")
        if not is_column(name):
            raise UsageError(f"{file}: {name!r} is no column; use a-z, 0-9 and _, a letter first, and not cdc_…")
    return content or {}


def encode(columns: Mapping[str, str]) -> bytes:
    """Returns the bytes of the file: columns in the order of their names, a line each.

    >>> encode({"b": "string", "a": "bigint"}).decode().splitlines()
    ['{', '  "a": "bigint",', '  "b": "string"', '}']
    """
    return json.dumps(dict(columns), indent=2, sort_keys=True).encode() + b"\n"


def write(folder: Path, table: str, columns: Mapping[str, str]) -> Path:
    """Writes the file, so that a reader finds the old or the new one, and returns where it is.

    Raises:
        LakeError: it cannot be written.
    """
    file = path(folder, table)
    try:
        files.write_bytes(file, encode(columns))
        file.chmod(0o644)
    except OSError as error:
        raise LakeError(f"{file} cannot be written ({error.strerror})") from None
    return file
