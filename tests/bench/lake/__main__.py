"""Measures and prints: `python -m tests.bench.lake [--changes N ...] [--cores N ...] [--markdown FILE]`."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench import tables
from tests.bench.lake import measure, writing
from tests.bench.lake.measure import Measured
from tools import paths

FOLDER = paths.BUILD / "bench-lake"

WAYS = (
    ("current", "`query --current`, with making the copies", "duckdb_current"),
    ("current", "`query --current`, from the copies", "duckdb_current"),
    ("as_of", "`query --as-of`, from the copies", "duckdb_current"),
    ("history", "`query --history`, from the copies", "duckdb_current"),
    ("duckdb_current", "DuckDB alone: current", "duckdb_current"),
    ("schema", "`schema`", "duckdb_schema"),
    ("duckdb_schema", "DuckDB alone: types", "duckdb_schema"),
    ("compact", "`compact`, writing", "gzip_compact"),
    ("gzip_compact", "gzip alone: packing anew", "gzip_compact"),
    ("gzip_read", "gzip alone: reading", "gzip_read"),
)
"""A way of `asking`, what tables call it, and the peer that its CPU time is compared with."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.lake", description=__doc__)
    parser.add_argument("--changes", type=int, nargs="+", default=[100_000, 1_000_000], metavar="N")
    parser.add_argument("--cores", type=int, nargs="+", default=[len(os.sched_getaffinity(0))], metavar="N")
    parser.add_argument("--ways", nargs="+", choices=[way for way, _, _ in WAYS], help="these alone")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where lakes are made, and kept for the next time")
    parser.add_argument("--markdown", type=Path, help="write the tables there too, as Markdown")
    given = parser.parse_args()
    parts = [tables.machine()]
    for count in given.changes:
        _print_progress(f"writing {count:,} changes")
        lake = writing.lake(given.folder, count)
        for cores in given.cores:
            parts.append("\n".join(_table(lake, cores, measure_all(lake, cores, given.ways))))
            sys.stdout.write(f"{parts[-1]}\n\n")
            sys.stdout.flush()
    if given.markdown:
        given.markdown.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def measure_all(lake: Path, cores: int, ways: list[str] | None) -> dict[str, tuple[str, Measured]]:
    """Returns label -> way and what it took, with progress on stderr."""
    scratch = lake.with_name(f"{lake.name}-scratch")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    found = {}
    for way, label, _ in WAYS:
        if ways is None or way in ways:
            _print_progress(f"{lake.name} changes, cores: {cores}: {label}")
            found[label] = way, measure.run(way, lake, scratch, cores)
            _print_progress(f"  {found[label][1]}")
    shutil.rmtree(scratch)
    return found


def _table(lake: Path, cores: int, found: dict[str, tuple[str, Measured]]) -> Iterator[str]:
    described = json.loads((lake / writing.DESCRIPTION).read_text())
    taken = dict(found.values())
    yield (
        f"{described['changes']:,} changes of {described['line_bytes']} bytes in {described['objects']:,} objects, "
        f"cores: {cores}. CPU is that of all processes; the ratio is of CPU to the peer's."
    )
    yield ""
    yield "| | wall, s | CPU, s | ratio | memory, MiB | put aside, MiB | answer |"
    yield "|---|---|---|---|---|---|---|"
    for _, label, peer in WAYS:
        if label in found:
            took = found[label][1]
            ratio = f"{took.cpu / taken[peer].cpu:.2f}" if peer in taken else "-"
            cells = (label, f"{took.wall:.1f}", f"{took.cpu:.1f}", ratio, str(took.memory), str(took.spilt))
            yield f"| {' | '.join(cells)} | {took.answer:,} |"


def _print_progress(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
