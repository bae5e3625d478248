"""What was measured along the data path: plain values, before anybody says what they mean.

None is what could not be looked at or was not reported, which is never zero. Why it could not be looked at stands in
`unseen`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tools.health.metrics import NOTHING, Series

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from tools.lake.gaps import Gap


@dataclass(frozen=True)
class TableMeasured:
    """A table: its status, that of the destination that its changes go to, and what its writes took."""

    status: str | None = None
    destination: str | None = None
    writes: Series = NOTHING
    unseen: str = ""


@dataclass(frozen=True)
class StreamMeasured:
    """A data stream: its status, open shards (None on demand), and how long it keeps a record."""

    status: str | None = None
    shards: int | None = None
    on_demand: bool = False
    retention: timedelta | None = None
    incoming: Series = NOTHING
    incoming_bytes: Series = NOTHING
    iterator_age: Series = NOTHING
    throttled: Series = NOTHING
    unseen: str = ""


@dataclass(frozen=True)
class FunctionMeasured:
    """The function as the delivery streams call it: state and version of its alias, and what its calls came to."""

    state: str | None = None
    version: str | None = None
    since: str | None = None
    invocations: Series = NOTHING
    errors: Series = NOTHING
    throttles: Series = NOTHING
    milliseconds: Series = NOTHING
    unseen: str = ""


@dataclass(frozen=True)
class DeliveryMeasured:
    """A delivery stream: its status, how long it buffers at most, and what it read, failed and wrote.

    `refused` is the newest message of its log since it last delivered, of the last minutes; "" where there is none.
    """

    status: str | None = None
    buffering: timedelta | None = None
    read: Series = NOTHING
    processed_ok: Series = NOTHING
    failed: Series = NOTHING
    delivered: Series = NOTHING
    delivered_bytes: Series = NOTHING
    behind: Series = NOTHING
    freshness: Series = NOTHING
    refused: str = ""
    unseen: str = ""


@dataclass(frozen=True)
class LakeMeasured:
    """A table's part of the bucket: what came in the last hour, and the failed records that lie there.

    `failed_is_more` says that there are more of them than were counted. `gaps` are spans of time of which versions are
    known to be missing, because catch-up has healed no more than the current state.
    """

    objects: int | None = None
    size: int = 0
    newest: datetime | None = None
    failed_objects: int | None = None
    failed_is_more: bool = False
    oldest_failed: datetime | None = None
    gaps: tuple[Gap, ...] = ()
    unseen: str = ""


@dataclass(frozen=True)
class PathMeasured:
    """The way of one table's changes; a hop is None where it is in an account that was not asked."""

    table: TableMeasured | None = None
    stream: StreamMeasured | None = None
    delivery: DeliveryMeasured | None = None
    lake: LakeMeasured | None = None


@dataclass(frozen=True)
class ReplicaMeasured:
    """The lake's copy: its bucket and Region, what S3 could not replicate, how long it takes, and what it has to do.

    `latency` is in seconds; `pending` are objects and delete markers that wait.
    """

    bucket: str
    region: str
    failed: Series = NOTHING
    latency: Series = NOTHING
    pending: Series = NOTHING
    unseen: str = ""


@dataclass(frozen=True)
class Alarm:
    """An alarm that is not OK: its name, state, what it says of itself, and since when."""

    name: str
    state: str
    description: str
    since: datetime


@dataclass(frozen=True)
class Measured:
    """Everything of one deployment at one instant: paths by table, what they share, alarms, resources that drifted.

    `drifted` is None where nobody looked; so are `alarms` where they could not be read, or there are none to read.
    """

    at: datetime
    paths: Mapping[str, PathMeasured]
    function: FunctionMeasured | None = None
    replica: ReplicaMeasured | None = None
    alarms: tuple[Alarm, ...] | None = None
    drifted: tuple[str, ...] | None = None
    unseen: tuple[str, ...] = field(default=())
