from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tools.health import judging
from tools.health.judging import Commands, Level
from tools.health.measured import (
    Alarm,
    DeliveryMeasured,
    FunctionMeasured,
    LakeMeasured,
    Measured,
    PathMeasured,
    ReplicaMeasured,
    StreamMeasured,
    TableMeasured,
)
from tools.health.metrics import Series

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
WELL = PathMeasured(
    TableMeasured("ACTIVE", "ACTIVE"),
    StreamMeasured("ACTIVE", 10, retention=timedelta(days=1)),
    DeliveryMeasured("ACTIVE", timedelta(minutes=3)),
    LakeMeasured(5, 1000, NOW, failed_objects=0),
)


def points(*pairs):
    return Series(tuple((NOW - timedelta(minutes=ago), value) for ago, value in pairs))


def findings(path=WELL, function=None, **more):
    measured = Measured(NOW, {"orders": path}, function or FunctionMeasured("Active", "3"), **more)
    return judging.judge(measured, Commands("single-account"))


def hop(name, **changes):
    return replace(WELL, **{name: replace(getattr(WELL, name), **changes)})


def off(state):
    """Returns a path whose table streams no more, and of which nothing came in the last hours."""
    return replace(hop("table", destination=state), lake=LakeMeasured(0, failed_objects=0))


def test_nothing_is_found_where_nothing_is_wrong():
    busy = hop("delivery", delivered=points((10, 40), (5, 40)), behind=points((5, 2000)), freshness=points((5, 170)))

    assert findings() == ()
    assert findings(busy) == ()


@pytest.mark.parametrize(
    ("path", "level", "where", "says"),
    [
        (off("DISABLED"), Level.BROKEN, "table", "changes from now on never reach the lake"),
        (off("MISSING"), Level.BROKEN, "table", "streaming is MISSING"),
        (hop("table", destination="ENABLING"), Level.WARNING, "table", "streaming is ENABLING"),
        (hop("table", status="DELETING"), Level.BROKEN, "table", "the table is DELETING"),
        (hop("stream", status="DELETING"), Level.BROKEN, "stream", "the stream is DELETING"),
        (hop("stream", throttled=points((30, 7))), Level.WARNING, "stream", "7 writes were refused"),
        (hop("stream", iterator_age=points((5, 13 * 3600_000))), Level.BROKEN, "stream", "is lost in 11 h"),
        (hop("delivery", status="CREATING"), Level.BROKEN, "delivery", "the delivery stream is CREATING"),
        (hop("delivery", behind=points((5, 19 * 60_000))), Level.BROKEN, "delivery", "is 19 min old"),
        (hop("delivery", freshness=points((5, 1200))), Level.BROKEN, "delivery", "is 20 min old"),
        (hop("stream", incoming=points((30, 9))), Level.BROKEN, "delivery", "nothing was delivered for 18 min"),
        (
            hop("delivery", freshness=points((5, 1200)), refused="S3.AccessDenied: no s3:PutObject"),
            Level.BROKEN,
            "delivery",
            "is the most that is expected; its log: S3.AccessDenied: no s3:PutObject",
        ),
        (
            hop("delivery", freshness=points((5, 30)), refused="S3.AccessDenied: no s3:PutObject"),
            Level.WARNING,
            "delivery",
            "nothing was delivered since an error; its log: S3.AccessDenied: no s3:PutObject",
        ),
        (
            hop("lake", failed_objects=3, oldest_failed=NOW),
            Level.WARNING,
            "lake",
            "failed records wait in 3 objects, the oldest",
        ),
        (hop("lake", failed_objects=1000, failed_is_more=True), Level.WARNING, "lake", "wait in at least 1000 objects"),
        (hop("delivery", unseen="denied"), Level.UNKNOWN, "delivery", "cannot be looked at: denied"),
    ],
)
def test_each_fault_is_found_at_its_hop(path, level, where, says):
    (found,) = findings(path)

    assert (found.level, found.hop, found.table) == (level, where, "orders")
    assert says in found.says


@pytest.mark.parametrize(
    ("path", "why"),
    [
        (hop("stream", iterator_age=points((5, 11 * 3600_000))), "less than half of the retention"),
        (hop("stream", iterator_age=points((20, 20 * 3600_000))), "an old point"),
        (hop("delivery", behind=points((5, 17 * 60_000))), "late, but within what buffers ask for and a margin"),
        (hop("stream", incoming=points((10, 9))), "too early for the buffers"),
        (hop("stream", incoming=points((90, 9))), "too long ago"),
        (hop("stream", throttled=points((90, 7))), "not in the last hour"),
    ],
)
def test_what_is_within_its_bounds_is_no_finding(path, why):
    assert findings(path) == (), why


def test_delivered_records_since_changes_came_say_that_delivery_goes_on():
    path = replace(hop("stream", incoming=points((40, 9))), delivery=replace(WELL.delivery, delivered=points((35, 9))))

    assert findings(path) == ()
    before = replace(path, delivery=replace(path.delivery, delivered=points((45, 9))))
    assert [found.hop for found in findings(before)] == ["delivery"]


def test_what_failed_in_the_function_and_what_it_was_not_allowed_to_do_is_found():
    failing = FunctionMeasured("Active", "3", errors=points((5, 2), (10, 1)), throttles=points((5, 4)))

    assert [found.says.split(":")[0] for found in findings(function=failing)] == [
        "3 calls failed in the last hour",
        "4 calls were throttled in the last hour",
    ]


def test_the_first_hop_of_the_path_comes_first():
    path = replace(
        hop("lake", failed_objects=1),
        table=replace(WELL.table, destination="DISABLED"),
        delivery=DeliveryMeasured("NO"),
    )
    alarm = Alarm("lake/table/orders/delivery-late", "ALARM", "Changes are late. Look here.", NOW)

    found = findings(path, alarms=(alarm,), drifted=("module.bucket.this",))

    assert [each.hop for each in found] == ["table", "table", "delivery", "lake", "alarm", "drift"]
    assert found[4].says == "lake/table/orders/delivery-late since 2026-01-31 12:00 UTC: Changes are late"
    assert found[4].do == "docs/runbook.md#delivery-late"


def test_the_lag_is_that_of_the_oldest_change_that_was_not_read_or_not_delivered():
    def lag(**changes):
        return judging.lag(hop("delivery", **changes), NOW)

    assert lag(behind=points((5, 4000)), freshness=points((5, 90))) == timedelta(seconds=90)
    assert lag(behind=points((5, 4_000_000)), freshness=points((5, 90))) == timedelta(seconds=4000)
    assert lag(behind=points((10, 9000), (5, 0))) == timedelta()
    assert lag(behind=points((20, 9000))) is None
    assert judging.lag(PathMeasured(), NOW) is None


def test_a_replay_of_failed_records_is_proposed_by_its_command():
    (found,) = findings(hop("lake", failed_objects=1))

    assert found.do == "python -m tools.replay single-account --table orders --list"


def copy(**more):
    return ReplicaMeasured("copy", "us-west-2", **more)


@pytest.mark.parametrize(
    ("replica", "level", "says", "do"),
    [
        (copy(failed=points((30, 3))), Level.WARNING, "3 objects or markers of the last hour", "#replication-failing"),
        (copy(latency=points((5, 2000))), Level.WARNING, "up to 33 min 20 s ago", "#replica-late"),
        (copy(unseen="AccessDenied"), Level.UNKNOWN, "cannot be looked at: AccessDenied", ""),
    ],
)
def test_what_is_wrong_with_the_replica_is_told_after_the_lake(replica, level, says, do):
    (found,) = findings(replica=replica)

    assert (found.level, found.hop, found.table) == (level, "replica", "")
    assert says in found.says
    assert found.do.endswith(do)


def test_a_replica_that_failed_long_ago_or_is_a_little_late_is_well():
    assert findings(replica=copy(failed=points((90, 3)), latency=points((30, 2000), (5, 60)))) == ()
