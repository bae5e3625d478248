"""Prints the columns of tables for people, and says what declaring them anew would change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.markup import escape
from rich.table import Table

from tools.cli import console

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.lake.column_types import Reading
    from tools.lake.schema_drift import Column
    from tools.operations.surveying import TableSchema

_READS: Final[Mapping[Reading, str]] = {
    "exact": "as they are",
    "changed": "as something else",
    "null": "as null",
    "fails": "as an error of the whole query",
}
_SHOWN_CHARACTERS: Final = 120


def show(schema: TableSchema) -> None:
    """Prints one table: its columns, rows that show a conflict or a loss, and lines that are no lake records."""
    console.say(f"{schema.table}: {console.counted(schema.rows, 'row')} in {console.counted(schema.objects, 'object')}")
    if schema.columns:
        table = Table("column", "kinds", "rows", "null", "declared", "proposed", "status", box=None, pad_edge=False)
        for column in schema.columns:
            table.add_row(*(escape(cell) for cell in _cells(column)))
        console.out.print(table, soft_wrap=False)
    if schema.file_only:
        console.say(f"{schema.table}: compared with {schema.file} alone: {schema.file_only}")
    if schema.undeployed:
        console.say(f"{schema.file} declares, and a deploy has to follow: {', '.join(schema.undeployed)}")
    for column in schema.columns:
        for line in explanations(column):
            console.say(line)
    if schema.bad_lines:
        console.warn(f"{schema.table}: no lake records: {console.counted(schema.bad_lines, 'line')}")
        for bad in schema.bad:
            console.warn(f"  {bad.key} line {bad.line}: {bad.reason}")
    if schema.is_cut:
        console.warn(f"{schema.table} has more columns than these: some map has data as names; give it the rule json")


def explanations(column: Column) -> Iterator[str]:
    """Yields a line for what a query does not see as it is, one for a conflict, and one for each row that shows it."""
    for reading, rows in column.lost.items():
        yield f"{column.name}: {console.counted(rows, 'value')} in {column.declared} read {_READS[reading]}"
    if column.status == "conflict":
        several = " and ".join(column.kinds)
        if column.proposed is None:
            yield f"{column.name}: {several or 'its name'} fit no type; leave it out, or mend what writes it"
        else:
            yield f"{column.name}: {several} in one column, which {column.proposed} reads; the rule text makes them one"
    for found in column.examples:
        yield f"  {found.kind} in {_shortened(found.cdc_key)} ({found.object} line {found.line})"


def _cells(column: Column) -> tuple[str, ...]:
    return (
        column.name,
        ", ".join(f"{kind} {rows}" for kind, rows in column.kinds.items()) or "-",
        str(column.rows),
        str(column.nulls),
        column.declared or "-",
        column.proposed or "-",
        f"{column.status}, masked" if column.is_masked and column.status != "masked" else column.status,
    )


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
