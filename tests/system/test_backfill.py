"""What was never streamed comes into the lake from exports: a whole table, and what changed in a hole."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import UTC, datetime
from time import sleep

import pytest

from tests.system.waiting import wait_until
from tools.lake import objects

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("lake-queries")]

TABLE = "blog-srsa-ddb-table"
KEPT, CHANGED, REMOVED = "backfill-kept", "backfill-changed", "backfill-removed"


@contextmanager
def not_streaming(deployed):
    """Switches the streaming of the table off meanwhile."""
    dynamodb = deployed.client("dynamodb")
    stream = {"TableName": TABLE, "StreamArn": deployed.outputs.tables[TABLE].stream_arn}

    def has_become(state):
        found = dynamodb.describe_kinesis_streaming_destination(TableName=TABLE)["KinesisDataStreamDestinations"]
        return found[-1]["DestinationStatus"] == state

    dynamodb.disable_kinesis_streaming_destination(**stream)
    wait_until(lambda: has_become("DISABLED"), "the destination to be off")
    try:
        yield
    finally:
        dynamodb.enable_kinesis_streaming_destination(**stream)
    wait_until(lambda: has_become("ACTIVE"), "the destination to be on")


def put(deployed, key, version):
    item = {"id": {"S": key}, "version": {"N": str(version)}}
    deployed.client("dynamodb").put_item(TableName=TABLE, Item=item)


def backfill(deployed, *options):
    run = deployed.verb("backfill", "--table", TABLE, "--jobs", "1", "--yes", "--json", *options)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def rows(deployed):
    """Returns event and version of each row of our items, in the order of their times."""
    s3, bucket = deployed.client("s3"), deployed.outputs.bucket_name
    found = [
        record
        for key in deployed.keys(f"data/{TABLE}/")
        if "/backfill-" in key
        for record in objects.read_records(s3, bucket, key)
    ]
    ours = sorted(found, key=lambda record: record["cdc_changed_at_us"])
    return {
        key: [(r["cdc_event"], r.get("version")) for r in ours if r["id"] == key] for key in (KEPT, CHANGED, REMOVED)
    }


def test_what_was_never_streamed_comes_by_a_load_and_what_changed_in_a_hole_by_catching_up(deployed):
    with not_streaming(deployed):
        for key in (KEPT, CHANGED, REMOVED):
            put(deployed, key, 1)
        refused = deployed.verb("backfill", "--table", TABLE, "--yes")
    assert (refused.returncode, "streaming destination is disabled" in refused.stderr) == (1, True)

    loaded = backfill(deployed)

    (export,) = loaded["exports"]
    assert export["items"] == export["done"]["counts"]["rows"] >= 3
    assert {key: found[-1] for key, found in rows(deployed).items()} == dict.fromkeys(
        (KEPT, CHANGED, REMOVED), ("SNAPSHOT", 1)
    )

    sleep(1)
    since = datetime.now(UTC)
    with not_streaming(deployed):
        put(deployed, CHANGED, 2)
        put(deployed, CHANGED, 3)
        deployed.client("dynamodb").delete_item(TableName=TABLE, Key={"id": {"S": REMOVED}})
    sleep(1)

    caught_up = backfill(deployed, "--since", since.isoformat(), "--remove-export")

    assert rows(deployed)[CHANGED][-1] == ("SNAPSHOT", 3)
    assert rows(deployed)[REMOVED][-1] == ("REMOVE", 1)
    assert [key for key in deployed.keys(f"exports/{TABLE}/") if "catch-up" in key] == []
    history = deployed.verb("query", "--table", TABLE, "--history", CHANGED, "--json")
    versions = [json.loads(line).get("version") for line in history.stdout.splitlines()]
    assert (versions[0], versions[-1], 2 in versions) == (1, 3, False)
    assert f"versions between {caught_up['gap']['since']} and" in history.stderr
