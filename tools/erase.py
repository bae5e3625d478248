"""`python -m tools.erase ENV`: takes items out of the lake, in every version of every object, and certifies it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tools import files
from tools.cli import command, console, prompt
from tools.deployments import options
from tools.deployments.choose import Where
from tools.errors import UsageError
from tools.lake import processes
from tools.operations import erasing_report, erasing_target
from tools.operations.erasing_setup import ITEM_STAYS, Erasure, lines_of, replica
from tools.operations.lake_access import choose_lake

if TYPE_CHECKING:
    from tools.deployments.credentials import Identities

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(context_settings=command.CONTEXT)
@options.environment
@options.local
@options.deployment
@options.identities
@options.table
@click.option("--key", "keys", metavar="KEY", multiple=True, help="Key of an item, as `query --history`; repeatable.")
@click.option("--keys", "file", type=_FILE, help="File of keys, one a line.")
@click.option("--where", metavar="COLUMN=VALUE", help="Items of which any row has this value in this column.")
@click.option(ITEM_STAYS, "may_stay", is_flag=True, help="Erase although the table has the item, or cannot be asked.")
@click.option("--wait", is_flag=True, help="Wait for changes that are on their way, and erase these too.")
@click.option(
    "--replica", "replicas", metavar="REGION/BUCKET", multiple=True, help="Another copy of the lake; repeatable."
)
@click.option("--jobs", type=click.IntRange(min=1), help="Processes. Default: one for each processor.")
@click.option("--output", type=_FILE, help="Write the certificate, with the salt, to this file too.")
@click.option("--dry-run", is_flag=True, help="Show what there is, and do nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print what is found or done as JSON, and nothing else.")
@options.yes
def main(
    *,
    env: str,
    local: bool,
    name: str,
    identities: Identities,
    table: str | None,
    keys: tuple[str, ...],
    file: Path | None,
    where: str | None,
    may_stay: bool,
    wait: bool,
    replicas: tuple[str, ...],
    jobs: int | None,
    output: Path | None,
    dry_run: bool,
    as_json: bool,
    yes: bool,
) -> None:
    """Take items out of the lake: rows, failed records, exports and results of queries, in every version.

    The deployment's replica is a part of the lake. Delete the items from their table first. Run it again after
    whatever has interrupted it.

    \b
    Examples:
      python -m tools.erase single-account --table customers --key 17 --dry-run
      python -m tools.erase single-account --table customers --where email=adam@example.com --wait
      python -m tools.erase cross-account --table customers --keys subjects.txt --yes --output certificate.json
    """
    if as_json and not (yes or dry_run):
        raise UsageError("--json asks no questions; add --yes, or --dry-run")
    asked = erasing_target.read([*keys, *lines_of(file)], where)
    copies = [replica(each) for each in replicas]
    access = choose_lake(env, Where(name, local), identities, quiet=as_json)
    erasure = Erasure(access, table, asked, replicas=copies, jobs=jobs or processes.processors())
    if not dry_run:
        erasure.check_table(may_stay=may_stay)
    survey = erasure.survey()
    for line in () if as_json else erasing_report.survey_lines(erasure.table, len(erasure.plain), survey):
        console.say(line)
    erasing_report.warn(survey, erasure.others)
    if dry_run:
        if as_json:
            console.say(erasing_report.survey_json(erasure.table, len(erasure.plain), survey))
        return
    prompt.confirm("Remove it for good?", yes=yes)
    done = erasure.run(survey, wait=wait)
    if output:
        files.write_bytes(output, erasing_report.done_json(done).encode() + b"\n")
    for line in [erasing_report.done_json(done)] if as_json else erasing_report.done_lines(done):
        console.say(line)
    erasing_report.complain(done.certificate)


if __name__ == "__main__":
    command.run(main, "erase")
