"""`python -m tools.verify ENV`: writes an item twice and waits for both changes in the lake."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click
from botocore.exceptions import BotoCoreError, ClientError

from tools.cli import command, console
from tools.deployments import choose, options
from tools.deployments.aws import reason
from tools.deployments.choose import Where
from tools.errors import LakeError
from tools.lake import probe
from tools.operations import verifying_replica
from tools.operations.verifying import Verification, choose_endpoints

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.deployments.credentials import Identities
    from tools.operations.arrivals import Arrival


@click.command(context_settings=command.CONTEXT)
@options.environment
@options.local
@options.deployment
@options.identities
@options.table
@click.option("--timeout", type=click.IntRange(min=1), help="Seconds to wait. Default: both buffers and 3 minutes.")
@click.option("--keep", is_flag=True, help="Leave the item in the table.")
@click.option("--replica", "in_replica", is_flag=True, help="Wait for the objects in the lake's replica, too.")
@click.option("--json", "as_json", is_flag=True, help="Print objects and records as JSON, and nothing else.")
def main(
    *,
    env: str,
    local: bool,
    name: str,
    identities: Identities,
    table: str | None,
    timeout: int | None,
    keep: bool,
    in_replica: bool,
    as_json: bool,
) -> None:
    """Prove that changes to a table arrive in the lake.

    Puts the item 864732 (Adam, Architect), puts it again (Senior Architect), waits until both changes lie in the
    bucket exactly as written, or as the table's rules say, and prints them. The item is removed afterwards; its
    records stay in the lake.

    ENV cross-account writes (Chris, Senior Consultant, then Principal Consultant) as the producer and reads as the
    consumer, and checks that the objects are the consumer's and closed to the producer.

    --replica waits for these objects in the other Region, up to 15 minutes, or --timeout seconds, and compares them.

    \b
    Examples:
      python -m tools.verify single-account --local
      python -m tools.verify single-account --deployment prod
      python -m tools.verify single-account --table orders --timeout 600
      python -m tools.verify single-account --replica
      python -m tools.verify cross-account --producer-profile tables --consumer-profile lake
    """
    endpoints = choose_endpoints(env, Where(name, local), identities, quiet=as_json)
    copies = verifying_replica.choose(endpoints.lake) if in_replica else None
    choose.require_delivery_worker(endpoints.table)
    outputs = endpoints.table.outputs()
    table_name, described = outputs.table(table)
    verification = Verification(endpoints, outputs, table_name, described, quiet=as_json)
    try:
        found = verification.run(timeout, keep=keep)
        seen = verification.look_from_both_accounts(found) if endpoints.cross_accounts else []
        keys = dict.fromkeys(arrival.key for arrival in found.values())
        copied = copies.wait(keys, timeout or verifying_replica.WAIT_SECONDS) if copies else {}
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"AWS refused: {reason(error)}") from None
    report(found, copied, as_json=as_json, ruled=bool(described.rules))
    if not as_json:
        for line in seen:
            console.say(line)


def report(found: Mapping[str, Arrival], copied: Mapping[str, str], *, as_json: bool, ruled: bool) -> None:
    """Prints the objects and the two lake records, in the order in which the changes were made.

    `copied` has the objects' copies in the replica, where they were looked for; `ruled` says that the table has rules
    for some of the values.
    """
    # Their times may be the same, and they may have arrived in any order.
    ordered = [found[event] for event in probe.EVENTS]
    if as_json:
        console.say(json.dumps([_members(arrival, copied) for arrival in ordered]))
        return
    said = "as written, but for what the table's rules say" if ruled else "exactly as written"
    console.say(f"Both changes are in the lake, {said}.")
    for key in dict.fromkeys(arrival.key for arrival in ordered):
        console.say(f"  object  {key}")
    for place in copied.values():
        console.say(f"  replica {place}, byte for byte the same")
    for arrival in ordered:
        console.say(json.dumps(arrival.record, ensure_ascii=False, separators=(",", ":")))


def _members(arrival: Arrival, copied: Mapping[str, str]) -> dict[str, Any]:
    replica = {"replica": copied[arrival.key]} if arrival.key in copied else {}
    return {"key": arrival.key, **replica, "record": arrival.record}


if __name__ == "__main__":
    command.run(main, "verify")
