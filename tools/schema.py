"""`python -m tools.schema ENV`: which columns a lake has, and which types lose nothing of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.cli import command, console
from tools.deployments import catalog_settings, options
from tools.deployments.aws import reason
from tools.deployments.choose import Where
from tools.errors import LakeError, UsageError
from tools.lake import processes
from tools.lake.data_objects import Period
from tools.operations import dbt_writing, declaring, schema_report
from tools.operations.lake_access import choose_lake
from tools.operations.surveying import Request, Surveyor

if TYPE_CHECKING:
    from tools.deployments.credentials import Identities
    from tools.lake.inference import Numbers

_DATE = click.DateTime(["%Y-%m-%d"])


@click.command(context_settings=command.CONTEXT)
@options.environment
@options.local
@options.deployment
@options.identities
@click.option("--table", metavar="NAME", help="Table. Default: all.")
@click.option("--since", type=_DATE, metavar="DATE", help="First day of the lake to look at, YYYY-MM-DD in UTC.")
@click.option("--until", type=_DATE, metavar="DATE", help="Last day.")
@click.option(
    "--numbers",
    type=click.Choice(["string", "typed"]),
    default="string",
    show_default=True,
    help="Declare new columns of numbers as text, or as bigint or decimal where all fit.",
)
@click.option(
    "--sample-table", "sample", type=click.IntRange(min=1), metavar="N", help="Look at N items of the table too."
)
@click.option("--columns", "folder", type=click.Path(path_type=Path), help="Folder of the files that declare columns.")
@click.option("--write", is_flag=True, help="Write what is proposed to those files.")
@click.option("--narrow", is_flag=True, help="Propose narrower types than the declared ones too.")
@click.option("--check", is_flag=True, help="End with 3 where readers miss columns or values.")
@click.option(
    "--dbt",
    "dbt_folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write sources and models for dbt there, from the deployed catalog, and look at no rows.",
)
@click.option("--jobs", type=click.IntRange(min=1), help="Processes that read. Default: one for each processor.")
@click.option("--json", "as_json", is_flag=True, help="Print tables and columns as JSON, and nothing else.")
@options.yes
def main(
    *,
    env: str,
    local: bool,
    name: str,
    identities: Identities,
    table: str | None,
    since: datetime | None,
    until: datetime | None,
    numbers: Numbers,
    sample: int | None,
    folder: Path | None,
    write: bool,
    narrow: bool,
    check: bool,
    dbt_folder: Path | None,
    jobs: int | None,
    as_json: bool,
    yes: bool,
) -> None:
    """Show the columns that a lake has, and declare them with types that lose nothing.

    Reads the objects of a table, each once: what was seen of an object is kept for the next time. A column is declared
    in COLUMNS/TABLE.json, which the next deploy reads. No type is narrowed unless you say --narrow, and no column is
    taken away.

    \b
    Examples:
      python -m tools.schema single-account --local
      python -m tools.schema single-account --table orders --since 2026-01-01 --numbers typed --write
      python -m tools.schema consumer --check
      python -m tools.schema single-account --dbt models/lake
    """
    if write and check:
        raise UsageError("--write and --check: give one of them; --check changes nothing")
    if dbt_folder and (write or check or sample):
        raise UsageError("--dbt looks at no rows: leave out --write, --check and --sample-table")
    access = choose_lake(env, Where(name, local), identities, quiet=as_json)
    if sample and access.tables is None:
        raise UsageError(f"--sample-table: {env} has no tables; give cross-account, or leave it out")
    outputs = access.lake.outputs()
    chosen = dict([outputs.table(table)]) if table else outputs.tables
    if dbt_folder:
        written = dbt_writing.write(dbt_folder, access.lake, outputs, chosen, quiet=as_json)
        if as_json:
            console.say(msgspec.json.encode(written).decode())
        return
    settings = catalog_settings.of_deployment(access.lake, folder)
    period = Period(_utc(since), _utc(until, timedelta(hours=23)))
    request = Request(period, numbers, narrow, sample or 0, jobs or processes.processors(), quiet=as_json)
    surveyor = Surveyor(access, outputs, settings, request)
    try:
        schemas = [surveyor.survey(each, described) for each, described in sorted(chosen.items())]
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"AWS refused: {reason(error)}") from None
    if as_json:
        console.say(msgspec.json.encode(schemas).decode())
    for schema in () if as_json else schemas:
        schema_report.show(schema)
    if check:
        declaring.check(schemas, quiet=as_json)
    else:
        declaring.declare(schemas, settings.folder, write=write, yes=yes, quiet=as_json)


def _utc(day: datetime | None, later: timedelta = timedelta()) -> datetime | None:
    return None if day is None else day.replace(tzinfo=UTC) + later


if __name__ == "__main__":
    command.run(main, "schema")
