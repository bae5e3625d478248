"""`python -m tools.query ENV "SQL"`: asks the lake, through Athena or with DuckDB on this machine."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Any, Final

import click

from tools import paths
from tools.cli import command, console
from tools.deployments import options
from tools.deployments.choose import Where
from tools.errors import UsageError
from tools.lake import tail
from tools.lake.engines import results
from tools.lake.result_formats import FORMATS
from tools.operations import query_request, querying, result_output

if TYPE_CHECKING:
    from tools.deployments.credentials import Identities
    from tools.operations.query_request import Request
    from tools.operations.querying import Lake

POLL_SECONDS: Final = 2.0
_FILE: Final = click.Path(path_type=Path, dir_okay=False, resolve_path=True)
_FOLDER: Final = click.Path(path_type=Path, file_okay=False, resolve_path=True)


@click.command(context_settings=command.CONTEXT)
@options.environment
@click.argument("sql", required=False)
@options.local
@options.deployment
@options.identities
@options.table
@click.option("--param", "params", multiple=True, metavar="VALUE", help="Text for the next ? of the SQL; repeatable.")
@click.option("--current", is_flag=True, help="The items as they are now.")
@click.option("--as-of", metavar="TIME", help="The items as they were then: 2026-01-31T12:00:00Z; UTC without a zone.")
@click.option("--history", metavar="KEY", help='The versions of an item: its key, or JSON: {"id":"17","sort":"a"}.')
@click.option("--changes", metavar="KEY", help="The changes of an item.")
@click.option("--failed", is_flag=True, help="Why changes could not be delivered.")
@click.option("--tail", is_flag=True, help="New changes as they arrive, until Ctrl-C.")
@click.option("--list", is_flag=True, help="The objects, of all tables or of one.")
@click.option("--download", type=_FOLDER, metavar="DIR", help="Copies the objects to a folder; goes on if repeated.")
@click.option("--since", metavar="TIME", help="First hour of arrival, for objects, --failed and DuckDB.")
@click.option("--until", metavar="TIME", help="Last hour of arrival.")
@click.option(
    "--engine", type=click.Choice(["athena", "duckdb"]), default="athena", show_default=True, help="Who answers."
)
@click.option(
    "--cache-size", type=click.IntRange(min=1), default=4096, show_default=True, help="MiB of DuckDB's copies."
)
@click.option("--format", "format_", type=click.Choice(FORMATS), help="Default: table on a terminal, else csv.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format jsonl.")
@click.option("--output", type=_FILE, metavar="FILE", help="Writes to a file, as a whole.")
@click.option("--limit", type=click.IntRange(min=0), help="Rows of a table.  [default: 100]")
def main(
    *,
    env: str,
    local: bool,
    name: str,
    identities: Identities,
    format_: str | None,
    as_json: bool,
    output: Path | None,
    limit: int | None,
    **asked: Any,  # noqa: ANN401  # what query_request reads
) -> None:
    """Ask a lake: SQL in Athena's dialect, or one of the ready questions.

    The tables of the catalog are called as in DynamoDB, in lower case and with _ for what is no letter or digit; each
    has the views <table>_changes, <table>_current and <table>_history. Values for ? are text: CAST(? AS bigint) makes
    a number. DuckDB answers on this machine, from copies of the objects.

    \b
    Examples:
      python -m tools.query single-account --local --current
      python -m tools.query single-account "SELECT cdc_event, count(*) FROM orders_changes GROUP BY 1"
      python -m tools.query consumer --table orders --history 17 --json
      python -m tools.query single-account --table orders --as-of 2026-01-31 --format parquet --output orders.parquet
    """
    request = query_request.read(asked, (paths.local_home() if local else paths.BUILD) / "copies")
    destination = result_output.destination(format_, output, limit, as_json=as_json)
    if request.tails and destination.file is not None:
        raise UsageError("--tail writes to standard output only")
    lake = querying.find_lake(env, Where(name, local), identities)
    if request.tails:
        follow(lake, request, as_json=destination.format == "jsonl")
        return
    with console.telling("asking") as tell:
        if request.folder is not None:
            console.note(lake.download(request, request.folder, tell))
            return
        has_rows, result = results.peek(lake.answer(request, tell))
        missing = lake.gaps(request)
    destination.put(result)
    if not has_rows:
        console.note("no rows")
    for line in missing:
        console.warn(line)
    if result.told:
        console.note(result.told)


def follow(lake: Lake, request: Request, *, as_json: bool) -> None:
    """Prints each new change, until the user interrupts."""
    following = lake.tail(request, datetime.now(UTC))
    while True:
        for row in following.arrived(datetime.now(UTC)):
            console.say(tail.json_line(row) if as_json else tail.line(row))
        sleep(POLL_SECONDS)


if __name__ == "__main__":
    command.run(main, "query")
