"""Writes the tables: aligned text for a terminal, Markdown for a README."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import events
from tests.bench.probes import PROBES
from tests.bench.results import FLOOR, VARIANTS, WAYS, Results, Way

Table = tuple[str, list[list[str]]]


def text(results: Results) -> str:
    """Returns all tables as aligned text."""
    parts = [machine()]
    for title, rows in _tables(results):
        plain = [[cell.replace("**", "").replace("`", "") for cell in row] for row in rows]
        widths = [max(map(len, column)) for column in zip(*plain, strict=True)]
        lines = [
            "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in plain
        ]
        parts.append("\n".join([title, "", *lines]))
    return "\n\n".join(parts) + "\n"


def markdown(results: Results) -> str:
    """Returns all tables as Markdown."""
    parts = [machine()]
    for title, rows in _tables(results):
        header, *body = ["| " + " | ".join(row) + " |" for row in rows]
        parts.append("\n".join([title, "", header, "|" + "---|" * len(rows[0]), *body]))
    return "\n\n".join(parts) + "\n"


def machine() -> str:
    """Returns the date, processor, system and Python of the measurement."""
    models = [
        line.partition(":")[2].strip()
        for line in (Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else [])
        if line.startswith("model name")
    ]
    model = models[0] if models else platform.machine()
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {model}, {os.cpu_count()} cores, {platform.system()} on {platform.machine()}, "
        f"{platform.python_implementation()} {platform.python_version()}."
    )


def _tables(results: Results) -> Iterator[Table]:
    yield (
        "Time as a multiple of the floor, which decodes, parses, writes again and encodes, and flattens nothing "
        "(lower is better). Columns: size of an item, size of an event; records are inserts, except in the column "
        "update.",
        _per_case(results, lambda case, module: f"{results.ratios[case][module]:.2f}"),
    )
    yield (
        "The same in milliseconds of CPU time for one batch.",
        _per_case(results, lambda case, module: f"{results.milliseconds[case][module]:.1f}"),
    )
    yield (
        "Memory over the baseline for one 6 MB event of medium items (our answer to it takes "
        f"{results.output:.1f} MB), and import time after the Lambda runtime's own imports.",
        [
            ["", "peak, MB", "import, ms"],
            *(
                [
                    way.label,
                    f"{results.memory[way.module]:.0f}" if way.module in results.memory else "unknown",
                    f"{results.cold_start[way.module]:.0f}",
                ]
                for way in WAYS
                if way not in VARIANTS
            ),
        ],
    )
    yield (
        "What is kept of legal items. A way that `raises` loses its whole batch.",
        [["", *PROBES], *([way.label, *results.answers[way.module].values()] for way in _flatteners())],
    )


def _flatteners() -> list[Way]:
    return [way for way in WAYS if way.module != FLOOR and way not in VARIANTS]


def _per_case(results: Results, cell: Callable[[events.Case, str], str]) -> list[list[str]]:
    return [
        ["", *map(str, events.CASES)],
        *([way.label, *(cell(case, way.module) for case in events.CASES)] for way in WAYS),
    ]
