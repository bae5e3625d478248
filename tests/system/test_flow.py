"""Changes of real tables arrive in the lake: the article's commands, several tables, thousands of items."""

from __future__ import annotations

import base64
import json
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.system import items
from tests.system.accounts import is_let_in
from tests.system.waiting import wait_until
from tools import paths
from tools.lake import objects

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("lake")]

ARTICLE = "blog-srsa-ddb-table"
FAILURE = {
    "attemptEndingTimestamp",
    "attemptsMade",
    "arrivalTimestamp",
    "errorCode",
    "errorMessage",
    "lambdaArn",
    "rawData",
}
AWS_CLI = Path(sys.executable).with_name("aws")


def lines_under(deployed, prefix, known=()):
    """Returns the lines of all objects under `prefix` but those whose keys are `known`."""
    s3, bucket = deployed.client("s3"), deployed.outputs.bucket_name
    return [line for key in deployed.keys(prefix) if key not in known for line in objects.read_lines(s3, bucket, key)]


def test_state_and_outputs_name_everything_that_the_verbs_need(deployed):
    table = deployed.outputs.tables[ARTICLE]

    assert deployed.outputs.account_id == "111111111111"
    assert table.stream_name == "blog-srsa-ddb-table-data-stream"
    assert table.delivery_stream_name == "blog-srsa-ddb-table-delivery-stream"
    assert table.data_prefix == "data/blog-srsa-ddb-table/"


def test_what_the_schedule_sends_is_answered_and_its_role_calls_the_alias_alone(deployed):
    name = deployed.outputs.function_name
    schedule = deployed.client("scheduler").get_schedule(GroupName=name, Name=name)["Target"]
    function, _, alias = schedule["Arn"].rpartition(":")
    call = deployed.session(schedule["RoleArn"]).client("lambda").invoke

    answer = call(FunctionName=schedule["Arn"], Payload=schedule["Input"])
    assert (alias, answer.get("FunctionError"), json.load(answer["Payload"])) == ("live", None, {})
    assert not is_let_in(call, FunctionName=function, Payload=schedule["Input"])


@pytest.mark.parametrize("table", [ARTICLE, "orders", "customers"])
def test_verify_proves_that_every_table_streams_also_one_that_was_there_before(deployed, table):
    result = deployed.verb("verify", "--table", table, "--json")

    assert result.returncode == 0, result.stderr
    inserted, modified = json.loads(result.stdout)
    assert inserted["key"].startswith(f"data/{table}/cdc_date=")
    assert inserted["record"]["cdc_event"] == "INSERT"
    assert inserted["record"]["designation"] == "Architect"
    assert modified["record"]["cdc_event"] == "MODIFY"
    assert modified["record"]["designation"] == "Senior Architect"


def test_verify_removes_its_item_and_refuses_to_overwrite_one_of_the_users(deployed):
    table = deployed.client("dynamodb")
    key = {"id": {"S": "864732"}}
    assert "Item" not in table.get_item(TableName=ARTICLE, Key=key)

    table.put_item(TableName=ARTICLE, Item={**key, "name": {"S": "somebody else"}})
    result = deployed.verb("verify", "--table", ARTICLE)

    assert result.returncode == 3
    assert "holds an item of its own" in result.stderr
    assert table.get_item(TableName=ARTICLE, Key=key)["Item"]["name"] == {"S": "somebody else"}
    table.delete_item(TableName=ARTICLE, Key=key)


def test_the_articles_own_commands_make_records_appear_under_date_and_hour(deployed):
    known = deployed.keys(f"data/{ARTICLE}/")
    for designation in ("Architect", "Senior Architect"):
        item = {"id": {"S": "864733"}, "name": {"S": "Adam"}, "Designation": {"S": designation}}
        aws_cli(
            deployed, "dynamodb", "put-item", "--table-name", ARTICLE, "--item", json.dumps(item),
            "--return-consumed-capacity", "TOTAL",
        )  # fmt: skip

    def arrived():
        rows = map(json.loads, lines_under(deployed, f"data/{ARTICLE}/", known))
        mine = [row for row in rows if row["id"] == "864733"]
        return mine if len(mine) == 2 else None

    rows = wait_until(arrived, "two records of 864733")
    listing = aws_cli(deployed, "s3", "ls", "--recursive", f"s3://{deployed.outputs.bucket_name}/data/{ARTICLE}/")

    assert sorted(row["designation"] for row in rows) == ["Architect", "Senior Architect"]
    assert f"data/{ARTICLE}/cdc_date=" in listing
    assert "/cdc_hour=" in listing


def aws_cli(deployed, *arguments):
    environment = {"PATH": str(AWS_CLI.parent), **deployed.aws.environment}
    return subprocess.run([AWS_CLI, *arguments], env=environment, capture_output=True, text=True, check=True).stdout


def write(dynamodb, requests):
    """Writes in batches as large as DynamoDB takes, until nothing is left unprocessed."""
    for start in range(0, len(requests), 25):
        left = {ARTICLE: requests[start : start + 25]}
        while left:
            left = dynamodb.batch_write_item(RequestItems=left).get("UnprocessedItems")


def test_five_thousand_items_of_every_kind_arrive_once_each_and_digit_for_digit(deployed):
    rng = random.Random(864732)
    dynamodb = deployed.client("dynamodb")
    known = deployed.keys(f"data/{ARTICLE}/")
    failed = deployed.keys(f"errors/{ARTICLE}/")
    first = [items.item(number, 1, rng) for number in range(5000)]
    again = [items.item(number, 2, rng) for number in rng.sample(range(5000), 1000)]
    gone = [items.item(number, 3, rng)["id"] for number in rng.sample(range(5000), 500)]
    write(dynamodb, [{"PutRequest": {"Item": item}} for item in first])
    write(dynamodb, [{"PutRequest": {"Item": item}} for item in again])
    write(dynamodb, [{"DeleteRequest": {"Key": {"id": key}}} for key in gone])

    def arrived():
        rows = [items.read(line) for line in lines_under(deployed, f"data/{ARTICLE}/", known)]
        mine = [row for row in rows if str(row["id"]).startswith("many-")]
        return mine if len({row["cdc_event_id"] for row in mine}) >= 6500 else None

    rows = wait_until(arrived, "6,500 changes")

    assert Counter(row["cdc_event_id"] for row in rows).most_common(1)[0][1] == 1
    assert Counter(row["cdc_event"] for row in rows) == {"INSERT": 5000, "MODIFY": 1000, "REMOVE": 500}
    assert deployed.keys(f"errors/{ARTICLE}/") == failed
    newest = {}
    for row in sorted(rows, key=lambda row: (int(row["cdc_changed_at_us"]), int(row["cdc_sequence_number"]))):
        newest[row["id"]] = row
    held = scan(dynamodb)
    assert {key for key, row in newest.items() if row["cdc_event"] != "REMOVE"} == held.keys()
    for key, item in held.items():
        assert items.lake_columns(newest[key]) == items.columns(item), key


def scan(dynamodb):
    pages = dynamodb.get_paginator("scan").paginate(TableName=ARTICLE, ConsistentRead=True)
    every = (item for page in pages for item in page["Items"])
    return {item["id"]["S"]: item for item in every if item["id"]["S"].startswith("many-")}


def test_a_record_that_cannot_be_flattened_lies_whole_under_errors_and_its_neighbours_under_data(deployed):
    known = deployed.keys(f"data/{ARTICLE}/")
    stream = deployed.outputs.tables[ARTICLE].stream_name
    records = [change("before"), b"this is no change record", change("after")]
    deployed.client("kinesis").put_records(
        StreamName=stream, Records=[{"Data": data, "PartitionKey": "same"} for data in records]
    )

    failures = wait_until(lambda: lines_under(deployed, f"errors/{ARTICLE}/"), "a line under errors/")
    wait_until(
        lambda: (
            {"before", "after"} <= {json.loads(line)["id"] for line in lines_under(deployed, f"data/{ARTICLE}/", known)}
        ),
        "both neighbours under data/",
    )

    (failure,) = map(json.loads, failures)
    assert failure.keys() == FAILURE
    assert base64.b64decode(failure["rawData"]) == b"this is no change record"
    assert deployed.keys(f"errors/{ARTICLE}/")[0].startswith(f"errors/{ARTICLE}/processing-failed/cdc_date=")


def change(name):
    """Returns a change record as Kinesis Data Streams for DynamoDB writes it."""
    return json.dumps(
        {
            "awsRegion": "us-east-1",
            "eventID": f"event-{name}",
            "eventName": "INSERT",
            "userIdentity": None,
            "recordFormat": "application/json",
            "tableName": ARTICLE,
            "dynamodb": {
                "ApproximateCreationDateTime": 1769854830123456,
                "ApproximateCreationDateTimePrecision": "MICROSECOND",
                "Keys": {"id": {"S": name}},
                "NewImage": {"id": {"S": name}},
                "SizeBytes": 10,
            },
            "eventSource": "aws:dynamodb",
        }
    ).encode()


def test_the_repository_holds_nothing_of_a_deployment(deployed):
    assert not list((paths.ENVIRONMENTS / "single-account").glob("*.tfstate*"))
