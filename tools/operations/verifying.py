"""Proves that changes to a table arrive in the lake: writes an item twice and waits for both changes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final

from tools.cli import console
from tools.deployments import choose, environments
from tools.deployments.recall import Given, Purpose
from tools.errors import LakeError, RefusedError, UsageError
from tools.lake import delivery_log, object_ownership, objects, probe
from tools.terraform.runner import Variables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tools.deployments.aws import Aws
    from tools.deployments.choose import Where
    from tools.deployments.credentials import Identities
    from tools.deployments.deployment import Deployment
    from tools.deployments.outputs import Outputs, Table
    from tools.lake.probe import Person, Probe

POLL_SECONDS: Final = 2.0
CLOCK_STEP_SECONDS: Final = 1
"""HTTP dates, and change records of some emulators, are cut to whole seconds."""

SPARE_SECONDS: Final = 180
"""Time that AWS may take on top of both buffers: polling the stream, the function, retries."""


@dataclass(frozen=True)
class Sides:
    """Where the table is, how the lake is read, and whose record it is."""

    deployment: Deployment
    reader: Deployment
    person: Person

    @property
    def crosses(self) -> bool:
        """True when table and lake are in different accounts."""
        return self.deployment is not self.reader


def choose_sides(env: str, where: Where, identities: Identities, *, quiet: bool) -> Sides:
    """Returns the sides of ENV.

    Raises:
        UsageError: ENV is one half of a pair, from which the other cannot be seen.
        LakeError: as `choose.choose`.
    """
    if env == environments.CROSS_ACCOUNT:
        pair = choose.choose_pair(identities, where, Variables(), Purpose.READ, quiet=quiet)
        return Sides(pair.producer, pair.consumer, probe.CHRIS)
    environment = environments.find(env)
    if env in (environments.CONSUMER, environments.PRODUCER):
        raise UsageError(
            f"{env} is one half: the tables are in one account, the lake in the other; try both: "
            f"python -m tools.verify {environments.CROSS_ACCOUNT}"
        )
    given = Given(identity=identities.for_environment(env))
    deployment = choose.choose(environment, where, given, Purpose.READ, quiet=quiet)
    return Sides(deployment, deployment, probe.ADAM)


@dataclass(frozen=True)
class Arrival:
    """One change that arrived: the object that holds it, and the lake record."""

    key: str
    record: Mapping[str, Any]


class Trial:
    """One run of the article's test on one table."""

    def __init__(self, sides: Sides, outputs: Outputs, name: str, table: Table, *, quiet: bool) -> None:
        self._deployment = sides.deployment
        self._person = sides.person
        self._kms_key_arn = outputs.cross_account_kms_key_arn
        self._aws: Aws = sides.deployment.aws(outputs.region)
        self._s3 = sides.reader.aws(outputs.region).client("s3")
        self._dynamodb = self._aws.client("dynamodb")
        self._bucket = outputs.bucket_name or ""
        self._name = name
        self._table = table
        self._quiet = quiet
        self._first_key = ""

    def run(self, timeout: int | None, *, keep: bool) -> dict[str, Arrival]:
        """Writes, waits, cleans up, and returns the two arrivals: event name -> arrival.

        Raises:
            RefusedError: the table holds an item of that key that is not ours.
            LakeError: the changes did not arrive in time.
        """
        item = probe.for_table(self._dynamodb.describe_table(TableName=self._name)["Table"], self._person)
        not_before_us = self._remove_earlier_item(item)
        self._first_key = first_key(self._table.data_prefix, not_before_us)
        known = {*self._data_keys(), *self._error_keys()}
        seconds = timeout or self._default_timeout()
        try:
            for event, version in item.versions():
                self._dynamodb.put_item(TableName=self._name, Item=version)
                self._say(f"{event}: put {json.dumps(version, default=str)} into {self._name}")
            return self._wait(item, known, seconds, not_before_us)
        finally:
            if not keep:
                self._dynamodb.delete_item(TableName=self._name, Key=item.key)

    def look_from_both_sides(self, found: Mapping[str, Arrival]) -> list[str]:
        """Returns what the two accounts see of the objects that hold the arrivals.

        Raises:
            LakeError: as `object_ownership.check`.
        """
        writer = self._aws.client("s3")
        keys = dict.fromkeys(arrival.key for arrival in found.values())
        lines = [object_ownership.check(self._s3, writer, self._bucket, key, self._kms_key_arn) for key in keys]
        return list(dict.fromkeys(line for each in lines for line in each))

    def _remove_earlier_item(self, item: Probe) -> int:
        """Removes an item that an earlier try left, and returns the time from which changes are of this try.

        The time is the table's own, in microseconds since the epoch, whatever this machine's clock says.
        """
        answer = self._dynamodb.get_item(TableName=self._name, Key=item.key, ConsistentRead=True)
        served_at = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"]).timestamp()
        present = answer.get("Item")
        if present not in (None, item.first, item.second):
            raise RefusedError(
                f"table {self._name} holds an item of its own with the key {json.dumps(item.key, default=str)}, "
                "which this test would overwrite; try another table with --table NAME"
            )
        if present:
            self._dynamodb.delete_item(TableName=self._name, Key=item.key)
        return int((served_at - CLOCK_STEP_SECONDS) * 1_000_000)

    def _wait(self, item: Probe, known: set[str], seconds: int, not_before_us: int) -> dict[str, Arrival]:
        deadline = monotonic() + seconds
        arrived: dict[str, Arrival] = {}
        with console.waiting(f"waiting up to {seconds} s for both changes in s3://{self._bucket}", quiet=self._quiet):
            while monotonic() < deadline:
                for key in _new(self._data_keys(), known):
                    for event, record in probe.find(
                        objects.read_records(self._s3, self._bucket, key), item, self._name, not_before_us
                    ).items():
                        arrived.setdefault(event, Arrival(key, record))
                if len(arrived) == len(item.versions()):
                    return arrived
                failed = _new(self._error_keys(), known)
                if failed:
                    raise LakeError(
                        f"delivery failed: see s3://{self._bucket}/{failed[0]} for the reason of each record"
                    )
                sleep(POLL_SECONDS)
        raise LakeError(self._explain(len(arrived), seconds, not_before_us // 1000))

    def _data_keys(self) -> list[str]:
        found = objects.list_objects(self._s3, self._bucket, self._table.data_prefix, self._first_key)
        return [each.key for each in found]

    def _error_keys(self) -> list[str]:
        return [each.key for each in objects.list_objects(self._s3, self._bucket, self._table.error_prefix)]

    def _default_timeout(self) -> int:
        described = self._aws.client("firehose").describe_delivery_stream(
            DeliveryStreamName=self._table.delivery_stream_name
        )
        destination = described["DeliveryStreamDescription"]["Destinations"][0]["ExtendedS3DestinationDescription"]
        processors = destination.get("ProcessingConfiguration", {}).get("Processors", ())
        hints = [
            int(parameter["ParameterValue"])
            for processor in processors
            for parameter in processor.get("Parameters", ())
            if parameter["ParameterName"] == "BufferIntervalInSeconds"
        ]
        # An absent hint is AWS's default (AWS documentation: "ProcessorParameter").
        processor_seconds = hints[0] if hints else 60
        return processor_seconds + int(destination["BufferingHints"]["IntervalInSeconds"]) + SPARE_SECONDS

    def _explain(self, arrived: int, seconds: int, started_ms: int) -> str:
        stream = self._table.delivery_stream_name
        logged = delivery_log.errors_since(self._aws.client("logs"), self._table.log_group_name, started_ms)
        reason = logged[0] if logged else choose.last_local_error(self._deployment, stream)
        said = f"delivery stream {stream} " + (f"says: {reason}" if reason else "has logged no error")
        return f"{arrived} of 2 changes arrived in {seconds} s; {said}"

    def _say(self, line: str) -> None:
        if not self._quiet:
            console.say(line)


def first_key(data_prefix: str, not_before_us: int) -> str:
    """Returns a key that every object with a change since `not_before_us` (microseconds) comes after.

    A lake may hold years; an object is filed under its oldest record, which is at most a day older than the change.
    """
    day = datetime.fromtimestamp(not_before_us / 1_000_000, UTC) - timedelta(days=1)
    return f"{data_prefix}dt={day:%Y-%m-%d}/"


def _new(keys: Sequence[str], known: set[str]) -> list[str]:
    new = [key for key in keys if key not in known]
    known.update(new)
    return new
