"""`python -m tools.status ENV`: how the data path is, hop by hop, and where to look first."""

from __future__ import annotations

from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Final, NoReturn

import click
import msgspec
from rich.live import Live

from tools import files
from tools.cli import command, console
from tools.deployments import options
from tools.deployments.choose import Where
from tools.errors import EXIT_DONE, EXIT_FAILED, UsageError
from tools.health import judging, page, text, view
from tools.health.judging import Commands, Level
from tools.operations import health_check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.deployments.credentials import Identities
    from tools.health.judging import Finding
    from tools.health.measured import Measured
    from tools.operations.health_check import HealthCheck

SECONDS: Final = 10
"""Between two looks of --watch."""


@click.command(context_settings=command.CONTEXT)
@options.environment
@options.local
@options.deployment
@options.identities
@click.option("--watch", is_flag=True, help=f"Look again every {SECONDS} seconds, until Ctrl-C.")
@click.option("--drift", is_flag=True, help="Ask Terraform, too, what was changed outside of it.")
@click.option("--json", "as_json", is_flag=True, help="Print what was measured and found as JSON.")
@click.option(
    "--html", "html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write a page to a file."
)
def main(
    *,
    env: str,
    local: bool,
    name: str,
    identities: Identities,
    watch: bool,
    drift: bool,
    as_json: bool,
    html: Path | None,
) -> int:
    """Show how the data path is: each hop's state, rate and lag, failures, alarms.

    Ends with 1 when something is wrong, and says in which order to look.

    \b
    Examples:
      python -m tools.status single-account --local
      python -m tools.status cross-account --watch
      python -m tools.status single-account --drift --html status.html
    """
    if watch and (as_json or html or drift):
        raise UsageError("--watch is a screen by itself: leave out --json, --html and --drift")
    if html and not html.absolute().parent.is_dir():
        raise UsageError(f"--html {html}: there is no folder {html.absolute().parent}")
    check = health_check.choose_check(env, Where(name, local), identities)
    commands = Commands(check.label)
    if watch:
        follow(check, commands)
    with console.telling("looking") as tell:
        tell("looking at the data path")
        measured = check.measure()
        if drift:
            tell("asking Terraform what was changed outside of it")
            with console.silent(quiet=True):
                measured = check.with_drift(measured)
    findings = judging.judge(measured, commands)
    if html:
        with files.replacing(html) as partial:
            partial.write_text(page.page(check.label, measured, findings), encoding="utf-8")
    if as_json:
        console.say(to_json(check.label, measured, findings))
    else:
        console.show(text.screen(check.label, measured, findings))
    return EXIT_FAILED if view.verdict(findings) >= Level.WARNING else EXIT_DONE


def follow(check: HealthCheck, commands: Commands) -> NoReturn:
    """Shows the screen, and looks again every few seconds, until the user interrupts."""
    with Live(console=console.out, screen=console.out.is_terminal) as live:
        while True:
            measured = check.measure()
            live.update(text.screen(check.label, measured, judging.judge(measured, commands)), refresh=True)
            sleep(SECONDS)


def to_json(label: str, measured: Measured, findings: Sequence[Finding]) -> str:
    """Returns one line of JSON: verdict, findings, a row for each hop, and everything that was measured."""
    rows = [
        {"table": row.table, "hop": row.hop, "level": row.level.name, "state": row.state}
        for row in view.rows(measured, findings)
    ]
    document = {
        "deployment": label,
        "verdict": view.verdict(findings).name,
        "findings": [{**msgspec.to_builtins(each), "level": each.level.name} for each in findings],
        "hops": rows,
        "measured": measured,
    }
    return msgspec.json.encode(document, enc_hook=lambda value: value.total_seconds()).decode()


if __name__ == "__main__":
    command.run(main, "status")
