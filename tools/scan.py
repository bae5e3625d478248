"""`python -m tools.scan [ENV...]`: the policy gate over the HCL, offline."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import click
from rich.table import Table

from tools import paths
from tools.cli import command, console
from tools.deployments import environments
from tools.errors import EXIT_DONE, EXIT_REFUSED
from tools.policy import scanner

if TYPE_CHECKING:
    from pathlib import Path

    from tools.policy.scanner import Scan

FORMATS: Final = ("table", "json", "sarif", "junitxml")


@click.command(context_settings=command.CONTEXT)
@click.argument("envs", metavar="[ENV]...", nargs=-1)
@click.option("--output", type=click.Choice(FORMATS), default="table", show_default=True, help="Format of the result.")
@click.option("--skips", is_flag=True, help="List skipped checks and their reasons too.")
def main(*, envs: tuple[str, ...], output: str, skips: bool) -> int:
    """Scan the Terraform configuration of ENV, or of all environments and modules, with checkov and our own checks.

    Exits 3 on any finding. A check is skipped only where the source says so, with a reason.

    \b
    Examples:
      python -m tools.scan
      python -m tools.scan producer --output sarif > scan.sarif
    """
    result = scanner.scan(folders(envs), paths.REPOSITORY)
    if output == "table":
        show(result, skips=skips)
    else:
        console.say(render(result, output))
    return EXIT_DONE if result.is_clean else EXIT_REFUSED


def folders(names: tuple[str, ...]) -> list[Path]:
    """Returns the folders to scan for the environments of these names; without names, everything.

    Raises:
        UsageError: there is no environment of a name.
    """
    if names:
        pair = (environments.CONSUMER, environments.PRODUCER)
        split = [each for name in names for each in (pair if name == environments.CROSS_ACCOUNT else (name,))]
        return [environments.find(name).folder for name in dict.fromkeys(split)]
    return [*(environments.find(name).folder for name in environments.names()), paths.MODULES]


def render(result: Scan, output: str) -> str:
    """Returns the scan in a format that programs read."""
    if output == "json" or result.report is None:
        return scanner.to_json(result)
    if output == "sarif":
        from checkov.common.output.sarif import Sarif  # noqa: PLC0415  # takes seconds

        return json.dumps(Sarif([result.report], tool=None).json, indent=2)
    return result.report.get_junit_xml_string([result.report.get_test_suite()])


def show(result: Scan, *, skips: bool) -> None:
    """Prints the findings for people."""
    for file in result.unreadable:
        console.fail(f"{file} cannot be read as Terraform configuration")
    if result.findings:
        table = Table("resource", "what is wrong", "check", "where", box=None, pad_edge=False)
        for finding in result.findings:
            table.add_row(finding.resource, finding.check, finding.check_id, f"{finding.file}:{finding.line}")
        console.out.print(table, soft_wrap=False)
    if skips:
        for skip in result.skips:
            console.say(f"skipped  {skip.text()}\n         {skip.reason}")
    counts = f"{result.passed} checks passed, {len(result.findings)} findings, {len(result.skips)} skipped"
    console.say(f"{counts}{'' if skips or not result.skips else ' (--skips says why)'}.")


if __name__ == "__main__":
    command.run(main, "scan")
