"""What one run of `backfill` asks for, checked against the table as it is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from tools.errors import RefusedError, UsageError
from tools.lake import instants
from tools.lake.backfill import runs, windows
from tools.lake.gaps import Gap
from tools.operations import backfill_checks, reconciled_table
from tools.operations.backfilling import Request as Backfilling
from tools.operations.reconciling import Request as Proof

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.operations.lake_access import LakeAccess
    from tools.operations.reconciled_table import ReconciledTable

_HIDING: Final = frozenset(("hash", "drop"))
"""Rules whose values an export shows, and the lake does not."""


@dataclass(frozen=True)
class Wanted:
    """What is wanted of which table, and what is said before it is done.

    Attributes:
        label: what the deployment is called in a command.
        table: the table.
        request: the run.
        proof: the comparison that follows; None: none does.
        announcement: lines that say what will be done.
    """

    label: str
    table: ReconciledTable
    request: Backfilling
    proof: Proof | None
    announcement: tuple[str, ...]


def read(access: LakeAccess, name: str | None, asked: Mapping[str, Any], *, adopts: bool) -> Wanted:
    """Returns what is wanted.

    Args:
        access: the lake, and the tables.
        name: the table; None: the only one.
        asked: the options of the verb.
        adopts: whether the lake is to be compared with the table afterwards.

    Raises:
        UsageError: options contradict each other, or there is no such table.
        RefusedError: what changed in the span cannot be known any more.
        LakeError: the table is not streamed, or has no point-in-time recovery.
    """
    since, until, arn = asked["since"], asked["until"], asked["export_arn"]
    if until and not since:
        raise UsageError("--until ends a span; say with --since where it begins")
    if since and (arn or adopts):
        raise UsageError("--since catches up with changes; leave out --export and --adopt, which take the whole table")
    if access.tables is None:
        raise UsageError("consumer does not have the table; give cross-account, and name both accounts")
    label, outputs = access.label, access.tables.outputs()
    backfill_checks.check_table(outputs, name, label)
    table = reconciled_table.find(access.tables, access.lake, name)
    backfill_checks.check_streaming(table.aws, table.name, table.outputs, label)
    earliest = backfill_checks.earliest(table.aws, table.name)
    keeps = _keeps(table, asked["keeps_export"])
    if since is None:
        request = Backfilling(runs.LOAD, (), arn, keeps, asked["jobs"])
        proof = Proof("scan", None, table.outputs.existing is False, 60, None, 20, asked["jobs"], None)
        return Wanted(label, table, request, proof if adopts else None, tuple(_told(table, request, keeps)))
    first, end = _span(since, until, earliest, table.name)
    gap = Gap.of(first, end)
    planned = windows.plan(
        int(first.timestamp()),
        math.ceil(end.timestamp()),
        earliest=int(earliest.timestamp()) + 1,
        now=int(datetime.now(UTC).timestamp()),
    )
    # Without an end the same command goes on with the run that it has begun, to the end which that has.
    run = f"catch-up-{gap.since}-{gap.until if until else 'now'}".replace(":", "")
    request = Backfilling(run, planned, None, keeps, asked["jobs"], gap)
    return Wanted(label, table, request, None, tuple(_told(table, request, keeps)))


def _keeps(table: ReconciledTable, asked: bool | None) -> bool:  # the option's three states
    hides = bool(_HIDING & set(table.outputs.rules.values()))
    if hides and asked:
        raise UsageError(f"--keep-export: rules hide values of {table.name}, which its export shows: it is removed")
    return not hides if asked is None else asked


def _span(since: str, until: str | None, earliest: datetime, name: str) -> tuple[datetime, datetime]:
    now = datetime.now(UTC)
    first = instants.parse(since, "--since")
    end = instants.parse(until, "--until") if until else now
    if not first < end <= now:
        raise UsageError(f"--since {since} --until {until or 'now'} is no span that has passed")
    if first < earliest:
        raise RefusedError(
            f"point-in-time recovery of {name} goes back to {earliest:%Y-%m-%dT%H:%M:%SZ}, so that what changed from "
            f"{since} until then is not known any more: load the whole table instead, without --since, and the "
            "current state is right again but for items that were removed before; `reconcile` names these"
        )
    return first, end


def _told(table: ReconciledTable, request: Backfilling, keeps: bool) -> Iterator[str]:  # a plain fact
    bucket = table.lake.bucket
    if request.windows:
        first, end = (datetime.fromtimestamp(each, UTC) for each in (request.windows[0].first, request.windows[-1].end))
        what = f"changes of {first:%Y-%m-%d %H:%M:%S} to {end:%Y-%m-%d %H:%M:%S} UTC"
        what += f", in {len(request.windows)} incremental exports" if len(request.windows) > 1 else ""
    else:
        what = f"export {request.export_arn}" if request.export_arn else "all items, by a point-in-time export"
    yield f"{table.name}: {what}"
    then = "kept" if keeps else "removed afterwards, with all versions"
    yield f"  export  s3://{bucket}/exports/{table.name}/, {then}"
    yield f"  rows    s3://{bucket}/{table.outputs.data_prefix}"
