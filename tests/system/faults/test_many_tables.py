"""Sixty tables in one account, their lake in another: one policy lets all of them write, each its own."""

from __future__ import annotations

import json

import pytest

from tests.system.accounts import is_let_in
from tests.system.commands import acting_as, done
from tests.system.waiting import wait_until
from tools.deployments.aws import Aws
from tools.lake import objects
from tools.localaws import service

pytestmark = [
    pytest.mark.system,
    pytest.mark.xdist_group("faults-many-tables"),
    pytest.mark.long,
    pytest.mark.timeout(3600),
]

TABLES = [f"warehouse-orders-eu-{n:03}" for n in range(60)]
FIRST, LAST = TABLES[0], TABLES[-1]
SETTINGS = {
    "stream": {"shards": 1},
    "transform": {"buffering_seconds": 1},
    "delivery": {"buffering_seconds": 2},
}
LAKE = f"blog-srca-datalake-{service.CONSUMER}-us-east-1"
ROLES = f"arn:aws:iam::{service.PRODUCER}:role/dynamo-to-lake/us-east-1"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Local AWS with sixty tables in one account, and their lake in another."""
    folder = tmp_path_factory.mktemp("many")
    settings = folder / "tables.tfvars.json"
    settings.write_text(json.dumps({"tables": dict.fromkeys(TABLES, SETTINGS)}))
    home = folder / "local"
    done("tools.deploy", "cross-account", "--local", "--yes", "--var-file", str(settings), home=home, timeout=3000)
    yield home
    service.purge(home)


def client(home, account, name):
    return Aws(service.connect(home).environment(account)).client(name)


def test_changes_of_every_table_arrive_under_its_own_prefix(home):
    tables, s3 = client(home, service.PRODUCER, "dynamodb"), client(home, service.CONSUMER, "s3")
    for table in TABLES:
        tables.put_item(TableName=table, Item={"id": {"S": table}})

    def missing():
        return [table for table in TABLES if not list(objects.list_objects(s3, LAKE, f"data/{table}/"))]

    wait_until(lambda: not missing(), lambda: f"changes of {missing()}")
    for table in (FIRST, LAST):
        (found,) = objects.list_objects(s3, LAKE, f"data/{table}/")
        assert [row["id"] for row in objects.read_records(s3, LAKE, found.key)] == [table]


def test_the_role_of_one_table_writes_nothing_for_another(home):
    put = acting_as(home, f"{ROLES}/{FIRST}-delivery-stream-us-east-1").client("s3").put_object
    iam = client(home, service.PRODUCER, "iam")
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    role = f"{FIRST}-delivery-stream-us-east-1"
    # What is left is the bucket's policy.
    iam.put_role_policy(RoleName=role, PolicyName="all", PolicyDocument=json.dumps({"Statement": [everything]}))
    assert is_let_in(put, Bucket=LAKE, Key=f"data/{FIRST}/x", Body=b"")
    assert not is_let_in(put, Bucket=LAKE, Key=f"data/{LAST}/x", Body=b"")
    assert not is_let_in(put, Bucket=LAKE, Key="data/undeclared/x", Body=b"")
    iam.untag_role(RoleName=role, TagKeys=["lake-table"])
    assert not is_let_in(put, Bucket=LAKE, Key=f"data/{FIRST}/x", Body=b"")
