"""Says what measurements mean: findings in the order of the data path, each with what to do first.

The first hop that is broken is the one to mend: what comes after it only waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from tools.cli.console import counted
from tools.health import holes, measuring

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tools.health.measured import (
        DeliveryMeasured,
        FunctionMeasured,
        LakeMeasured,
        Measured,
        PathMeasured,
        ReplicaMeasured,
        StreamMeasured,
        TableMeasured,
    )

LATE: Final = timedelta(minutes=15)
"""A change that is so much later than its buffers ask for is late."""
RISK: Final = 0.5
"""The share of its retention after which a stream's oldest unread record is at risk."""

_DELIVERY_BEHIND: Final = "docs/runbook.md#delivery-behind"

TABLE: Final = "table"
STREAM: Final = "stream"
FUNCTION: Final = "function"
DELIVERY: Final = "delivery"
LAKE: Final = "lake"
REPLICA: Final = "replica"
ALARM: Final = "alarm"
DRIFT: Final = "drift"


class Level(IntEnum):
    """How bad something is: nothing, not known, to be looked at, or changes are being lost or stand still."""

    WELL = 0
    UNKNOWN = 1
    WARNING = 2
    BROKEN = 3


@dataclass(frozen=True)
class Finding:
    """What is wrong at one hop, what that means for the data, and what to do; `table` is "" for what all share."""

    level: Level
    table: str
    hop: str
    says: str
    do: str = ""


@dataclass(frozen=True)
class Commands:
    """The commands of a deployment, as a user would type them: `python -m tools.VERB LABEL`."""

    label: str

    def verb(self, name: str, options: str = "") -> str:
        """Returns the command line of a verb."""
        return f"python -m tools.{name} {self.label}{options and f' {options}'}"


def judge(measured: Measured, commands: Commands) -> tuple[Finding, ...]:
    """Returns what is wrong or not known, in the order in which to look at it: by hop, from the table to the lake."""
    found: list[Finding] = []
    for name, path in measured.paths.items():
        found += _of_path(name, path, measured.at, commands)
    if measured.function:
        found += _of_function(measured.function, measured.at, commands)
    if measured.replica:
        found += _of_replica(measured.replica, measured.at)
    found += [Finding(Level.UNKNOWN, "", ALARM, f"cannot be looked at: {why}") for why in measured.unseen]
    for alarm in measured.alarms or ():
        says = f"{alarm.name} since {alarm.since:%Y-%m-%d %H:%M} UTC: {_first_sentence(alarm.description)}"
        found.append(Finding(Level.WARNING, "", ALARM, says, f"docs/runbook.md#{alarm.name.rpartition('/')[2]}"))
    for address in measured.drifted or ():
        do = commands.verb("deploy", "--plan-only")
        found.append(Finding(Level.WARNING, "", DRIFT, f"{address} was changed outside of Terraform", do))
    order = (TABLE, STREAM, FUNCTION, DELIVERY, LAKE, REPLICA, ALARM, DRIFT)
    return tuple(sorted(found, key=lambda each: (order.index(each.hop), -each.level, each.table)))


def lag(path: PathMeasured, now: datetime) -> timedelta | None:
    """Returns the age of the oldest change that is not in the lake yet, as far as CloudWatch knows; None: it does not.

    It is that of the oldest record that Firehose has not read, or of the oldest that it has read and not delivered
    (AWS documentation: "KinesisMillisBehindLatest", "DeliveryToS3.DataFreshness"), whichever is greater.
    """
    if path.delivery is None:
        return None
    behind = path.delivery.behind.newest(now - measuring.RECENT)
    freshness = path.delivery.freshness.newest(now - measuring.RECENT)
    ages = [
        *([timedelta(milliseconds=behind)] if behind is not None else []),
        *([timedelta(seconds=freshness)] if freshness is not None else []),
    ]
    return max(ages, default=None)


def _of_path(name: str, path: PathMeasured, now: datetime, commands: Commands) -> Iterator[Finding]:
    if path.table:
        yield from _of_table(name, path, path.table, commands)
        yield from _of_hole(name, path, now, commands)
    if path.stream:
        yield from _of_stream(name, path.stream, now, commands)
    if path.delivery:
        yield from _of_delivery(name, path, path.delivery, now, commands)
    if path.lake:
        yield from _of_lake(name, path.lake, commands)


def _of_table(name: str, path: PathMeasured, table: TableMeasured, commands: Commands) -> Iterator[Finding]:
    if table.unseen:
        yield _unknown(name, TABLE, table.unseen)
    if table.status not in (None, "ACTIVE", "UPDATING"):
        yield Finding(Level.BROKEN, name, TABLE, f"the table is {table.status}")
    if table.destination in ("ENABLING", "UPDATING"):
        yield Finding(Level.WARNING, name, TABLE, f"streaming is {table.destination}: wait some minutes")
    elif table.destination not in (None, "ACTIVE"):
        says = f"streaming is {table.destination}: changes from now on never reach the lake"
        yield Finding(Level.BROKEN, name, TABLE, says, commands.verb("deploy"))
        if last := holes.last_seen(path):
            says = (
                f"the last change that was streamed is of about {last:%Y-%m-%d %H:%M} UTC; when streaming is on again:"
            )
            yield Finding(Level.BROKEN, name, TABLE, says, _backfill(name, last, None, commands))


def _of_hole(name: str, path: PathMeasured, now: datetime, commands: Commands) -> Iterator[Finding]:
    found = holes.find(path, now)
    if found:
        first, end = found
        says = (
            f"from {first:%Y-%m-%d %H:%M} to {end:%H:%M} UTC the table was written to, and nothing came into the "
            "stream: unless these writes changed nothing, their changes are missing in the lake"
        )
        yield Finding(Level.WARNING, name, TABLE, says, _backfill(name, first, end, commands))


def _backfill(name: str, since: datetime, until: datetime | None, commands: Commands) -> str:
    end = f" --until {until:%Y-%m-%dT%H:%M:%SZ}" if until else ""
    return commands.verb("backfill", f"--table {name} --since {since:%Y-%m-%dT%H:%M:%SZ}{end}")


def _of_stream(name: str, stream: StreamMeasured, now: datetime, commands: Commands) -> Iterator[Finding]:
    if stream.unseen:
        yield _unknown(name, STREAM, stream.unseen)
    if stream.status not in (None, "ACTIVE", "UPDATING"):
        yield Finding(Level.BROKEN, name, STREAM, f"the stream is {stream.status}", commands.verb("deploy"))
    if refused := stream.throttled.total(now - measuring.HOUR):
        says = f"{refused:,.0f} writes were refused in the last hour: DynamoDB tries them again, and they come late"
        yield Finding(Level.WARNING, name, STREAM, says, "raise tables.NAME.stream.shards, or stream on demand")
    age = stream.iterator_age.newest(now - measuring.RECENT)
    if age is not None and stream.retention and timedelta(milliseconds=age) > stream.retention * RISK:
        left = stream.retention - timedelta(milliseconds=age)
        says = f"the oldest record that nobody has read is lost in {duration(left)}"
        yield Finding(Level.BROKEN, name, STREAM, says, "raise tables.NAME.stream.retention_hours first, then mend")


def _of_function(function: FunctionMeasured, now: datetime, commands: Commands) -> Iterator[Finding]:
    if function.unseen:
        yield _unknown("", FUNCTION, function.unseen)
    if function.state not in (None, "Active", "Inactive"):
        yield Finding(Level.BROKEN, "", FUNCTION, f"the function is {function.state}", commands.verb("deploy"))
    if errors := function.errors.total(now - measuring.HOUR):
        says = f"{errors:,.0f} calls failed in the last hour: their batches are tried again, then put aside"
        yield Finding(Level.WARNING, "", FUNCTION, says, "docs/runbook.md#transform-failing")
    if throttles := function.throttles.total(now - measuring.HOUR):
        says = f"{throttles:,.0f} calls were throttled in the last hour: too little concurrency in the account"
        yield Finding(Level.WARNING, "", FUNCTION, says)


def _of_delivery(
    name: str, path: PathMeasured, delivery: DeliveryMeasured, now: datetime, commands: Commands
) -> Iterator[Finding]:
    if delivery.unseen:
        yield _unknown(name, DELIVERY, delivery.unseen)
    if delivery.status not in (None, "ACTIVE"):
        says = f"the delivery stream is {delivery.status}"
        yield Finding(Level.BROKEN, name, DELIVERY, says, commands.verb("deploy"))
    allowed = (delivery.buffering or timedelta()) + LATE
    late = lag(path, now)
    why = f"; its log: {delivery.refused}" if delivery.refused else ""
    if late is not None and late > allowed:
        says = f"the oldest change on its way is {duration(late)} old, {duration(allowed)} is the most that is expected"
        yield Finding(Level.BROKEN, name, DELIVERY, says + why, _DELIVERY_BEHIND)
    elif _stands_still(path, now, allowed):
        says = f"changes came in, and nothing was delivered for {duration(allowed)}"
        yield Finding(Level.BROKEN, name, DELIVERY, says + why, _DELIVERY_BEHIND)
    elif why:
        yield Finding(Level.WARNING, name, DELIVERY, f"nothing was delivered since an error{why}", _DELIVERY_BEHIND)


def _stands_still(path: PathMeasured, now: datetime, allowed: timedelta) -> bool:
    """Tells whether changes came before the last `allowed`, and none of the last hour was delivered since."""
    if path.stream is None or path.delivery is None:
        return False
    came = [at for at, value in path.stream.incoming.points if value and now - measuring.HOUR <= at < now - allowed]
    return bool(came) and not path.delivery.delivered.total(min(came))


def _of_lake(name: str, lake: LakeMeasured, commands: Commands) -> Iterator[Finding]:
    if lake.unseen:
        yield _unknown(name, LAKE, lake.unseen)
    if lake.failed_objects:
        more = "at least " if lake.failed_is_more else ""
        since = f", the oldest of {lake.oldest_failed:%Y-%m-%d %H:%M} UTC" if lake.oldest_failed else ""
        says = f"failed records wait in {more}{counted(lake.failed_objects, 'object')}{since}"
        yield Finding(Level.WARNING, name, LAKE, says, commands.verb("replay", f"--table {name} --list"))


def _of_replica(replica: ReplicaMeasured, now: datetime) -> Iterator[Finding]:
    if replica.unseen:
        yield _unknown("", REPLICA, replica.unseen)
    if failed := replica.failed.total(now - measuring.HOUR):
        says = f"{failed:,.0f} objects or markers of the last hour could not be replicated, and are not tried again"
        yield Finding(Level.WARNING, "", REPLICA, says, "docs/runbook.md#replication-failing")
    late = replica_lag(replica, now)
    if late is not None and late > LATE:
        says = f"it misses what came to the lake up to {duration(late)} ago"
        yield Finding(Level.WARNING, "", REPLICA, says, "docs/runbook.md#replica-late")


def replica_lag(replica: ReplicaMeasured, now: datetime) -> timedelta | None:
    """Returns how far the replica is behind the lake, as far as CloudWatch knows; None: it does not."""
    seconds = replica.latency.newest(now - measuring.RECENT)
    return None if seconds is None else timedelta(seconds=seconds)


def _unknown(table: str, hop: str, why: str) -> Finding:
    return Finding(Level.UNKNOWN, table, hop, f"cannot be looked at: {why}")


def _first_sentence(text: str) -> str:
    return " ".join(text.split()).partition(". ")[0].removesuffix(".")


def duration(time: timedelta) -> str:
    """Returns a duration for people, in its two largest units.

    >>> duration(timedelta(seconds=75)), duration(timedelta(hours=26)), duration(timedelta(seconds=4.2))
    ('1 min 15 s', '1 d 2 h', '4 s')
    """
    seconds = max(0, int(time.total_seconds()))
    parts: list[str] = []
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        number, seconds = divmod(seconds, size)
        if number or (unit == "s" and not parts):
            parts.append(f"{number} {unit}")
    return " ".join(parts[:2])
