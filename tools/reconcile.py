"""`python -m tools.reconcile ENV`: proves that the lake equals the table, while writes go on."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import click
import msgspec

from tools.cli import command, console, prompt
from tools.deployments import options
from tools.deployments.choose import Where
from tools.errors import EXIT_DONE, EXIT_FAILED, UsageError
from tools.lake import processes
from tools.lake.reconcile import hourly
from tools.operations import counting, reconcile_report, reconciled_table
from tools.operations.lake_access import choose_lake
from tools.operations.reconciling import Request, reconcile
from tools.operations.repairing import Repair

if TYPE_CHECKING:
    from tools.deployments.credentials import Identities
    from tools.operations.reconciled_table import ReconciledTable

_POSITIVE = click.IntRange(min=1)


@click.command(context_settings=command.CONTEXT)
@options.environment
@options.local
@options.deployment
@options.identities
@options.table
@click.option(
    "--from",
    "how",
    type=click.Choice(["scan", "export"]),
    default="scan",
    show_default=True,
    help="Read the table by a consistent parallel scan, or by a point-in-time export.",
)
@click.option("--export", "export_arn", metavar="ARN", help="An export that is there already, with --from export.")
@click.option(
    "--marker/--no-marker",
    "marker",
    default=None,
    help="Write marker items to the table, and remove them. Default: to tables that this deployment made.",
)
@click.option(
    "--margin",
    type=click.IntRange(min=0),
    default=60,
    show_default=True,
    help="Seconds by which times of changes may be off.",
)
@click.option("--counter", metavar="COLUMN", help="Column in which each item counts its versions.")
@click.option("--sample", type=_POSITIVE, default=20, show_default=True, help="Keys that are explained.")
@click.option("--jobs", type=_POSITIVE, help="Processes. Default: one for each processor.")
@click.option("--timeout", type=_POSITIVE, metavar="SECONDS", help="Time for delivery. Default: as buffers ask for.")
@click.option("--repair", is_flag=True, help="Write SNAPSHOT rows of what is missing or different in the lake.")
@click.option(
    "--counts", type=_POSITIVE, metavar="HOURS", help="Compare nothing; show by metrics what went in and came out."
)
@click.option("--json", "as_json", is_flag=True, help="Print what is found as JSON, and nothing else.")
@options.yes
def main(
    *,
    env: str,
    local: bool,
    name: str,
    identities: Identities,
    table: str | None,
    how: Literal["scan", "export"],
    export_arn: str | None,
    marker: bool | None,
    repair: bool,
    as_json: bool,
    yes: bool,
    jobs: int | None,
    counts: int | None,
    **others: Any,  # noqa: ANN401  # what the request takes as it is
) -> int:
    """Prove that the lake equals the table, while writes go on.

    Ends with 0 where they are equal, and with 1 where a key is missing, extra or different.

    \b
    Examples:
      python -m tools.reconcile single-account --table orders
      python -m tools.reconcile single-account --table orders --from export --counter version
      python -m tools.reconcile cross-account --table orders --repair
    """
    if as_json and repair and not yes:
        raise UsageError("--json asks no questions; add --yes")
    if export_arn and how != "export":
        raise UsageError("--export names an export; add --from export")
    access = choose_lake(env, Where(name, local), identities, quiet=as_json)
    if access.tables is None:
        raise UsageError(f"{env} does not have the table; give cross-account, and name both accounts")
    chosen = reconciled_table.find(access.tables, access.lake, table)
    if counts:
        return _show_counts(chosen, counts, as_json=as_json)
    markers = chosen.outputs.existing is False if marker is None else marker
    repairing = Repair(chosen, access.lake.aws(chosen.source.region).caller_arn()) if repair else None
    if repairing:
        console.note(f"{chosen.name}: what the lake lacks is written to s3://{chosen.lake.bucket}")
        prompt.confirm("Compare, and write it?", yes=yes)
    request = Request(how=how, export_arn=export_arn, markers=markers, jobs=jobs or processes.processors(), **others)
    report = reconcile(chosen, request, repairing.run if repairing else None)
    repaired = repairing.rows if repairing else 0
    told = reconcile_report.lines(report, repaired, access.label)
    for line in [reconcile_report.as_json(report, repaired)] if as_json else told:
        console.say(line)
    return EXIT_DONE if report.is_equal else EXIT_FAILED


def _show_counts(table: ReconciledTable, count: int, *, as_json: bool) -> int:
    found = counting.hours(table.aws.client("cloudwatch"), table.outputs, count, datetime.now(UTC))
    gaps = hourly.gaps(found)
    if as_json:
        console.say(json.dumps({"table": table.name, "hours": msgspec.to_builtins(found), "gaps": gaps}))
    else:
        for line in (*counting.lines(found), *gaps, f"{table.name}: {'a gap' if gaps else 'no gap'}"):
            console.say(line)
    return EXIT_FAILED if gaps else EXIT_DONE


if __name__ == "__main__":
    command.run(main, "reconcile")
