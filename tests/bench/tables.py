"""The tables: aligned text for a terminal, Markdown for a README."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import events
from tests.bench.contest import FLOOR, HOOKED, WAYS, Found, Way
from tests.bench.probes import PROBES

Table = tuple[str, list[list[str]]]


def text(found: Found) -> str:
    """Returns all tables as aligned text."""
    parts = [machine()]
    for title, rows in _tables(found):
        plain = [[cell.replace("**", "").replace("`", "") for cell in row] for row in rows]
        widths = [max(map(len, column)) for column in zip(*plain, strict=True)]
        lines = [
            "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in plain
        ]
        parts.append("\n".join([title, "", *lines]))
    return "\n\n".join(parts) + "\n"


def markdown(found: Found) -> str:
    """Returns all tables as Markdown."""
    parts = [machine()]
    for title, rows in _tables(found):
        header, *body = ["| " + " | ".join(row) + " |" for row in rows]
        parts.append("\n".join([title, "", header, "|" + "---|" * len(rows[0]), *body]))
    return "\n\n".join(parts) + "\n"


def machine() -> str:
    """Returns when and on what this is measured, without the machine's name."""
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


def _tables(found: Found) -> Iterator[Table]:
    yield (
        "Time as a multiple of the floor, which decodes, parses, writes again and encodes, and flattens nothing "
        "(lower is better). Columns: size of an item, of an event; records are inserts where nothing says update.",
        _per_case(found, lambda case, module: f"{found.ratios[case][module]:.2f}"),
    )
    yield (
        "The same in milliseconds of CPU time for one batch.",
        _per_case(found, lambda case, module: f"{found.milliseconds[case][module]:.1f}"),
    )
    yield (
        f"Memory over the baseline for one 6 MB event of medium items (our answer to it takes {found.output:.1f} MB), "
        "and import time after the Lambda runtime's own imports.",
        [
            ["", "peak, MB", "import, ms"],
            *(
                [
                    way.label,
                    f"{found.memory[way.module]:.0f}" if way.module in found.memory else "not told here",
                    f"{found.cold_start[way.module]:.0f}",
                ]
                for way in WAYS
                if way not in HOOKED
            ),
        ],
    )
    yield (
        "What is kept of legal items. `raises` loses the whole batch.",
        [["", *PROBES], *([way.label, *found.answers[way.module].values()] for way in _flatteners())],
    )


def _flatteners() -> list[Way]:
    return [way for way in WAYS if way.module != FLOOR and way not in HOOKED]


def _per_case(found: Found, cell: Callable[[events.Case, str], str]) -> list[list[str]]:
    return [
        ["", *map(str, events.CASES)],
        *([way.label, *(cell(case, way.module) for case in events.CASES)] for way in WAYS),
    ]
