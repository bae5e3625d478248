"""Command line options that several verbs take, spelled and explained once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def environment(command: F) -> F:
    """Adds the argument ENV."""
    return click.argument("env", metavar="ENV")(command)


def local(command: F) -> F:
    """Adds --local."""
    return click.option("--local", is_flag=True, help="Use local AWS on this machine instead of an account.")(command)


def variables(command: F) -> F:
    """Adds --var-file and --var."""
    file = click.Path(path_type=Path, resolve_path=True)
    command = click.option(
        "--var", "pairs", multiple=True, metavar="NAME=VALUE", help="Value of one Terraform variable; repeatable."
    )(command)
    return click.option(
        "--var-file", "files", multiple=True, type=file, help="File of Terraform variables; repeatable."
    )(command)


def table(command: F) -> F:
    """Adds --table."""
    return click.option("--table", metavar="NAME", help="Table; may be left out where there is only one.")(command)


def yes(command: F) -> F:
    """Adds --yes."""
    return click.option("--yes", is_flag=True, help="Do not ask.")(command)
