"""`python -m tools.size`: what tables cost, and how large the parts of their way should be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tools import files
from tools.cli import command, console
from tools.deployments import options
from tools.deployments.choose import Where
from tools.errors import EXIT_DONE, UsageError
from tools.operations import planning_size
from tools.sizing import page, sizing, text, usage

if TYPE_CHECKING:
    from tools.deployments.credentials import Identities

FILE = click.Path(path_type=Path, dir_okay=False)
EXISTING = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command(context_settings=command.CONTEXT)
@click.argument("env", metavar="[ENV]", required=False)
@options.local
@options.deployment
@options.identities
@options.table
@click.option("--from-table", is_flag=True, help="Measure the deployed tables of ENV, or --table, by CloudWatch.")
@click.option("--hours", type=click.IntRange(1, 360), default=336, show_default=True, help="How long back to measure.")
@click.option("--usage", "usage_file", type=FILE, metavar="FILE", help="How tables are used, in YAML.")
@click.option("--writes", type=float, metavar="N", help="Writes a second, on average.")
@click.option("--item-bytes", type=float, metavar="N", help="Bytes of an item, on average.")
@click.option("--update-share", type=float, metavar="N", help="Of the writes, how many change an item: 0 to 1.")
@click.option("--peak", type=float, metavar="N", help="Writes in the busiest minute, as a multiple of the average.")
@click.option("--outage-hours", type=float, metavar="N", help="How long delivery may stand still without a loss.")
@click.option("--region", default="us-east-1", show_default=True, help="Region of the prices, without --from-table.")
@click.option("--var-file", "base", type=EXISTING, metavar="FILE", help="Settings to start from, without --from-table.")
@click.option("--write", type=FILE, metavar="FILE", help="Write the advised settings: .tfvars or .tfvars.json.")
@click.option("--write-usage", type=FILE, metavar="FILE", help="Write the usage, as --usage takes it.")
@click.option("--html", type=FILE, metavar="FILE", help="Write a page with plots.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def main(
    *,
    env: str | None,
    local: bool,
    name: str,
    identities: Identities,
    table: str | None,
    from_table: bool,
    hours: int,
    usage_file: Path | None,
    writes: float | None,
    item_bytes: float | None,
    update_share: float | None,
    peak: float | None,
    outage_hours: float | None,
    region: str,
    base: Path | None,
    write: Path | None,
    write_usage: Path | None,
    html: Path | None,
    as_json: bool,
) -> int:
    """Say what tables cost a month by part, and which settings take their peak for the least.

    Usage is given (--writes and so on for one table, --usage for many) or measured (--from-table). What is not known
    stays unknown in the result, and so does a price that is not known for the Region.

    \b
    Examples:
      python -m tools.size --writes 12 --item-bytes 900 --update-share 0.7 --peak 5
      python -m tools.size --usage usage.yaml --html size.html --write size.tfvars
      python -m tools.size single-account --from-table --local --json
      python -m tools.size single-account --from-table --write size.tfvars.json --write-usage usage.yaml
    """
    for file in (write, write_usage, html):
        planning_size.check_file(file)
    members = {
        "writes_per_second": writes,
        "item_bytes": item_bytes,
        "update_share": update_share,
        "peak_over_mean": peak,
        "outage_hours": outage_hours,
    }
    options_told = {member: value for member, value in members.items() if value is not None}
    told = planning_size.Told(table, usage_file, options_told)
    if from_table != bool(env):
        raise UsageError("ENV and --from-table go together: what is measured is a deployment")
    if from_table and base:
        raise UsageError("--var-file is for tables that are not deployed; --from-table knows the settings")
    plan = (
        planning_size.measured(env or "", Where(name, local), identities, hours, told)
        if from_table
        else planning_size.given(region, told, base)
    )
    found = sizing.size(plan.usage, plan.prices, plan.settings, function=plan.function)
    if write:
        planning_size.write_settings(write, plan.variables, found)
    if write_usage:
        with files.replacing(write_usage) as partial:
            partial.write_text(usage.written(plan.usage), encoding="utf-8")
    if html:
        with files.replacing(html) as partial:
            partial.write_text(page.page(plan.label, found, plan.prices), encoding="utf-8")
    if as_json:
        console.say(json.dumps(text.to_json(found) | {"measured": plan.measured_json()}, indent=2))
    else:
        for line in (*plan.lines(), *text.lines(found)):
            console.say(line)
    return EXIT_DONE


if __name__ == "__main__":
    command.run(main, "size")
