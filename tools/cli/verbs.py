"""All verbs under one command, `python -m tools` or `dynamo-to-lake`: lists them, and runs the one that is named."""

from __future__ import annotations

import importlib
import pkgutil
import sys
import tomllib
from pathlib import Path
from typing import Final

import click

import tools
from tools import paths
from tools.cli import command, console
from tools.errors import LakeError

INSTALLED_NAME: Final = "dynamo-to-lake"
"""Command that `pip install -e .` makes; pyproject.toml names it too."""


class Verbs(click.Group):
    """The verbs: each module of `tools` that has a click command called `main`, imported when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns the names of the verbs, sorted."""
        return [name for name in _module_names() if self.get_command(ctx, name)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's own
        """Returns the command of a verb; None where there is no such verb."""
        if cmd_name not in _module_names():
            return None
        found = getattr(importlib.import_module(f"tools.{cmd_name}"), "main", None)
        return found if isinstance(found, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes each verb with the whole first sentence of its help, where click would cut it to fit the line."""
        verbs = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        rows = [(name, verb.get_short_help_str(limit=200)) for name, verb in verbs if verb]
        with formatter.section("Verbs"):
            formatter.write_dl(rows)


def _module_names() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(tools.__path__) if not module.ispkg)


def version() -> str:
    """Returns the project's version, from pyproject.toml."""
    project = tomllib.loads((paths.REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def _show_version(ctx: click.Context, _option: click.Parameter, value: bool) -> None:
    if value:
        console.say(f"{INSTALLED_NAME} {version()}")
        ctx.exit()


@click.group(
    cls=Verbs, context_settings=command.CONTEXT, invoke_without_command=True, subcommand_metavar="VERB [ARGUMENTS]..."
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
@click.pass_context
def main(ctx: click.Context) -> None:
    """Stream the changes of DynamoDB tables into a data lake in S3.

    Each verb says more with --help. A verb ends with 0 (done), 1 (failed), 2 (called wrongly) or 3 (a gate refused).
    """
    if ctx.invoked_subcommand is None:
        console.say(ctx.get_help())


def run() -> None:
    """Runs the command line and exits the process; with 1, and a line that says why, outside of a checkout."""
    program = INSTALLED_NAME if Path(sys.argv[0]).stem == INSTALLED_NAME else "python -m tools"
    if not (paths.ENVIRONMENTS / "single-account").is_dir():
        sys.exit(command.outcome(_refuse_copy, program))
    command.run_program(main, program)


def _refuse_copy() -> int:
    raise LakeError(
        f"{INSTALLED_NAME} runs from a checkout, whose envs/ and modules/ it deploys, and {paths.REPOSITORY} is none; "
        "in a checkout, run: pip install --editable ."
    )
