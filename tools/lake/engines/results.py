"""A question in SQL and its answer, whoever answers it: columns, and rows of text in which no digit is lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

Row = tuple[str | None, ...]
"""The values of a row as text, each as its type spells it; None is null, and "" is empty text."""


@dataclass(frozen=True)
class Query:
    """SQL in Athena's dialect, and the texts that its `?` stand for, in their order."""

    sql: str
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """A column of an answer: its name, and its type in Athena's words, such as varchar or decimal(38,2)."""

    name: str
    type: str


@dataclass(frozen=True)
class Result:
    """An answer: its columns, its rows, which can be read once, and a line about how it came, or ""."""

    columns: tuple[Column, ...]
    rows: Iterator[Row]
    told: str = ""


def peek(result: Result) -> tuple[bool, Result]:
    """Returns whether an answer has any row, and the same answer with all of its rows."""
    first = next(result.rows, None)
    return first is not None, result if first is None else replace(result, rows=chain((first,), result.rows))
