"""The options of `python -m tools.local load`."""

from __future__ import annotations

import json
from dataclasses import asdict
from uuid import uuid4

import click
from botocore.exceptions import BotoCoreError, ClientError

from tools import paths
from tools.cli import command, console
from tools.deployments import choose, options
from tools.deployments.aws import reason
from tools.deployments.choose import Where
from tools.deployments.credentials import Identities, Identity
from tools.errors import EXIT_DONE, EXIT_FAILED, LakeError
from tools.localaws.load import rising, running
from tools.localaws.load.changes import LARGEST_BYTES, MIXED, SMALLEST_BYTES, Plan
from tools.localaws.state_folder import StateFolder
from tools.operations.verifying import choose_endpoints

_CHANGES_AN_ITEM = 10
STEP_SECONDS = 10.0
"""How long each step of --rising writes, where nothing else is said."""


@click.command(context_settings=command.CONTEXT)
@click.argument("env", metavar="[ENV]", default="single-account")
@options.deployment
@options.table
@click.option("--changes", type=click.IntRange(1), default=10_000, show_default=True, help="How many to write.")
@click.option("--size", default=MIXED, show_default=True, help="Bytes of an item, or mixed: 100 B to 350 kB.")
@click.option("--seconds", type=click.FloatRange(0, min_open=True), help="Write for at most so long.")
@click.option("--writers", type=click.IntRange(1, 16), default=2, show_default=True, help="Requests at a time.")
@click.option("--backlog", is_flag=True, help="Write while the delivery worker is stopped, then let it catch up.")
@click.option(
    "--rising", "climbs", is_flag=True, help=f"Double the rate from {rising.FIRST_RATE} a second until a hop gives way."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, and nothing else.")
def load(
    *,
    env: str,
    name: str,
    table: str | None,
    changes: int,
    size: str,
    seconds: float | None,
    writers: int,
    backlog: bool,
    climbs: bool,
    as_json: bool,
) -> int:
    """Write many changes to a table, and check that each arrives in the lake.

    Shows how many changes a second went in and came out, what each hop took, and the memory of local AWS. Exits 1 when
    a change is missing or altered, or comes in another order than it was written in. The items stay in the table and
    the records in the lake.

    \b
    Examples:
      python -m tools.local load
      python -m tools.local load --changes 200000 --backlog
      python -m tools.local load --size 1000 --seconds 30 --json
      python -m tools.local load --rising --seconds 10
    """
    if climbs and (backlog or as_json):
        raise click.UsageError("--rising goes without --backlog and --json.")
    plan = _plan(changes, size)
    everyone = Identities(Identity(), Identity(), Identity())
    endpoints = choose_endpoints(env, Where(name, local=True), everyone, quiet=as_json)
    choose.require_delivery_worker(endpoints.table)
    outputs = endpoints.table.outputs()
    dynamodb = endpoints.table.aws(outputs.region).client("dynamodb")
    s3 = endpoints.lake.aws(outputs.region).client("s3")
    run = running.Load(StateFolder(paths.local_home()), dynamodb, s3, outputs, table, quiet=as_json)
    try:
        if climbs:
            return climb(run, size, writers, seconds or STEP_SECONDS)
        result = run.run(plan, writers=writers, seconds=seconds, backlog=backlog)
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"local AWS refused: {reason(error)}") from None
    if as_json:
        console.say(json.dumps(asdict(result)))
    else:
        for line in running.lines(result):
            console.say(line)
    for fault in result.faults:
        console.fail(fault)
    return EXIT_FAILED if result.faults else EXIT_DONE


def climb(run: running.Load, size: str, writers: int, seconds: float) -> int:
    """Runs loads of so many seconds at rising rates, prints each, and returns the exit code."""
    faults: tuple[str, ...] = ()

    def paced(rate: int) -> running.Result:
        return run.run(_plan(round(rate * seconds), size), writers=writers, seconds=2 * seconds, rate=rate)

    for step in rising.climb(paced):
        faults = step.result.faults
        for line in (*rising.lines(step), *faults):
            console.say(line)
    return EXIT_FAILED if faults else EXIT_DONE


def _plan(changes: int, size: str) -> Plan:
    return Plan(uuid4().hex[:8], changes, max(1, changes // _CHANGES_AN_ITEM), _size(size))


def _size(text: str) -> int | None:
    if text == MIXED:
        return None
    if not text.isascii() or not text.isdigit() or not SMALLEST_BYTES <= int(text) <= LARGEST_BYTES:
        raise click.UsageError(f"--size takes {MIXED}, or {SMALLEST_BYTES} to {LARGEST_BYTES} bytes, not {text!r}.")
    return int(text)
