from __future__ import annotations

import base64
import gzip
import hashlib
import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from tests.unit.tools.aws_answers import failed
from tests.unit.tools.lake.versioned_bucket import NAME, Bucket, Killed
from tools.errors import LakeError, UsageError
from tools.lake import export, gaps
from tools.lake.backfill.runs import LOAD
from tools.lake.deployed_transform import Result
from tools.lake.export import Window
from tools.lake.gaps import Gap
from tools.lake.reconcile.items import Schema
from tools.operations import reading_table
from tools.operations.backfilling import Backfill, Request
from tools.operations.reading_table import TableSource
from tools.operations.reconciled_table import ReconciledTable

TABLE = "arn:aws:dynamodb:eu-west-1:1:table/orders"
KEYS = [["a", "b"], ["c"], ["bad"]]


def md5(content):
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


class Lake(Bucket):
    """A bucket with what the wire of S3 has besides."""

    def list_objects_v2(self, **request):
        return next(self.paginate(**request))

    def get_object_lock_configuration(self, **_):
        raise failed("GetObjectLockConfiguration", 404, "ObjectLockConfigurationNotFoundError")

    def get_paginator(self, operation):
        return self if operation == "list_objects_v2" else SimpleNamespace(paginate=self._versions)

    def _versions(self, *, Prefix, **_):  # noqa: N803  # boto3's names
        found = [key for key in self.versions if key.startswith(Prefix)]
        yield {"Versions": [{"Key": key, "VersionId": "1"} for key in found]}

    def delete_objects(self, **request):
        for each in request["Delete"]["Objects"]:
            self.versions.pop(each["Key"])
        return {}


class DynamoDb:
    """Writes an export when it is begun, one for each token."""

    def __init__(self, bucket):
        self._bucket, self.exports = bucket, {}

    def export_table_to_point_in_time(self, **request):
        number = len(self.exports)
        if request["ClientToken"] not in self.exports:
            folder = f"{request['S3Prefix']}/AWSDynamoDB/{number}"
            files = [self._file(f"{folder}/data/{at}.json.gz", keys) for at, keys in enumerate(KEYS)]
            self._manifest(f"{folder}/manifest-files", "\n".join(map(json.dumps, files)))
            summary = {"itemCount": 4, "manifestFilesS3Key": f"{folder}/manifest-files.json"}
            self._manifest(f"{folder}/manifest-summary", json.dumps(summary))
            self.exports[request["ClientToken"]] = {
                "ExportArn": f"{TABLE}/export/{number}",
                "ExportStatus": "COMPLETED",
                "S3Bucket": NAME,
                "ExportTime": datetime(2026, 1, 31, tzinfo=UTC),
                "ItemCount": 4,
                "ExportManifest": f"{folder}/manifest-summary.json",
            }
        return {"ExportDescription": self.exports[request["ClientToken"]]}

    def describe_export(self, *, ExportArn):  # noqa: N803
        (found,) = [each for each in self.exports.values() if each["ExportArn"] == ExportArn]
        return {"ExportDescription": found}

    def _file(self, key, keys):
        content = gzip.compress(b"".join(json.dumps({"Item": {"id": {"S": each}}}).encode() + b"\n" for each in keys))
        self._bucket.place(key, content)
        return {"itemCount": len(keys), "md5Checksum": md5(content), "dataFileS3Key": key}

    def _manifest(self, name, content):
        self._bucket.place(f"{name}.json", content.encode())
        self._bucket.place(f"{name}.checksum", md5(content.encode()).encode())


class Function:
    def transform(self, records):
        return [self._made(json.loads(record.document)["dynamodb"]) for record in records]

    def explain(self, records):
        return ["the hook raised KeyError"] * len(records)

    def check(self):
        pass

    def _made(self, images):
        key = images["Keys"]["id"]["S"]
        row = {"cdc_key": json.dumps({"id": key}), "cdc_changed_at_us": images["ApproximateCreationDateTime"]}
        return Result("Ok", json.dumps(row).encode() + b"\n") if key != "bad" else Result("ProcessingFailed")


@pytest.fixture
def table(monkeypatch):
    """A table whose export has four items in three files, each a set of its own; one of them fails."""
    bucket = Lake()
    dynamodb = DynamoDb(bucket)
    aws = SimpleNamespace(client=lambda _: dynamodb)
    outputs = SimpleNamespace(data_prefix="data/orders/", error_prefix="errors/orders/", table_arn=TABLE)
    lake = SimpleNamespace(bucket=NAME, client=lambda: bucket)
    source = TableSource({}, "eu-west-1", Schema("orders", {"id": "S"}), "f", ("1",))
    monkeypatch.setattr(TableSource, "aws", lambda _: aws)
    monkeypatch.setattr(reading_table, "transform", lambda *_: Function())
    monkeypatch.setattr("tools.lake.backfill.plan.SET_BYTES", 1)
    return ReconciledTable("orders", outputs, aws, source, lake, None, "key-arn", None)


def backfill(table, **asked):
    run = Backfill(table, "w", lambda _: None)
    loaded = run.run(Request(**{"name": LOAD, **asked}))
    run.close()
    return loaded


def rows(bucket):
    return sorted(json.loads(json.loads(line)["cdc_key"])["id"] for line in bucket.lines("data/"))


def test_a_table_becomes_rows_and_what_fails_a_failed_record(table):
    bucket = table.lake.client()

    (loaded,) = backfill(table)

    assert rows(bucket) == ["a", "b", "c"]
    assert {json.loads(line)["cdc_changed_at_us"] for line in bucket.lines("data/")} == {1769817540000000}
    assert (loaded.items, loaded.done.counts.rows, loaded.done.counts.left) == (4, 3, 1)
    (key,) = bucket.keys("errors/")
    assert key.startswith("errors/orders/backfill-failed/cdc_date=")
    plan = json.loads(bucket.body("ledger/orders/backfill/0/plan.json"))
    assert [each["files"][0]["items"] for each in plan["sets"]] == [2, 1, 1]
    assert bucket.keys("ledger/orders/rows/open/") == bucket.keys("ledger/orders/backfill/open/") == []
    assert bucket.keys("exports/")


@pytest.mark.parametrize("answers_last", [False, True])
def test_killed_at_any_call_and_run_again_it_ends_as_if_nothing_had_happened(table, answers_last):
    bucket, whole = table.lake.client(), []
    for dies_at in range(1, 400):
        bucket.versions.clear()
        table.aws.client("dynamodb").exports.clear()
        bucket.dies_at, bucket.answers_last, bucket.calls = dies_at, answers_last, []
        try:
            backfill(table, keeps_exports=False)
        except Killed:
            bucket.revive()
            bucket.wait(minutes=6)
            # After the last call of all, there is nothing left to go on with: a load would be another one.
            if bucket.keys("ledger/orders/backfill/done/") and not bucket.keys("ledger/orders/backfill/open/"):
                whole.append(dies_at)
            else:
                backfill(table, keeps_exports=False)
        else:
            whole.append(dies_at)
        assert rows(bucket) == ["a", "b", "c"]
        assert len(bucket.keys("errors/")) == 1
        assert len(table.aws.client("dynamodb").exports) == 1
        assert not [key for key in bucket.keys("") if "/open/" in key or key.startswith("exports/")]
        if whole:
            break
    assert whole[0] > 40


def test_a_load_that_is_interrupted_while_it_is_proven_is_not_made_again(table):
    (first,) = Backfill(table, "w", lambda _: None).run(Request(LOAD))

    (again,) = backfill(table)

    # What failed is told until the load has ended.
    assert (again.export, again.at, again.items, again.done.counts) == (
        *(first.export, first.at, first.items),
        first.done.counts,
    )
    assert again.done.counts.left == 1
    assert rows(table.lake.client()) == ["a", "b", "c"]
    assert len(backfill(table)) == 1
    assert len(table.aws.client("dynamodb").exports) == 2


def test_each_window_of_a_catch_up_has_an_export_of_its_own(table):
    windows = (Window(0, 900), Window(900, 1800))

    gap = Gap("2026-01-31T05:00:00Z", "2026-01-31T06:00:00Z")

    loaded = backfill(table, name="catch-up", windows=windows, gap=gap)

    assert gaps.find(table.lake.client(), NAME, "orders") == [gap]

    assert [each.export for each in loaded] == [f"{TABLE}/export/0", f"{TABLE}/export/1"]
    folders = {key.split("/AWSDynamoDB")[0] for key in table.lake.client().keys("exports/")}
    assert folders == {"exports/orders/catch-up/0-900", "exports/orders/catch-up/900-1800"}


def test_what_dynamodb_refuses_is_forgotten_so_that_the_next_run_plans_it_anew(table, monkeypatch):
    def refuse(**_):
        raise failed("ExportTableToPointInTime", 400, "ValidationException")

    monkeypatch.setattr(table.aws.client("dynamodb"), "export_table_to_point_in_time", refuse)
    with pytest.raises(LakeError, match=r"cannot be exported.* run this again after 1970-01-01T00:15:00Z"):
        backfill(table, name="catch-up", windows=(Window(0, 1),))
    assert table.lake.client().keys("ledger/") == []


def test_an_item_that_becomes_nothing_is_told(table, monkeypatch):
    monkeypatch.setattr(export, "items", lambda *_: iter(()))
    with pytest.raises(LakeError, match="2 items became 0 rows"):
        backfill(table)


def test_an_export_of_another_table_is_refused(table):
    client = table.aws.client("dynamodb")
    client.export_table_to_point_in_time(S3Prefix="x", ClientToken="other")
    client.exports["other"] |= {"ExportArn": "arn:aws:dynamodb:eu-west-1:1:table/others/export/9"}
    with pytest.raises(UsageError, match="is none of orders"):
        backfill(table, export_arn="arn:aws:dynamodb:eu-west-1:1:table/others/export/9")
    assert table.lake.client().keys("ledger/") == []
