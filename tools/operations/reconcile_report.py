"""Tells what a reconciliation found, for people and for scripts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import msgspec

from tools.cli.console import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.lake.reconcile.report import Finding, Report

_SHOWN_COLUMNS: Final = 8


def as_json(report: Report, repaired: int) -> str:
    """Returns the report as one JSON object, with how many rows were written to the lake."""
    return json.dumps({**msgspec.to_builtins(report), "equal": report.is_equal, "repaired": repaired})


def lines(report: Report, repaired: int, label: str) -> Iterator[str]:
    """Yields the report, line by line; `label` is what the deployment of the table is called in a command."""
    yield (
        f"{report.table} at {report.at}: {counted(report.items, 'item')}, {counted(report.lines, 'line')} in the lake, "
        f"{report.seconds:.0f} s, proven by {report.proof}"
    )
    yield "  " + ", ".join(f"{count:,} {verdict}" for verdict, count in report.counts.items())
    if report.bad_lines:
        yield f"  {counted(report.bad_lines, 'line')} of the lake is no lake record"
    for finding in report.findings:
        yield from _finding(finding)
    told = len(report.findings)
    whole = sum(report.counts.get(each, 0) for each in ("missing", "extra", "different", "undetermined"))
    if whole > told:
        yield f"  and {whole - told:,} more (--sample)"
    for lost in report.lost:
        yield (
            f"  lost versions {lost.cdc_key}: {lost.missing} of {lost.first} to {lost.last} never came to the lake, "
            "or were removed from it"
        )
    if report.quiet:
        first, end = (each.replace(" ", "T") + "Z" for each in report.quiet)
        yield f"  the lake has no change of {report.quiet[0]} to {report.quiet[1]}: if streaming was off then, run"
        yield f"  python -m tools.backfill {label} --table {report.table} --since {first} --until {end}"
    if repaired:
        yield f"  {counted(repaired, 'SNAPSHOT row')} written to the lake"
    yield f"{report.table}: {'equal' if report.is_equal else 'NOT EQUAL'}"


def _finding(finding: Finding) -> Iterator[str]:
    yield f"  {finding.verdict} {finding.key}"
    if finding.columns:
        shown = ", ".join(f"{each.column} ({each.how})" for each in finding.columns[:_SHOWN_COLUMNS])
        more = len(finding.columns) - _SHOWN_COLUMNS
        yield f"    columns: {shown}" + (f" and {more} more" if more > 0 else "")
    if finding.object:
        yield f"    row: {finding.object}, line {finding.line}, changed {finding.changed_at}"
    if finding.hop:
        yield f"    hop: {finding.hop}"
