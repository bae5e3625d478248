"""`python -m tools.backfill ENV`: takes the past of a table into the lake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tools.cli import command, console, prompt
from tools.deployments import options
from tools.deployments.choose import Where
from tools.errors import EXIT_DONE, EXIT_FAILED, UsageError
from tools.lake import processes
from tools.operations import backfill_engines, backfill_report, backfill_request, reconcile_report
from tools.operations.backfilling import Backfill
from tools.operations.lake_access import choose_lake
from tools.operations.reconciling import reconcile

if TYPE_CHECKING:
    from typing import Any

    from tools.deployments.credentials import Identities

_POSITIVE = click.IntRange(min=1)


@click.command(context_settings=command.CONTEXT)
@options.environment
@options.local
@options.deployment
@options.identities
@options.table
@click.option("--since", metavar="TIME", help="Catch up: changes from this time on, by incremental exports.")
@click.option("--until", metavar="TIME", help="Catch up: changes before this time.  [default: now]")
@click.option("--adopt", is_flag=True, help="Load the table, and prove by reconcile that the lake equals it.")
@click.option("--export", "export_arn", metavar="ARN", help="An export of the whole table that is there already.")
@click.option(
    "--keep-export/--remove-export",
    "keeps_export",
    default=None,
    help="Keep the export, or remove all versions of it. Default: kept, unless rules hide values of the table.",
)
@click.option("--restart", is_flag=True, help="Forget a run that was interrupted, and export again.")
@click.option(
    "--engine",
    type=click.Choice(backfill_engines.ENGINES),
    default=backfill_engines.LOCAL,
    show_default=True,
    help="What makes the rows: this machine, Spark on this machine, or the Glue job of the deployment.",
)
@click.option("--jobs", type=_POSITIVE, help="Processes. Default: one for each processor.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, and nothing else.")
@options.yes
def main(
    *,
    env: str,
    local: bool,
    name: str,
    identities: Identities,
    table: str | None,
    adopt: bool,
    restart: bool,
    engine: str,
    jobs: int | None,
    as_json: bool,
    yes: bool,
    **asked: Any,  # noqa: ANN401  # what backfill_request reads
) -> int:
    """Take the past of a table into the lake: all items as of one instant, or what changed in a span of time.

    The table is exported by point-in-time recovery, and the deployed function makes a row SNAPSHOT of each item, while
    changes go on. Run the same command again after whatever has interrupted it. It ends with 1 where the function fails
    items: they are under the error prefix, with the reason.

    \b
    Examples:
      python -m tools.backfill single-account --table orders
      python -m tools.backfill single-account --table orders --adopt
      python -m tools.backfill single-account --table orders --engine glue
      python -m tools.backfill single-account --table orders --since 2026-01-31T05:00Z --until 2026-01-31T06:00Z
      python -m tools.backfill cross-account --producer-profile tables --consumer-profile lake
    """
    if as_json and not yes:
        raise UsageError("--json asks no questions; add --yes")
    asked["jobs"] = jobs or processes.processors()
    access = choose_lake(env, Where(name, local), identities, quiet=as_json)
    wanted = backfill_request.read(access, table, asked, adopts=adopt)
    chosen = wanted.table
    outputs = access.lake.outputs()
    run_job = backfill_engines.choose(engine, chosen, outputs, since=asked["since"], jobs=asked["jobs"])
    for line in wanted.announcement:
        console.note(line)
    prompt.confirm("Export it, and write the rows?", yes=yes)
    with console.telling(f"{chosen.name}: looking") as tell:
        backfill = Backfill(chosen, access.lake.aws(chosen.source.region).caller_arn(), tell, run_job)
        if restart:
            backfill.forget(wanted.request.name)
        loaded = backfill.run(wanted.request)
    report = reconcile(chosen, wanted.proof) if wanted.proof else None
    # Not before: a run that is interrupted while it proves goes on with that.
    backfill.close()
    told = backfill_report.lines(wanted, loaded, backfill.gap)
    whole = backfill_report.as_json(wanted, loaded, backfill.gap, report)
    for line in [whole] if as_json else told:
        console.say(line)
    for line in reconcile_report.lines(report, 0, wanted.label) if report and not as_json else ():
        console.say(line)
    failed = any(each.done.counts.left for each in loaded) or (report is not None and not report.is_equal)
    return EXIT_FAILED if failed else EXIT_DONE


if __name__ == "__main__":
    command.run(main, "backfill")
