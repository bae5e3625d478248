"""A load on the deployed table: rates, and every change in the lake as it was written."""

from __future__ import annotations

import json

import pytest

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("lake-queries")]

LOAD = ("load", "--table", "blog-srsa-ddb-table", "--changes", "400", "--json")


@pytest.mark.parametrize("option", [(), ("--backlog",)])
def test_every_change_of_a_load_is_in_the_lake_as_written_and_in_order(deployed, option):
    result = json.loads(deployed.local(*LOAD, *option))
    assert (result["changes"], result["faults"]) == (400, [])
    assert result["record_bytes"] > result["bytes"] > 400 * 100
    assert {"put", "kinesis:GetRecords", "lambda:InvokeFunction", "s3:PutObject"} <= result["hop_seconds"].keys()
    assert result["uses"]["delivery"]["peak_bytes"] < 200 * 2**20
