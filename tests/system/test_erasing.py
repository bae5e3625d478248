"""Erasure of an item whose key a rule hashes, from the lake of the real environment."""

from __future__ import annotations

import json

import pytest

from tests.system.test_flow import lines_under
from tests.system.waiting import wait_until
from tools.lake.erasure import searching, versions

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("lake")]

TABLE = "people"
KEY = {"email": {"S": "erase-me@example.com"}, "since": {"N": "1999.5"}}
GIVEN = '{"email": "erase-me@example.com", "since": 1999.5}'
NAME = "Name to erase"


def mine(deployed):
    return [line for line in lines_under(deployed, f"data/{TABLE}/") if NAME in line]


def test_an_item_goes_from_every_version_and_others_stay_as_they_are(deployed):
    dynamodb, s3, bucket = deployed.client("dynamodb"), deployed.client("s3"), deployed.outputs.bucket_name
    dynamodb.put_item(TableName=TABLE, Item=KEY | {"name": {"S": NAME}})
    wait_until(lambda: len(mine(deployed)) == 1, "the item in the lake")
    dynamodb.delete_item(TableName=TABLE, Key=KEY)
    wait_until(lambda: len(mine(deployed)) == 2, "its removal in the lake")
    others = [line for line in lines_under(deployed, f"data/{TABLE}/") if NAME not in line]
    done = deployed.verb("erase", "--table", TABLE, "--key", GIVEN, "--yes", "--json")

    assert done.returncode == 0, done.stderr
    certificate = json.loads(done.stdout)
    assert certificate["looks"][0]["places"][0]["rows"] == 2
    assert {each["what"].partition(" ")[0] for each in certificate["beyond"]} >= {"data", "changes", "point-in-time"}
    assert sorted(line for line in lines_under(deployed, f"data/{TABLE}/") if line in set(others)) == sorted(others)
    for each in versions.listed(s3, bucket, f"data/{TABLE}/"):
        if isinstance(each, versions.Version):
            with searching.opened(s3, bucket, each) as reading:
                assert NAME.encode() not in b"".join(reading.lines)
