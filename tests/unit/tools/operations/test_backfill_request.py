from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from tests.unit.tools.lake.versioned_bucket import NAME, Bucket
from tools.deployments.outputs import Outputs, Table
from tools.errors import LakeError, RefusedError, UsageError
from tools.operations import backfill_request, reconciled_table
from tools.operations.lake_access import LakeAccess

STREAM = "arn:aws:kinesis:eu-north-1:1:stream/orders-data-stream"
ASKED = {"since": None, "until": None, "export_arn": None, "keeps_export": None, "jobs": 2}


class Account:
    """What AWS says of the table `orders`."""

    def __init__(self):
        self.destination, self.recovery, self.reads = "ACTIVE", "ENABLED", STREAM
        self.earliest = datetime.now(UTC) - timedelta(days=2)

    def client(self, _):
        return self

    def describe_kinesis_streaming_destination(self, **_):
        return {"KinesisDataStreamDestinations": [{"StreamArn": STREAM, "DestinationStatus": self.destination}]}

    def describe_delivery_stream(self, **_):
        source = {"KinesisStreamSourceDescription": {"KinesisStreamARN": self.reads}}
        return {"DeliveryStreamDescription": {"DeliveryStreamStatus": "ACTIVE", "Source": source}}

    def describe_continuous_backups(self, **_):
        told = {"PointInTimeRecoveryStatus": self.recovery, "EarliestRestorableDateTime": self.earliest}
        return {"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": told}}


class World:
    def __init__(self):
        self.account, self.s3, self.rules = Account(), Bucket(), {}

    def find(self, *_):
        table = Table("delivery", "r", "data/orders/", "errors/orders/", stream_arn=STREAM, rules=self.rules)
        lake = SimpleNamespace(bucket=NAME, client=lambda: self.s3)
        return SimpleNamespace(name="orders", outputs=table, aws=self.account, lake=lake)

    def read(self, table="orders", *, adopts=False, **asked):
        outputs = Outputs("eu-north-1", "1", bucket_name=NAME, tables={"orders": self.find().outputs})
        deployment = SimpleNamespace(label="single-account", outputs=lambda: outputs)
        return backfill_request.read(LakeAccess(deployment, deployment), table, {**ASKED, **asked}, adopts=adopts)


@pytest.fixture
def world(monkeypatch):
    world = World()
    monkeypatch.setattr(reconciled_table, "find", world.find)
    return world


def ago(**time):
    return (datetime.now(UTC) - timedelta(**time)).isoformat()


def test_a_load_says_what_it_does_and_is_proven_where_a_table_is_adopted(world):
    wanted = world.read(adopts=True)

    assert wanted.announcement == (
        "orders: all items, by a point-in-time export",
        f"  export  s3://{NAME}/exports/orders/, kept",
        f"  rows    s3://{NAME}/data/orders/",
    )
    assert (wanted.request.windows, wanted.proof.how) == ((), "scan")
    assert world.read().proof is None


def test_the_export_of_a_table_whose_rules_hide_values_is_removed_whatever_is_asked(world):
    world.rules = {"email": "hash"}
    assert not world.read().request.keeps_exports
    with pytest.raises(UsageError, match="rules hide values"):
        world.read(keeps_export=True)
    world.rules = {"profile": "json"}
    assert world.read().request.keeps_exports


def test_a_span_is_exported_in_windows_and_the_same_span_is_the_same_run(world):
    wanted = world.read(since=ago(hours=30), until=ago(hours=2))

    before, first, second = wanted.request.windows
    assert (first.end - first.first, first.end, before.end) == (24 * 3600, second.first, first.first)
    assert (
        wanted.request.name == world.read(since=wanted.request.gap.since, until=wanted.request.gap.until).request.name
    )


def test_a_span_without_an_end_is_the_same_run_whenever_it_is_asked_for(world):
    since = ago(hours=1)

    assert world.read(since=since).request.name == world.read(since=since).request.name
    assert world.read(since=since, until=ago(minutes=2)).request.name != world.read(since=since).request.name


def test_what_cannot_be_known_any_more_is_refused_with_the_time_from_which_it_can(world):
    with pytest.raises(RefusedError, match=f"goes back to {world.account.earliest:%Y-%m-%dT%H:%M}"):
        world.read(since=ago(days=3))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"until": "2026-01-31"}, "--until ends a span"),
        ({"since": "2026-01-31", "export_arn": "arn"}, "leave out --export and --adopt"),
        ({"since": "2999-01-31"}, "is no span that has passed"),
        ({"table": "others"}, "'others' is not streamed by single-account.*existing = true"),
    ],
)
def test_what_makes_no_sense_is_refused(world, asked, said):
    with pytest.raises(UsageError, match=said):
        world.read(**asked)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"destination": "DISABLED"}, "its streaming destination is disabled.*tools.deploy single-account"),
        ({"reads": "another"}, "reads another; put it right first"),
        ({"recovery": "DISABLED"}, "update-continuous-backups --table-name orders"),
    ],
)
def test_a_table_whose_changes_would_be_lost_or_that_cannot_be_exported_is_refused(world, change, said):
    vars(world.account).update(change)
    with pytest.raises(LakeError, match=said):
        world.read()
