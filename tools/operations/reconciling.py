"""Compares a table with its lake: reads the table, waits for the lake, compares, and looks again at what is open."""

from __future__ import annotations

import tempfile
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from tools import paths
from tools.cli import console
from tools.errors import LakeError
from tools.lake.data_objects import Period
from tools.lake.reconcile import hops, verdicts
from tools.lake.reconcile.comparison import Comparison, Open
from tools.lake.reconcile.report import Finding, Report
from tools.lake.reconcile.spool import Spool
from tools.operations import reading_table
from tools.operations.explaining import Explainer
from tools.operations.lake_progress import Progress
from tools.operations.reading_lake import LakeReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tools.lake.objects import LakeObject
    from tools.lake.reconcile.verdicts import Verdict
    from tools.operations.reading_table import Reading
    from tools.operations.reconciled_table import ReconciledTable

ROUNDS: Final = 3
"""Times that keys which are open are looked at again."""

_FOLDER_AGE: Final = timedelta(hours=2)
"""So much older than a change can the folder be that it comes to: a buffer holds 15 minutes at most."""

_US: Final = 1_000_000

_QUIET_US: Final = 60 * _US
"""So long has the lake no change for a hole that is told of."""

_RECOVERY_US: Final = 35 * 86_400 * _US
"""How far point-in-time recovery goes back at most (Amazon DynamoDB Developer Guide, "Point-in-time backups")."""

_SWITCH_US: Final = 600 * _US
"""So long after it was published, and not longer, can a version be given to the alias by the same deploy."""


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Attributes:
        how: how the table is read.
        export_arn: an export that is there already.
        markers: whether marker items may be written.
        margin: seconds by which the times of changes and of reads may be off.
        counter: a column in which items count their versions.
        sample: keys that are explained.
        jobs: processes.
        timeout: seconds until changes must have come to the lake; None: by the buffers.
    """

    how: Literal["scan", "export"]
    export_arn: str | None
    markers: bool
    margin: int
    counter: str | None
    sample: int
    jobs: int
    timeout: int | None


def reconcile(
    table: ReconciledTable, request: Request, repair: Callable[[Iterable[Open]], None] | None = None
) -> Report:
    """Compares a table with its lake, and returns what was found.

    Args:
        table: the table.
        request: how.
        repair: called with the keys of which the lake lacks the latest state, where there are any.

    Raises:
        LakeError: something cannot be read, or the lake does not come up to the table in time.
    """
    paths.BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="reconcile-", dir=paths.BUILD) as name:
        folder = Path(name)
        comparison = Comparison(folder, request.margin * _US)
        with closing(comparison), console.telling(f"{table.name}: reading the table") as tell:
            return _Reconciliation(table, request, folder, comparison, tell).run(repair)


class _Reconciliation:
    """One comparison of a table with its lake."""

    def __init__(
        self,
        table: ReconciledTable,
        request: Request,
        folder: Path,
        comparison: Comparison,
        tell: Callable[[str], None],
    ) -> None:
        self._table, self._request, self._folder, self._comparison = table, request, folder, comparison
        self._telling = tell
        self._counts: Final[Counter[str]] = Counter()
        self._began = datetime.now(UTC)
        prefix = table.outputs.data_prefix
        digests = paths.BUILD / "digests"
        self._reader = LakeReader(table.lake, prefix, digests, request.counter, request.jobs)
        self._final = Spool(folder / "final")

    def run(self, repair: Callable[[Iterable[Open]], None] | None) -> Report:
        began = monotonic()
        reading = self._read_table()
        self._read_lake(Period())
        progress = Progress(self._table, markers=self._request.markers, timeout=self._request.timeout)
        self._wait(progress, reading)
        self._tell("comparing")
        self._comparison.set_claims(reading.files)
        hidden_drops = self._comparison.hidden_drops()
        left = self._sorted(0, self._comparison.first(reading.window), None)
        self._look_again(progress, reading, left)
        if len(self._final) and self._table.refreshed().versions != self._table.versions:
            raise LakeError(
                f"{self._table.name}: the function was deployed meanwhile, so that nothing can be said of "
                f"{console.counted(len(self._final), 'key')}; run this again"
            )
        sample, broken = self._judge(hidden_drops)
        self._tell("looking for the reasons")
        explainer = Explainer(self._table, self._comparison, self._reader.objects, self._request.margin)
        findings = tuple(explainer.explain(sample))
        lost = list(self._comparison.lost_versions(reading.window.first - self._request.margin * _US))
        if repair and len(broken):
            repair(broken)
        self._reader.trim()
        lines, bad = self._comparison.lines()
        return Report(
            table=self._table.name,
            at=_text(reading.window.last),
            items=reading.items,
            lines=lines,
            bad_lines=bad,
            counts={name: count for name, count in sorted(self._counts.items()) if count},
            findings=findings,
            lost=tuple(lost[: self._request.sample]),
            lost_versions=sum(each.missing for each in lost),
            proof="markers" if progress.by_markers else "waiting",
            seconds=round(monotonic() - began, 1),
            quiet=self._quiet(findings, reading.window.last),
        )

    def _quiet(self, findings: Iterable[Finding], until_us: int) -> tuple[str, str] | None:
        """Returns the longest time without a change, where changes were never streamed: as far as exports go back."""
        if not any(each.hop and hops.was_never_streamed(each.hop) for each in findings):
            return None
        found = self._comparison.longest_quiet(until_us - _RECOVERY_US, until_us, _QUIET_US)
        return (_text(found[0]), _text(found[1] + _US)) if found else None

    def _tell(self, what: str) -> None:
        self._telling(f"{self._table.name}: {what}")

    def _read_table(self) -> Reading:
        count = 0

        def done(more: int) -> None:
            nonlocal count
            count += more
            self._tell(f"{count:,} items read")

        folder, jobs = self._folder / "claims-0", self._request.jobs
        if self._request.how == "scan":
            return reading_table.scan(self._table.source, folder, jobs, done)
        found = self._table.exported(self._request.export_arn, self._tell)
        return reading_table.of_export(self._table.source, found, self._table.lake, folder=folder, jobs=jobs, done=done)

    def _read_lake(self, period: Period) -> None:
        count = 0

        def done(_: LakeObject) -> None:
            nonlocal count
            count += 1
            self._tell(f"{count:,} objects of the lake read")

        self._comparison.add_objects(self._reader.new(period, done))

    def _wait(self, progress: Progress, reading: Reading) -> None:
        """Waits until the lake has what was in the table when it was read, and reads what has come."""
        recent = Period(first=self._began - _FOLDER_AGE)

        def have(keys: set[bytes]) -> set[bytes]:
            self._read_lake(recent)
            return self._comparison.have(keys)

        progress.wait(datetime.fromtimestamp(reading.window.last / _US, UTC), have, self._tell)
        self._read_lake(Period())

    def _look_again(self, progress: Progress, reading: Reading, left: Spool) -> None:
        for number in range(1, ROUNDS + 1):
            if not len(left):
                return
            if any(each.verdict in verdicts.IN_FLUX for each in left):
                self._tell(f"{len(left):,} keys are looked at again, when their changes are some seconds old")
                sleep(self._request.margin)
            before = reading.window.first
            self._table = self._table.refreshed()
            reading = reading_table.read_again(
                self._table.source,
                left,
                self._folder / f"claims-{number}",
                self._request.jobs if len(left) > reading_table.KEYS_OF_A_TASK else 1,
                lambda _: self._tell(f"{len(left):,} keys are looked at again"),  # noqa: B023  # called within
            )
            self._wait(progress, reading)
            self._comparison.set_claims(reading.files)
            live_since_us = self._table.versions.live_since_us + _SWITCH_US
            left = self._sorted(number, self._comparison.again(left, live_since_us), before)
        for each in left:
            self._final.add(msgspec.structs.replace(each, verdict="unsettled"))

    def _sorted(self, number: int, found: Iterator[Open | Verdict], before: int | None) -> Spool:
        """Counts what is settled, keeps faults that were seen twice, and returns what is left.

        Of a fault that is seen again the lake's row must be from before `before`, when the item was read the last time:
        the function was told of that row then, not of one that came since.
        """
        left = Spool(self._folder / f"open-{number}")
        for each in found:
            if not isinstance(each, Open):
                self._counts[each] += 1
            elif before is not None and each.verdict in verdicts.FAULTS and (each.row is None or each.row.us <= before):
                self._final.add(each)
            else:
                left.add(reading_table.with_key(self._table.source.schema, each))
        return left

    def _judge(self, hidden_drops: int) -> tuple[list[Open], Spool]:
        """Counts the last verdicts; returns the first keys to explain, and all that the lake lacks the state of."""
        sample: list[Open] = []
        broken = Spool(self._folder / "broken")
        for each in self._final:
            verdict = verdicts.at_last(
                each.verdict,
                each.row,
                self._table.versions,
                is_readable=each.item_key is not None,
                hidden_drops=hidden_drops,
            )
            self._counts[verdict] += 1
            if verdict in ("missing", "different") and not each.fails:
                broken.add(each)
            if verdict in (*verdicts.FAULTS, "undetermined") and len(sample) < self._request.sample:
                sample.append(msgspec.structs.replace(each, verdict=verdict))
        return sample, broken


def _text(us: int) -> str:
    return datetime.fromtimestamp(us / _US, UTC).strftime("%Y-%m-%d %H:%M:%S")
