"""A load on the deployed table: rates, and every change in the lake as it was written."""

from __future__ import annotations

import json

import pytest

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("lake-queries")]

REST_BYTES = 640
"""Of a change record, what is no text of an item, which is all that the log of a load counts."""

LOAD = ("load", "--table", "blog-srsa-ddb-table", "--changes", "400", "--json")


def measured(deployed):
    """Returns what `size` has measured of the table: its records and their bytes."""
    answer = deployed.verb("size", "--from-table", "--table", "blog-srsa-ddb-table", "--json")
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)["measured"]["blog-srsa-ddb-table"]


def check(result):
    """Asserts that a load found each of its changes in the lake, and tells of its hops."""
    assert (result["changes"], result["faults"]) == (400, [])
    assert result["record_bytes"] > result["bytes"] > 400 * 100
    assert {"put", "kinesis:GetRecords", "lambda:InvokeFunction", "s3:PutObject"} <= result["hop_seconds"].keys()
    assert result["uses"]["delivery"]["peak_bytes"] < 200 * 2**20


def test_every_change_of_a_load_is_in_the_lake_as_written_and_in_order(deployed):
    before = measured(deployed)
    result = json.loads(deployed.local(*LOAD))
    after = measured(deployed)

    check(result)
    more = {name: after[name] - before[name] for name in ("records", "record_bytes")}
    assert more["records"] == pytest.approx(result["changes"], rel=0.05)
    assert more["record_bytes"] == pytest.approx(result["record_bytes"] + REST_BYTES * result["changes"], rel=0.05)


def test_a_backlog_arrives_as_written_and_in_order(deployed):
    check(json.loads(deployed.local(*LOAD, "--backlog")))
