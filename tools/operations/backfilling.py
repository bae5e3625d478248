"""Takes the past of a table into the lake: exports, plans, rows, and what is left to be done with the exports.

Each stage notes what it has done before the next begins, so that a run which was interrupted anywhere is ended by the
same command.
"""

from __future__ import annotations

import socket
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError, UsageError
from tools.lake import export_manifest, gaps, lease, purge
from tools.lake.backfill import plan as planning
from tools.lake.backfill import runs, windows
from tools.lake.backfill.plan import VERB, Plan
from tools.lake.backfill.runs import Part, Run
from tools.lake.export import Exporter, ExportFailedError
from tools.lake.ledger import ChangedError, Ledger
from tools.lake.row_ledger import Counts, RowLedger
from tools.lake.row_writer import RowWriter
from tools.operations import backfill_loaded, backfill_planning, backfill_removals, backfill_sets, backfill_spark
from tools.operations.backfill_loaded import Loaded
from tools.operations.backfill_removals import UnseenRemovals
from tools.operations.backfill_sets import Done, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tools.lake.backfill.plan import PlannedSet
    from tools.lake.export import Export, Window
    from tools.lake.gaps import Gap
    from tools.operations.backfill_spark import RunJob
    from tools.operations.reconciled_table import ReconciledTable


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Attributes:
        name: what the run is noted under; the same name goes on with a run that was interrupted.
        windows: what the exports are of; none: the whole table, once.
        export_arn: an export that is there already.
        keeps_exports: whether exports stay.
        jobs: processes.
        gap: the span whose versions are lost, which is noted; that of a run that was interrupted stays.
    """

    name: str
    windows: tuple[Window, ...] = ()
    export_arn: str | None = None
    keeps_exports: bool = True
    jobs: int = 1
    gap: Gap | None = None


class Backfill:
    """Takes the past of one table into the lake.

    Args:
        table: the table.
        who: the caller's ARN.
        tell: called with how far it is.
        run_job: has a job make the rows; None: they are made here.
    """

    def __init__(
        self,
        table: ReconciledTable,
        who: str,
        tell: Callable[[str], None],
        run_job: RunJob | None = None,
    ) -> None:
        self._table = table
        self._run_job = run_job
        self._who = who
        self._telling = tell
        self._s3 = table.lake.client()
        self._bucket = table.lake.bucket
        self._runs = Ledger(self._s3, self._bucket, runs.root(table.name), Run)
        self._sets = RowLedger(self._s3, self._bucket, table.name)
        self._carried_out_run: Run | None = None
        self.gap: Gap | None = None
        """The span whose versions are lost, as `run` has noted it."""

    def run(self, request: Request) -> list[Loaded]:
        """Carries out a run, or what an earlier one has left of it, and returns what became of each export.

        It is under way until `close`: whoever runs the same until then goes on with it.

        Raises:
            LakeError: DynamoDB or S3 refuses, the function cannot be called, or another tool writes to the table.
        """
        run, etag = self._begun(request)
        self.gap = run.gap
        if run.gap:
            gaps.put(self._s3, self._bucket, self._table.name, run.gap)
        loaded = []

        def note(number: int, part: Part) -> Part:
            nonlocal run, etag
            run = run.with_part(number, part)
            etag = self._runs.write(run.name, run, etag)
            return part

        for number, planned in enumerate(run.parts):
            part = planned
            if part.has_rows:
                loaded += backfill_loaded.of_earlier_run(self._s3, self._table, self._sets, part.arn)
            if part.is_done:
                continue
            if not part.arn:
                arn = self._start(run, part)
                part = note(number, msgspec.structs.replace(part, arn=arn))
            found = self._followed(run, part)
            if not part.has_rows:
                loaded.append(self._load(found, part.window, request.jobs))
                part = note(number, msgspec.structs.replace(part, has_rows=True))
            if not run.keeps_exports:
                self._remove(found, self._prefix(run, part))
            note(number, msgspec.structs.replace(part, is_done=True))
        self._carried_out_run = run
        return loaded

    def close(self) -> None:
        """Notes that nothing is left to be done after `run`: the next run of its name begins anew.

        Raises:
            LakeError: S3 refuses.
        """
        run = self._carried_out_run
        if run:
            self._runs.close(run.name, f"{run.name}-{run.parts[-1].arn.rpartition('/')[2]}", run)

    def _start(self, run: Run, part: Part) -> str:
        try:
            return self._exporter(run, part).start(part.token, None, part.window)
        except LakeError as error:
            # What is refused is planned anew by the next run.
            if not any(each.arn for each in run.parts):
                self._runs.drop(run.name)
            if part.window and part.window.end - part.window.first < windows.SHORTEST:
                whole = datetime.fromtimestamp(part.window.first + windows.SHORTEST, UTC)
                raise LakeError(
                    f"{error}: what began less than 15 minutes ago has to wait; run this again after "
                    f"{whole:%Y-%m-%dT%H:%M:%SZ}"
                ) from None
            raise

    def _begun(self, request: Request) -> tuple[Run, str]:
        """Returns the run that is under way, or a new one, as the ledger has it."""
        found = self._runs.read(request.name)
        if found is None:
            windows: Sequence[Window | None] = request.windows or (None,)
            parts = [Part(str(uuid.uuid4()), window, request.export_arn or "") for window in windows]
            run = Run(request.name, tuple(parts), request.keeps_exports, request.gap)
            try:
                return run, self._runs.write(run.name, run, None)
            except ChangedError:
                raise LakeError(
                    f"{self._table.name}: another begins the same; wait for it, or run this again"
                ) from None
        run, etag = found
        if request.export_arn and run.parts[0].arn != request.export_arn:
            raise UsageError(
                f"{self._table.name}: a load of export {run.parts[0].arn or 'that is being begun'} is under way; leave "
                "out --export to end it, or add --restart to forget it"
            )
        return run, etag

    def forget(self, name: str) -> None:
        """Forgets a run that was interrupted; rows that it has written stay.

        Raises:
            LakeError: S3 refuses.
        """
        self._runs.drop(name)

    def _followed(self, run: Run, part: Part) -> Export:
        try:
            found = self._exporter(run, part).follow(part.arn, self._tell)
        except ExportFailedError:
            self._runs.drop(run.name)
            raise
        if not found.arn.startswith(f"{self._table.outputs.table_arn}/") or found.bucket != self._bucket:
            self._runs.drop(run.name)
            raise UsageError(
                f"export {found.arn} in s3://{found.bucket} is none of {self._table.name} in s3://{self._bucket}"
            )
        return found

    def _exporter(self, run: Run, part: Part) -> Exporter:
        return self._table.exporter(self._prefix(run, part).rstrip("/"))

    def _prefix(self, run: Run, part: Part) -> str:
        """Returns what the keys of an export start with; of an incremental one all that do are its own."""
        whole = f"exports/{self._table.name}/"
        return f"{whole}{run.name}/{part.window.first}-{part.window.end}/" if part.window else whole

    def _load(self, found: Export, window: Window | None, jobs: int) -> Loaded:
        """Makes rows of an export, and checks that all of it became something."""
        files = export_manifest.files(self._s3, found)
        with lease.held(
            self._s3, self._bucket, self._table.name, who=self._who, host=socket.gethostname(), verb=VERB
        ) as held:
            planned = backfill_planning.planned(self._s3, self._table, found, files)
            writer = RowWriter(
                self._s3,
                self._bucket,
                self._table.name,
                prefix=self._table.outputs.data_prefix,
                verb=VERB,
                held=held,
            )
            writer.end_open([each.identity for each in planned.sets])
            done = self._carried_out(planned, found.id, held.token, jobs)
            removed = self._remove_unseen(writer, planned, found.id, window) if window else 0
        items = sum(each.items for each in files)
        total = done.counts.rows + done.counts.dropped + done.counts.left
        if total != items:
            raise LakeError(f"export {found.arn} has {items:,} items, and {total:,} were read; export again")
        return Loaded(found.arn, backfill_loaded.instant(found.time_us), items, done, removed)

    def _remove_unseen(self, writer: RowWriter, planned: Plan, export_id: str, window: Window) -> int:
        self._tell("looking for items that were made and removed")
        dynamodb, lake = self._table.aws.client("dynamodb"), (self._bucket, self._table.outputs.data_prefix)
        unseen = UnseenRemovals(self._s3, lake, dynamodb, self._table.source.schema, window)
        return backfill_removals.write(unseen, writer, self._sets, planned, export_id)

    def _carried_out(self, planned: Plan, export_id: str, token: str, jobs: int) -> Done:
        known = backfill_sets.counts_of(self._sets, planned.sets)
        left = [each for each in planned.sets if each.identity not in known]
        written = sum(known.values(), Counts())
        count, total = written.rows, sum(each.items for each in planned.sets)

        def done(more: Done) -> None:
            nonlocal count
            count += more.counts.rows
            self._tell(f"{count:,} of {total:,} rows written")

        self._tell(f"{count:,} of {total:,} rows written")
        if self._run_job:
            more = backfill_spark.carry_out(
                self._s3, planned, left, self._run_job, export_id=export_id, tell=self._tell
            )
            return Done(written + more)
        prefixes = (self._table.outputs.data_prefix, self._table.outputs.error_prefix)
        by_hour: dict[datetime, list[PlannedSet]] = {}
        for each in left:
            by_hour.setdefault(planning.hour(each, prefixes[0]), []).append(each)
        sum_of = Done(written)
        for hour, sets in by_hour.items():
            whole = msgspec.structs.replace(planned, sets=())
            work = Work(self._table.source, self._table.lake, whole, prefixes, token, hour)
            sum_of += backfill_sets.carry_out(work, sets, jobs, done)
        return sum_of

    def _remove(self, found: Export, prefix: str) -> None:
        """Removes an export, with all versions of its objects."""
        count = 0

        def progress(more: int) -> None:
            nonlocal count
            count += more
            self._tell(f"{count:,} versions of the export's objects removed")

        try:
            purge.purge(self._s3, self._bucket, progress, prefix if found.is_incremental else found.folder)
        except (BotoCoreError, ClientError) as error:
            raise LakeError(f"the export in s3://{self._bucket} cannot be removed: {reason(error)}") from None

    def _tell(self, what: str) -> None:
        self._telling(f"{self._table.name}: {what}")
