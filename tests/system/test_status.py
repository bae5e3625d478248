"""The status of a deployed lake says what is there, and names the hop at which its changes stop."""

from __future__ import annotations

import json

import pytest

from tests.system.waiting import wait_until

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("lake")]

TABLE = "customers"


def status(deployed):
    result = deployed.verb("status", "--json")
    assert result.stdout, result.stderr
    return result.returncode, json.loads(result.stdout)


def test_status_counts_what_lies_in_the_lake_and_describes_every_hop(deployed):
    _, said = status(deployed)

    for name, table in deployed.outputs.tables.items():
        path = said["measured"]["paths"][name]
        assert (path["table"]["destination"], path["stream"]["status"]) == ("ACTIVE", "ACTIVE")
        assert path["delivery"]["status"] == "ACTIVE"
        assert path["lake"]["objects"] == len(deployed.keys(table.data_prefix))
        assert path["lake"]["failed_objects"] == len(deployed.keys(table.error_prefix))
        assert not any(hop["unseen"] for hop in path.values())
    assert said["measured"]["function"]["state"] == "Active"


def test_a_table_whose_changes_no_longer_stream_is_the_first_thing_to_look_at(deployed):
    dynamodb = deployed.client("dynamodb")
    place = {"TableName": TABLE, "StreamArn": deployed.outputs.tables[TABLE].stream_arn}

    def destination():
        found = dynamodb.describe_kinesis_streaming_destination(TableName=TABLE)["KinesisDataStreamDestinations"]
        return {each["DestinationStatus"] for each in found}

    dynamodb.disable_kinesis_streaming_destination(**place)
    try:
        wait_until(lambda: destination() == {"DISABLED"}, destination)
        code, said = status(deployed)
    finally:
        dynamodb.enable_kinesis_streaming_destination(**place)
        wait_until(lambda: "ACTIVE" in destination(), destination)

    assert (code, said["verdict"]) == (1, "BROKEN")
    assert (said["findings"][0]["table"], said["findings"][0]["hop"]) == (TABLE, "table")
    assert "never reach the lake" in said["findings"][0]["says"]
