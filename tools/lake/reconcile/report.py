"""What a reconciliation found."""

from __future__ import annotations

import msgspec

from tools.lake.reconcile.comparison import Lost
from tools.lake.reconcile.differences import Difference


class Finding(msgspec.Struct, frozen=True):
    """One key in which lake and table are not equal.

    Attributes:
        verdict: missing, extra, different, or undetermined.
        key: its `cdc_key`; the typed key where the lake has none and a rule hides it.
        columns: the columns that differ.
        hop: where its change was lost, or its row came from.
        object: the object of the lake's latest row.
        line: the number of that row's line.
        changed_at: the time of that row's change, UTC.
    """

    verdict: str
    key: str
    columns: tuple[Difference, ...] = ()
    hop: str | None = None
    object: str | None = None
    line: int | None = None
    changed_at: str | None = None


class Report(msgspec.Struct, frozen=True):
    """What was compared, and what was found.

    Attributes:
        table: the table.
        at: the time of the table that the lake was compared with, UTC.
        items: items of the table.
        lines: lines of the lake.
        bad_lines: those that are no lake records.
        counts: verdict -> keys.
        findings: the first keys that are not equal, with the reasons.
        lost: the first keys of which versions are missing in the lake, where the table's items count them.
        lost_versions: versions that are missing.
        proof: how the lake was known to have all changes: by `markers`, or by `waiting`.
        seconds: how long it took.
        quiet: the longest time without a change in the lake, UTC, where changes were found that were never streamed.
    """

    table: str
    at: str
    items: int
    lines: int
    bad_lines: int
    counts: dict[str, int]
    findings: tuple[Finding, ...]
    lost: tuple[Lost, ...]
    lost_versions: int
    proof: str
    seconds: float
    quiet: tuple[str, str] | None = None

    @property
    def is_equal(self) -> bool:
        """Whether nothing is missing, extra or different, and no version is lost."""
        return not any(self.counts.get(each) for each in ("missing", "extra", "different")) and not self.lost_versions
