"""`python -m tools.replay ENV`: takes failed records back into the lake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tools.cli import command, console, prompt
from tools.deployments import options
from tools.deployments.choose import Where
from tools.errors import UsageError
from tools.lake import instants
from tools.lake.replay.selection import Selection
from tools.operations import replay_report
from tools.operations.lake_access import choose_lake
from tools.operations.replay_run import ReplayRun, find_function, require
from tools.operations.replaying import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tools.deployments.credentials import Identities


@click.command(context_settings=command.CONTEXT)
@options.environment
@options.local
@options.deployment
@options.identities
@click.option("--table", metavar="NAME", help="Table. Default: all.")
@click.option("--list", "is_list", is_flag=True, help="Show what has failed, when and why, and do nothing.")
@click.option(
    "--dry-run", is_flag=True, help="Call the function, show what would become of the records, write nothing."
)
@click.option("--since", metavar="TIME", help="Records that reached the delivery stream at this time or later.")
@click.option("--until", metavar="TIME", help="Records that reached it before this time.")
@click.option("--code", "codes", metavar="CODE", multiple=True, help="Records with this error code; repeatable.")
@click.option("--jobs", type=click.IntRange(1, 64), default=4, show_default=True, help="Calls of the function at once.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, and nothing else.")
@options.yes
def main(
    *,
    env: str,
    local: bool,
    name: str,
    identities: Identities,
    table: str | None,
    is_list: bool,
    dry_run: bool,
    since: str | None,
    until: str | None,
    codes: tuple[str, ...],
    jobs: int,
    as_json: bool,
    yes: bool,
) -> None:
    """Take failed records back into the lake.

    Each record is transformed by the function as it is deployed, and becomes a row with the time of its change: what
    was changed later still wins. What fails again stays under the error prefix, with its reason, and the command ends
    with 1. Run it again after whatever has interrupted it.

    \b
    Examples:
      python -m tools.replay single-account --list
      python -m tools.replay single-account --table orders --dry-run
      python -m tools.replay single-account --since 2026-01-31T05:00Z --code Lambda.FunctionError --yes
      python -m tools.replay cross-account --producer-profile tables --consumer-profile lake
    """
    if as_json and not (yes or dry_run or is_list):
        raise UsageError("--json asks no questions; add --yes, --dry-run or --list")
    chosen = Selection(frozenset(codes), _milliseconds(since, "--since"), _milliseconds(until, "--until"))
    access = choose_lake(env, Where(name, local), identities, quiet=as_json)
    outputs = access.lake.outputs()
    tables = dict([outputs.table(table)]) if table else outputs.tables
    function = find_function(access, outputs)
    if not is_list:
        require(function)
    bucket = outputs.bucket_name or ""
    run = ReplayRun(access.lake.aws(outputs.region), bucket, tables, Settings(chosen, jobs))
    found = run.survey()
    if is_list:
        logs = {each: function.failures(tables[each], surveys) if function else None for each, surveys in found.items()}
        _say([replay_report.list_json(found, logs)] if as_json else replay_report.list_lines(found, logs))
        replay_report.warn(found, {}, bucket)
        return
    if not as_json:
        _say(replay_report.summary_lines(found))
    if not dry_run and any(survey.chosen for surveys in found.values() for survey in surveys):
        prompt.confirm("Replay them?", yes=yes)
    outcomes = run.try_out(found, require(function)) if dry_run else run.replay(found, require(function))
    if as_json:
        console.say(replay_report.results_json(outcomes))
    else:
        _say(replay_report.result_lines(outcomes, dry_run=dry_run))
    replay_report.warn(found, outcomes, bucket)
    if not dry_run:
        replay_report.complain(outcomes)


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        console.say(line)


def _milliseconds(text: str | None, option: str) -> int | None:
    return None if text is None else instants.microseconds(instants.parse(text, option)) // 1000


if __name__ == "__main__":
    command.run(main, "replay")
