"""`python -m tools.local`: starts, shows and stops AWS on this machine."""

from __future__ import annotations

import json
import shlex
import time
from typing import TYPE_CHECKING

import click

from tools import paths
from tools.cli import command, console, prompt
from tools.deployments.aws import Aws
from tools.lake import objects
from tools.localaws import process, service, status
from tools.localaws.load import verb
from tools.localaws.state_folder import StateFolder

if TYPE_CHECKING:
    from pathlib import Path


@click.group(context_settings=command.CONTEXT)
def main() -> None:
    """AWS on this machine: the emulator, and the worker that delivers streams to the bucket."""


@main.command()
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Port to listen on; by default 4566, or another that is free."
)
def up(port: int | None) -> None:
    """Start local AWS; parts that run already are left alone.

    \b
    Example:
      python -m tools.local up
      eval "$(python -m tools.local env)"
      aws s3 ls
    """
    local = service.up(paths.local_home(), port=port)
    console.say(f"local AWS listens at {local.endpoint_url}")
    console.say('point the AWS CLI at it:  eval "$(python -m tools.local env)"')


@main.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def show_status(*, as_json: bool) -> int:
    """Show the processes, and the status of each delivery stream.

    Exits 1 when a process does not run or hangs, or a delivery stream is held, hung or dead.
    """
    current = status.read(paths.local_home())
    if as_json:
        console.say(json.dumps(status.to_json(current), indent=2))
    else:
        for line in status.lines(current):
            console.say(line)
    return 0 if current.is_well else 1


@main.command()
@click.argument("part", type=click.Choice(service.PARTS), default="delivery")
@click.option("--follow", "-f", is_flag=True, help="Go on printing new lines, until Ctrl-C.")
@click.option(
    "--lines", "-n", type=click.IntRange(0), default=50, show_default=True, help="How many last lines to print."
)
def logs(part: str, *, follow: bool, lines: int) -> None:
    """Print the end of a log: the delivery worker's, or the emulator's."""
    log = StateFolder(paths.local_home()).log(part)
    if not log.is_file() and not follow:
        console.say(f"there is no log yet; start local AWS with: {service.START_COMMAND}")
    for line in process.last_lines(log, lines):
        console.say(line)
    if follow:
        _follow(log)


@main.command()
@click.option(
    "--purge",
    is_flag=True,
    help="Remove all data too: tables, streams, buckets, and the states of --local deployments.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
def down(*, purge: bool, yes: bool) -> None:
    """Stop local AWS. Its data stays, unless told otherwise."""
    home = paths.local_home()
    if purge:
        prompt.confirm(f"Remove all data of local AWS in {home}?", yes=yes)
        service.purge(home)
        console.say("local AWS is stopped and its data removed")
    elif service.down(home):
        console.say("local AWS is stopped")
    else:
        console.say("local AWS was not running")


@main.command()
@click.option(
    "--account", default=service.SINGLE_ACCOUNT, show_default=True, help="12-digit account to act in, as its root."
)
def env(account: str) -> None:
    """Print shell lines that point the AWS CLI at running local AWS.

    \b
    Example:
      eval "$(python -m tools.local env --account 222222222222)"
    """
    _check_account(account)
    # Known before anything is printed: half of these lines would leave the AWS CLI with the default profile.
    environment = service.connect(paths.local_home()).environment(account)
    click.echo("unset AWS_PROFILE AWS_SESSION_TOKEN")
    for name, value in environment.items():
        click.echo(f"export {name}={shlex.quote(value)}")


@main.command("objects")
@click.option(
    "--account", default=service.SINGLE_ACCOUNT, show_default=True, help="12-digit account whose buckets to list."
)
def list_objects(account: str) -> None:
    """List the objects of every bucket of an account of local AWS: their size in bytes, and where they lie."""
    _check_account(account)
    s3 = Aws(service.connect(paths.local_home()).environment(account)).client("s3")
    for bucket in s3.list_buckets()["Buckets"]:
        for found in objects.list_objects(s3, bucket["Name"], ""):
            console.say(f"{found.size:>10,}  s3://{bucket['Name']}/{found.key}")


main.add_command(verb.load)


def _check_account(account: str) -> None:
    if len(account) != 12 or not account.isdigit():
        raise click.UsageError(f"--account takes 12 digits, not {account!r}.")


def _follow(log: Path) -> None:
    position = log.stat().st_size if log.is_file() else 0
    while True:
        time.sleep(0.5)
        if not log.is_file():
            continue
        size = log.stat().st_size
        if size < position:
            position = 0
        if size > position:
            with log.open("rb") as file:
                file.seek(position)
                added = file.read(size - position)
            position += len(added)
            click.echo(added.decode(errors="replace"), nl=False)


if __name__ == "__main__":
    command.run(main, "local")
