"""The past of a table of one account comes into the lake of another, by a role that may do just what is told."""

from __future__ import annotations

import json

import pytest

from tests.docs import permissions
from tests.system import idling, profiles
from tests.system.accounts import Account
from tests.system.commands import done, run
from tests.system.faults import item_versions
from tests.system.faults.item_versions import Writer
from tests.system.narrow_role import NarrowRole
from tests.system.test_cross_account import BUCKET, SETTINGS, TABLE, A, B, outputs
from tests.system.waiting import wait_until
from tools.localaws import service

pytestmark = [
    pytest.mark.system,
    pytest.mark.xdist_group("faults-backfilling-across"),
    pytest.mark.timeout(1800),
    pytest.mark.long,
]

ITEMS = 500
EXPORTER = f"arn:aws:iam::{A}:role/exporter"
DEPLOY = ("cross-account", "--local", "--yes", *SETTINGS, "--var", f'exporter_role_arns=["{EXPORTER}"]')


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A pair whose consumer lets a role of the producer's account export, and a table that was written to before."""
    folder = tmp_path_factory.mktemp("across") / "local"
    with idling.kept("home", folder):
        done("tools.deploy", *DEPLOY, home=folder, timeout=900)
        yield folder


@pytest.fixture(scope="module")
def tables(home):
    """The producer's account, with items that were written while nothing was streamed, and the role that exports."""
    account = Account(service.connect(home), A)
    dynamodb, producer = account.client("dynamodb"), outputs(home, "producer")
    described = producer.tables[TABLE]
    place = {"TableName": TABLE, "StreamArn": described.stream_arn}

    def has_become(state):
        found = dynamodb.describe_kinesis_streaming_destination(TableName=TABLE)["KinesisDataStreamDestinations"]
        return found[-1]["DestinationStatus"] == state

    dynamodb.disable_kinesis_streaming_destination(**place)
    wait_until(lambda: has_become("DISABLED"), "the destination to be off")
    writer = Writer(dynamodb, TABLE)
    for first in range(0, ITEMS, 25):
        writer.fill([f"item-{number}" for number in range(first, first + 25)])
    dynamodb.enable_kinesis_streaming_destination(**place)
    wait_until(lambda: has_become("ACTIVE"), "the destination to be on")
    writer.put("item-1", 2)
    writer.remove("item-2")
    NarrowRole(account, "exporter", allowed(producer))
    return account


def allowed(producer):
    """Returns what docs/backfill.md lists for whoever exports: resource -> actions."""
    described, listed = producer.tables[TABLE], permissions.listed("backfill.md", "Who may run it")
    function = f"arn:aws:lambda:us-east-1:{A}:function:{producer.function_name}"
    places = {
        described.table_arn: "the table",
        f"{described.table_arn}/*": "the table",
        function: "the function",
        f"{function}:*": "the function",
        f"arn:aws:firehose:us-east-1:{A}:deliverystream/{described.delivery_stream_name}": "the delivery stream",
        f"arn:aws:s3:::{BUCKET}/exports/{TABLE}/*": "the lake, whoever exports",
        producer.cross_account_kms_key_arn: "the key",
    }
    return {arn: listed[place] for arn, place in places.items()}


def test_who_is_not_named_as_an_exporter_is_told_so_and_nothing_is_left_open(home, tables):
    refused = run("tools.backfill", "cross-account", "--local", "--table", TABLE, "--yes", home=home)

    assert refused.returncode == 1
    assert "S3AccessDenied" in refused.stderr
    assert "exporter_role_arns" in refused.stderr
    s3 = Account(service.connect(home), B).client("s3")
    assert s3.list_objects_v2(Bucket=BUCKET, Prefix="ledger/")["KeyCount"] == 0


def test_the_role_that_is_named_loads_the_table_and_the_lake_is_equal(home, tables, tmp_path):
    verb = profiles.verbs(home, tmp_path / "checkout")
    pair = ("cross-account", "--producer-profile", profiles.TABLES, "--consumer-profile", profiles.LAKE)

    loaded = verb("backfill", *pair, "--producer-assume-role-arn", EXPORTER, "--table", TABLE, "--yes", "--json")

    assert loaded.returncode == 0, loaded.stderr
    (export,) = json.loads(loaded.stdout)["exports"]
    assert export["items"] == export["done"]["counts"]["rows"] == ITEMS - 1
    compared = verb("reconcile", *pair, "--table", TABLE, "--margin", "2", "--json")
    assert compared.returncode == 0, compared.stdout + compared.stderr
    report = json.loads(compared.stdout)
    s3 = Account(service.connect(home), B).client("s3")
    found = list(item_versions.rows(s3, BUCKET, f"data/{TABLE}/"))
    in_the_table = {
        item["id"]["S"]: int(item["version"]["N"])
        for page in tables.client("dynamodb").get_paginator("scan").paginate(TableName=TABLE)
        for item in page["Items"]
    }
    assert item_versions.latest(found) == in_the_table
    print(f"{ITEMS} items of account {A} in {BUCKET}: {report}")
