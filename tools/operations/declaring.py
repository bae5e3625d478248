"""Declares the columns of tables as they should be, or refuses where what is declared hides something from readers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.cli import console, prompt
from tools.errors import RefusedError
from tools.lake import columns_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tools.operations.surveying import TableSchema

_LISTED: Final = 5


def check(schemas: Sequence[TableSchema], *, quiet: bool) -> None:
    """Returns when readers of the tables miss nothing.

    Raises:
        RefusedError: columns are not deployed, or values do not read back with the types that are.
    """
    missing = [schema for schema in schemas if schema.drift]
    if missing:
        is_to_write = any(schema.changes for schema in missing)
        remedy = "declare them with --write, and deploy" if is_to_write else "the files declare them: deploy"
        raise RefusedError(f"{'; '.join(map(drift, missing))}; {remedy}")
    if not quiet:
        console.say("Readers miss nothing.")


def declare(schemas: Sequence[TableSchema], folder: Path, *, write: bool, yes: bool, quiet: bool) -> None:
    """Shows what the files that declare columns should hold, and writes it where `write` says so.

    Raises:
        UsageError: there is nobody to ask, and `yes` does not say to go ahead.
        LakeError: the answer is no, or a file cannot be written.
    """
    found = [(schema, edits(schema, columns_file.read(folder, schema.table))) for schema in schemas]
    wanted = [(schema, lines) for schema, lines in found if lines]
    if not quiet:
        for schema, lines in wanted:
            console.say(f"{schema.file} {'gets' if write else 'would get, with --write'}:")
            for line in lines:
                console.say(f"  {line}")
        if not wanted:
            console.say("The columns are declared as they should be.")
    if not wanted or not write:
        return
    prompt.confirm(f"Write {', '.join(schema.file for schema, _ in wanted)}?", yes=yes)
    for schema, _ in wanted:
        declared = columns_file.read(folder, schema.table)
        columns_file.write(folder, schema.table, {**declared, **schema.changes})
    if not quiet:
        console.say("Written. The next deploy declares them.")


def edits(schema: TableSchema, declared: Mapping[str, str]) -> list[str]:
    """Returns a line for each column that the file would hold anew or with another type."""
    return [
        f"{name}: {declared[name]} becomes {type_}" if name in declared else f"{name}: {type_}, new"
        for name, type_ in schema.changes.items()
    ]


def drift(schema: TableSchema) -> str:
    """Returns in one line what readers of a table miss; nothing where they miss nothing."""
    new = [column.name for column in schema.drift if column.declared is None]
    undeclared = [name for name in new if name not in schema.undeployed]
    undeployed = [name for name in new if name in schema.undeployed]
    losing = [column.name for column in schema.drift if column.lost]
    values = sum(sum(column.lost.values()) for column in schema.drift)
    parts = [
        f"{what}: {console.counted(len(names), 'column')} ({_listed(names)})"
        for what, names in (("not declared", undeclared), ("declared, and not deployed", undeployed))
        if names
    ]
    if losing:
        whose = "declared" if schema.file_only else "deployed"
        parts.append(f"not read back with the {whose} type: {console.counted(values, 'value')} ({_listed(losing)})")
    return f"{schema.table}: {', '.join(parts)}" if parts else ""


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more
