"""Tells what became of a backfill, for people and for scripts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec

from tools.cli.console import counted
from tools.lake.backfill.row_making import FAILED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tools.lake.gaps import Gap
    from tools.lake.reconcile.report import Report
    from tools.operations.backfill_loaded import Loaded
    from tools.operations.backfill_request import Wanted


def lines(wanted: Wanted, loaded: Sequence[Loaded], gap: Gap | None) -> Iterator[str]:
    """Yields what became of each export, and how it is proven."""
    table, options = wanted.table, f"{wanted.label} --table {wanted.table.name}"
    for each in loaded:
        counts = each.done.counts
        yield (
            f"{table.name}: {counted(each.items, 'item')} as of {each.at} UTC became {counted(counts.rows, 'row')}, "
            f"{counts.dropped} dropped by the hook, {counts.left} failed"
        )
        if each.removed:
            yield f"  removed: {counted(each.removed, 'item')} of the stream that neither table nor export has"
        for why, count in each.done.reasons.items():
            yield f"    {counted(count, 'item')}: {why or 'the log of the function does not say why'}"
        if counts.left:
            yield f"  they lie in s3://{table.lake.bucket}/{table.outputs.error_prefix}{FAILED}/; mend these, and"
            yield f"  take them back: python -m tools.replay {options}"
    if not loaded:
        yield f"{table.name}: its rows were written already"
    if gap:
        yield (
            f"{table.name}: versions between {gap.since} and {gap.until} may be missing in its history, "
            "which query --history tells"
        )
    if not wanted.proof:
        yield f"prove it: python -m tools.reconcile {options}"


def as_json(wanted: Wanted, loaded: Sequence[Loaded], gap: Gap | None, report: Report | None) -> str:
    """Returns the same as one JSON object."""
    return json.dumps(
        {
            "table": wanted.table.name,
            "exports": msgspec.to_builtins(loaded),
            "gap": msgspec.to_builtins(gap),
            "reconcile": {**msgspec.to_builtins(report), "equal": report.is_equal} if report else None,
        }
    )
