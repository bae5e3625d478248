"""`python -m tools.compact ENV`: makes few large objects of the many small ones in the lake's hours that are over."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from tools.cli import command, console, prompt
from tools.deployments import options
from tools.deployments.choose import Where
from tools.errors import UsageError
from tools.lake import processes
from tools.operations import compaction_report
from tools.operations.compacting import Settings
from tools.operations.compaction_run import CompactionRun
from tools.operations.lake_access import choose_lake

if TYPE_CHECKING:
    from tools.deployments.credentials import Identities

_MINUTES = click.IntRange(min=0)


@click.command(context_settings=command.CONTEXT)
@options.environment
@options.local
@options.deployment
@options.identities
@click.option("--table", metavar="NAME", help="Table. Default: all.")
@click.option(
    "--margin",
    type=_MINUTES,
    default=120,
    show_default=True,
    help="Minutes since the end of an hour that is compacted.",
)
@click.option(
    "--grace", type=_MINUTES, default=60, show_default=True, help="Minutes that old objects stay beside the new ones."
)
@click.option(
    "--target-size", type=click.IntRange(1, 4096), default=128, show_default=True, help="MiB of an object, packed."
)
@click.option("--jobs", type=click.IntRange(min=1), help="Folders at once. Default: one for each processor.")
@click.option("--wait", is_flag=True, help="Wait for the grace period, and remove in the same run.")
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print what is done as JSON, and nothing else.")
@options.yes
def main(
    *,
    env: str,
    local: bool,
    name: str,
    identities: Identities,
    table: str | None,
    margin: int,
    grace: int,
    target_size: int,
    jobs: int | None,
    wait: bool,
    dry_run: bool,
    as_json: bool,
    yes: bool,
) -> None:
    """Make few large objects of many small ones, with the same lines.

    A run writes new objects, and a later one removes those that they replace, when no query can read them any more.
    The views answer the same at any moment. Run it again after whatever has interrupted it.

    \b
    Examples:
      python -m tools.compact single-account --dry-run
      python -m tools.compact single-account --table orders --yes
      python -m tools.compact consumer --grace 300 --wait
    """
    if as_json and not (yes or dry_run):
        raise UsageError("--json asks no questions; add --yes, or --dry-run")
    access = choose_lake(env, Where(name, local), identities, quiet=as_json)
    outputs = access.lake.outputs()
    chosen = dict([outputs.table(table)]) if table else outputs.tables
    settings = Settings(
        target_size * 1024 * 1024,
        timedelta(minutes=margin),
        timedelta(minutes=grace),
        jobs or processes.processors(),
    )
    run = CompactionRun(access.lake.aws(outputs.region), outputs.bucket_name or "", settings, wait=wait)
    plans = run.survey({each: described.data_prefix for each, described in chosen.items()})
    for each, works in () if as_json else plans.items():
        for line in compaction_report.plan_lines(each, works):
            console.say(line)
    if dry_run:
        if as_json:
            console.say(compaction_report.plan_json(plans))
        return
    if run.has_to_do(plans):
        prompt.confirm("Do it?", yes=yes)
    results = run.run(plans)
    if as_json:
        console.say(compaction_report.results_json(results))
    for each, done in () if as_json else results.items():
        console.say(compaction_report.result_line(each, done))
    compaction_report.complain(results)


if __name__ == "__main__":
    command.run(main, "compact")
