"""`python -m tools.review PLAN.json`: reviews a plan, made here or somewhere else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from tools.cli import command, console
from tools.errors import EXIT_DONE, EXIT_REFUSED, UsageError
from tools.plan_review import allowances, budget, guards, plan, report, text
from tools.plan_review.review import review

if TYPE_CHECKING:
    from tools.plan_review.budget import Budget
    from tools.plan_review.guards import Allowed


@click.command(context_settings=command.CONTEXT)
@click.argument("source", metavar="PLAN.json")
@click.option("--report", "reports", multiple=True, type=click.Path(path_type=Path), metavar="FILE", help=report.HELP)
@allowances.options
@budget.options
@click.option("--json", "as_json", is_flag=True, help="Print the review as JSON.")
def main(*, source: str, reports: tuple[Path, ...], allowed: Allowed, money: Budget, as_json: bool) -> int:
    """Review the plan that `terraform show -json` printed to PLAN.json (- is standard input).

    Tells what changes by layer, who may do more, what data is touched and what it costs, and exits with 3 for a plan
    that would lose data or take its protection away, by what it removes or in place. Needs neither credentials nor
    Terraform.

    \b
    Examples:
      terraform show -json lake.tfplan > plan.json && python -m tools.review plan.json
      terraform show -json lake.tfplan | python -m tools.review - --report review.html
      python -m tools.review plan.json --usage usage.yaml --max-monthly 250
    """
    for file in reports:
        report.check(file)
    name = "standard input" if source == "-" else source
    try:
        with click.open_file(source, "rb") as file_or_pipe:
            document = file_or_pipe.read()
    except OSError as error:
        raise UsageError(f"{name} cannot be read ({error.strerror})") from None
    planned = plan.read(document, name)
    reviewed = review(planned, name, allowed=allowed, money=money)
    if as_json:
        console.say(json.dumps(msgspec.to_builtins(reviewed), indent=2))
    else:
        for line in text.lines(reviewed):
            console.say(line)
    for line in guards.unused(planned, allowed):
        console.warn(line)
    for line in text.refusal_lines(reviewed):
        console.fail(line)
    for file in reports:
        report.write(reviewed, file)
    return EXIT_REFUSED if reviewed.is_refused else EXIT_DONE


if __name__ == "__main__":
    command.run(main, "review")
