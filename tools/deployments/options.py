"""Command line options that several verbs take, spelled and explained once."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from tools.deployments import folders
from tools.deployments.credentials import Identities, Identity

F = TypeVar("F", bound=Callable[..., Any])


def environment(command: F) -> F:
    """Adds the argument ENV."""
    return click.argument("env", metavar="ENV")(command)


def local(command: F) -> F:
    """Adds --local."""
    return click.option("--local", is_flag=True, help="Use local AWS on this machine instead of an account.")(command)


def deployment(command: F) -> F:
    """Adds --deployment."""
    return click.option(
        "--deployment",
        "name",
        metavar="NAME",
        default=folders.DEFAULT,
        show_default=True,
        callback=lambda _context, _option, value: folders.check_name(value),
        help="Which deployment of ENV: each has its own state, settings and credentials.",
    )(command)


def variables(command: F) -> F:
    """Adds --var-file and --var."""
    file = click.Path(path_type=Path, resolve_path=True)
    command = click.option(
        "--var", "pairs", multiple=True, metavar="NAME=VALUE", help="Value of a Terraform variable; repeatable."
    )(command)
    return click.option(
        "--var-file", "files", multiple=True, type=file, help="File of Terraform variables; repeatable."
    )(command)


def table(command: F) -> F:
    """Adds --table."""
    return click.option("--table", metavar="NAME", help="Table; may be left out where there is only one.")(command)


def identities(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options that name credentials; the command gets them as `identities`."""

    @functools.wraps(command)
    def call(
        *,
        profile: str | None,
        assume_role_arn: str | None,
        producer_profile: str | None,
        producer_assume_role_arn: str | None,
        consumer_profile: str | None,
        consumer_assume_role_arn: str | None,
        **others: Any,  # noqa: ANN401  # the command's other options
    ) -> Any:  # noqa: ANN401  # the command's own result
        given = Identities(
            Identity(profile, assume_role_arn),
            Identity(producer_profile, producer_assume_role_arn),
            Identity(consumer_profile, consumer_assume_role_arn),
        )
        return command(identities=given, **others)

    decorated: Callable[..., Any] = call
    for half in ("consumer", "producer"):
        role = click.option(f"--{half}-assume-role-arn", metavar="ARN", help=f"Role to assume in the {half}'s account.")
        profile = click.option(f"--{half}-profile", metavar="NAME", help=f"AWS profile of the {half}'s account.")
        decorated = profile(role(decorated))
    role = click.option("--assume-role-arn", metavar="ARN", help="Role to assume in the account.")
    profile = click.option("--profile", metavar="NAME", help="AWS profile of the account, where ENV is in one.")
    return profile(role(decorated))


def yes(command: F) -> F:
    """Adds --yes."""
    return click.option("--yes", is_flag=True, help="Do not ask.")(command)
