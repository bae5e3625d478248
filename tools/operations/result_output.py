"""Brings an answer to where it is wanted: the terminal, a pipe, or a file that is there as a whole or not at all."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TextIO

from tools import files
from tools.cli import console
from tools.errors import LakeError, UsageError
from tools.lake import result_formats, table_view

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tools.lake.engines.results import Result

TABLE_ROWS: Final = 100
"""Rows of a table for people, where --limit does not say otherwise."""


@dataclass(frozen=True)
class Destination:
    """Where an answer goes and how: a format, a file or standard output, and the rows of a table for people."""

    format: str
    file: Path | None = None
    limit: int = TABLE_ROWS

    def put(self, result: Result) -> None:
        """Writes the answer.

        Raises:
            LakeError: the file cannot be written.
        """
        if self.file is None:
            _write(self._lines(result, _width()), sys.stdout)
            return
        try:
            self._put_file(result, self.file)
        except OSError as error:
            raise LakeError(f"{self.file} cannot be written: {error.strerror or error}") from None

    def _put_file(self, result: Result, file: Path) -> None:
        with files.replacing(file) as partial:
            if self.format == "parquet":
                result_formats.write_parquet(result, partial)
                return
            with partial.open("w", encoding="utf-8", newline="") as out:
                _write(self._lines(result, None), out)

    def _lines(self, result: Result, width: int | None) -> Iterator[str]:
        if self.format == "table":
            return table_view.lay_out(result, self.limit, width)
        return result_formats.csv_lines(result) if self.format == "csv" else result_formats.json_lines(result)


def destination(format_: str | None, file: Path | None, limit: int | None, *, as_json: bool) -> Destination:
    """Returns where an answer goes; without a format a terminal gets a table, and all else CSV.

    Raises:
        UsageError: the options contradict each other.
    """
    if as_json and format_ not in (None, "jsonl"):
        raise UsageError(f"--json is --format jsonl, and --format {format_} is given too")
    chosen = "jsonl" if as_json else format_ or ("table" if file is None and console.out.is_terminal else "csv")
    if chosen == "parquet" and file is None:
        raise UsageError("--format parquet needs --output FILE")
    if limit is not None and chosen != "table":
        raise UsageError("--limit is for --format table; write LIMIT in the SQL instead")
    if file is not None and not file.parent.is_dir():
        raise UsageError(f"--output {file}: there is no folder {file.parent}")
    return Destination(chosen, file, TABLE_ROWS if limit is None else limit)


def _width() -> int | None:
    return console.out.width if console.out.is_terminal else None


def _write(lines: Iterator[str], out: TextIO) -> None:
    try:
        out.writelines(f"{line}\n" for line in lines)
        out.flush()
    except BrokenPipeError:
        # Whoever read has enough: `head` does that. Python would complain when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
