"""Proves that changes to a table arrive in the lake: writes an item twice, waits for both changes, cleans up."""

from __future__ import annotations

import json
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from tools.cli import console
from tools.deployments import choose, environments, folders
from tools.deployments.recall import Given, Purpose
from tools.errors import LakeError, RefusedError, UsageError
from tools.lake import delivery_log, delivery_time, object_ownership, probe
from tools.operations.arrivals import Arrivals
from tools.terraform.runner import Variables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tools.deployments.choose import Where
    from tools.deployments.credentials import Identities
    from tools.deployments.deployment import Deployment
    from tools.deployments.outputs import Outputs, Table
    from tools.lake.probe import Person, Probe
    from tools.operations.arrivals import Arrival

CLOCK_STEP_SECONDS: Final = 1
"""HTTP dates, and change records of some emulators, are cut to whole seconds."""


@dataclass(frozen=True)
class Endpoints:
    """The deployment of the table and that of the lake, which are one in a single account, and the probe's person."""

    table: Deployment
    lake: Deployment
    person: Person

    @property
    def cross_accounts(self) -> bool:
        """True when table and lake are in different accounts."""
        return self.table is not self.lake


def choose_endpoints(env: str, where: Where, identities: Identities, *, quiet: bool) -> Endpoints:
    """Returns the endpoints of ENV.

    Raises:
        UsageError: ENV is one half of a pair, from which the other cannot be seen.
        LakeError: as `choose.choose`.
    """
    if env == environments.CROSS_ACCOUNT:
        pair = choose.choose_pair(identities, where, Variables(), Purpose.READ, quiet=quiet)
        return Endpoints(pair.producer, pair.consumer, probe.CHRIS)
    environment = environments.find(env)
    if env in (environments.CONSUMER, environments.PRODUCER):
        raise UsageError(
            f"{env} is one half: the tables are in one account, the lake in the other; try both: "
            f"python -m tools.verify {environments.CROSS_ACCOUNT}{folders.options(where.name, local=where.local)}"
        )
    given = Given(identity=identities.for_environment(env))
    deployment = choose.choose(environment, where, given, Purpose.READ, quiet=quiet)
    return Endpoints(deployment, deployment, probe.ADAM)


class Verification:
    """One run of the article's test on one table."""

    def __init__(self, endpoints: Endpoints, outputs: Outputs, table_name: str, table: Table, *, quiet: bool) -> None:
        self._deployment = endpoints.table
        self._person = endpoints.person
        self._kms_key_arn = outputs.cross_account_kms_key_arn
        self._aws = endpoints.table.aws(outputs.region)
        self._s3 = endpoints.lake.aws(outputs.region).client("s3")
        self._dynamodb = self._aws.client("dynamodb")
        self._bucket = outputs.bucket_name or ""
        self._table_name = table_name
        self._table = table
        self._quiet = quiet

    def run(self, timeout: int | None, *, keep: bool) -> dict[str, Arrival]:
        """Writes, waits, cleans up, and returns the two arrivals: event name -> arrival.

        Raises:
            RefusedError: the table holds an item of that key that is not ours.
            LakeError: the changes did not arrive in time, or could not be delivered.
        """
        described = self._dynamodb.describe_table(TableName=self._table_name)["Table"]
        item = probe.for_table(described, self._person, self._table.rules)
        not_before_us = self._remove_earlier_item(item)
        table = (self._table_name, self._table)
        arrivals = Arrivals(self._s3, self._bucket, table, probe=item, not_before_us=not_before_us)
        seconds = timeout or self._default_timeout()
        try:
            for event, version in item.versions():
                self._dynamodb.put_item(TableName=self._table_name, Item=version)
                self._say(f"{event}: put {json.dumps(version, default=str)} into {self._table_name}")
            waiting = f"waiting up to {seconds} s for both changes in s3://{self._bucket}"
            with console.waiting(waiting, quiet=self._quiet):
                found = arrivals.wait(seconds)
        finally:
            if not keep:
                self._dynamodb.delete_item(TableName=self._table_name, Key=item.key)
        if len(found) < len(item.versions()):
            raise LakeError(
                self._explain(len(found), seconds, not_before_us // 1000) + of_closed(self._bucket, arrivals.closed)
            )
        return found

    def look_from_both_accounts(self, found: Mapping[str, Arrival]) -> list[str]:
        """Returns what the two accounts see of the objects that hold the arrivals.

        Raises:
            LakeError: as `object_ownership.check`.
        """
        writer = self._aws.client("s3")
        keys = dict.fromkeys(arrival.key for arrival in found.values())
        lines = [object_ownership.check(self._s3, writer, self._bucket, key, self._kms_key_arn) for key in keys]
        return list(dict.fromkeys(line for each in lines for line in each))

    def _remove_earlier_item(self, item: Probe) -> int:
        """Removes an item that an earlier run left, and returns the time from which changes are of this run.

        The time is the table's own, in microseconds since the epoch, whatever this machine's clock says.
        """
        answer = self._dynamodb.get_item(TableName=self._table_name, Key=item.key, ConsistentRead=True)
        served_at = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"]).timestamp()
        present = answer.get("Item")
        if present not in (None, item.first, item.second):
            raise RefusedError(
                f"table {self._table_name} holds an item of its own with the key {json.dumps(item.key, default=str)}, "
                "which this test would overwrite; try another table with --table NAME"
            )
        if present:
            self._dynamodb.delete_item(TableName=self._table_name, Key=item.key)
        return int((served_at - CLOCK_STEP_SECONDS) * 1_000_000)

    def _default_timeout(self) -> int:
        buffering = delivery_time.buffering_seconds(self._aws.client("firehose"), self._table.delivery_stream_name)
        return buffering + delivery_time.SPARE_SECONDS

    def _explain(self, arrived: int, seconds: int, started_ms: int) -> str:
        stream = self._table.delivery_stream_name
        logged = delivery_log.errors_since(self._aws.client("logs"), self._table.log_group_name, started_ms)
        reason = logged[0] if logged else choose.last_local_error(self._deployment, stream)
        said = f"delivery stream {stream} " + (f"says: {reason}" if reason else "has logged no error")
        return f"{arrived} of 2 changes arrived in {seconds} s; {said}"

    def _say(self, line: str) -> None:
        if not self._quiet:
            console.say(line)


def of_closed(bucket: str, keys: Sequence[str]) -> str:
    """Returns what a message adds of failed records that came and may not be read; "" where there are none."""
    if not keys:
        return ""
    return (
        f"; records failed meanwhile, perhaps these: s3://{bucket}/{keys[0]} is closed to these credentials, as failed "
        "records of a table with rules are; one of original_reader_role_arns may read it"
    )
