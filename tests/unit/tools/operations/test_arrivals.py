from __future__ import annotations

import base64
import io
import json
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from tools.deployments.outputs import Table
from tools.errors import LakeError
from tools.lake import probe
from tools.operations import arrivals
from tools.operations.arrivals import Arrivals

NOW_US = 1_769_854_830_000_000
TODAY = "cdc_date=2026-01-31/cdc_hour=10"
TABLE = Table("orders-delivery-stream", "arn:role", "data/orders/", "errors/orders/")
ITEM = probe.for_table(
    {
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    }
)


class Bucket:
    """Objects by key, and what was listed; `later` are put when the bucket is next asked for its data."""

    def __init__(self, **objects):
        self.objects, self.later, self.listed, self.read = dict(objects), {}, [], []
        self.refused = {}

    def get_paginator(self, _name):
        return self

    def paginate(self, Bucket, Prefix, StartAfter="", Delimiter=""):  # noqa: N803  # boto3's names
        self.listed.append((Prefix, StartAfter))
        keys = [key for key in sorted(self.objects) if key.startswith(Prefix) and key > StartAfter]
        if Delimiter:
            folders = sorted({Prefix + key.removeprefix(Prefix).partition("/")[0] + "/" for key in keys})
            return [{"CommonPrefixes": [{"Prefix": folder} for folder in folders]}]
        entries = [{"Key": key, "Size": 1, "LastModified": datetime.now(UTC)} for key in keys]
        return [{"Contents": entries}]

    def get_object(self, Bucket, Key):  # noqa: N803  # boto3's names
        self.read.append(Key)
        if Key in self.refused:
            raise ClientError({"Error": {"Code": self.refused[Key], "Message": ""}}, "GetObject")
        return {"Body": io.BytesIO(self.objects[Key].encode())}


def data(event, at_us=NOW_US):
    item = dict(ITEM.versions())[event]
    columns = {name.lower(): next(iter(value.values())) for name, value in item.items()}
    return json.dumps({"cdc_event": event, "cdc_table": "orders", "cdc_changed_at_us": at_us, **columns}) + "\n"


def failure(key="864732", at_ms=NOW_US // 1000):
    change = {"dynamodb": {"Keys": {"id": {"S": key}}}}
    raw = base64.b64encode(json.dumps(change).encode()).decode()
    line = {"errorCode": "Lambda.X", "errorMessage": "no good", "arrivalTimestamp": at_ms, "rawData": raw}
    return json.dumps(line) + "\n"


@pytest.fixture
def arriving(monkeypatch):
    """Waits for arrivals in a bucket where, while that sleeps, one batch of objects after the other is put."""

    def wait(bucket, *batches):
        waiting = iter(batches)
        clock = [0.0]

        def sleep(seconds):
            clock[0] += seconds
            bucket.objects |= next(waiting, {})

        monkeypatch.setattr(arrivals, "sleep", sleep)
        monkeypatch.setattr(arrivals, "monotonic", lambda: clock[0])
        wait.made = Arrivals(bucket, "lake", ("orders", TABLE), probe=ITEM, not_before_us=NOW_US)
        return wait.made.wait(20)

    return wait


def test_both_changes_are_found_in_whatever_objects_they_arrive(arriving):
    found = arriving(
        Bucket(), {f"data/orders/{TODAY}/a": data("MODIFY")}, {f"data/orders/{TODAY}/b": data("INSERT") + "{}\n"}
    )

    assert {event: arrival.key[-1] for event, arrival in found.items()} == {"INSERT": "b", "MODIFY": "a"}


def test_what_an_earlier_run_left_is_no_arrival(arriving):
    bucket = Bucket(**{f"data/orders/{TODAY}/a": data("INSERT") + data("MODIFY")})

    assert arriving(bucket, {f"data/orders/{TODAY}/b": data("INSERT", NOW_US - 1)}) == {}
    assert bucket.read == [f"data/orders/{TODAY}/b"]


def test_a_change_of_the_probe_that_could_not_be_delivered_ends_the_wait_with_its_reason(arriving):
    key = f"errors/orders/processing-failed/{TODAY}/e"

    with pytest.raises(LakeError, match=rf"delivery failed \(Lambda.X: no good\): see s3://lake/{key}"):
        arriving(Bucket(), {key: failure("somebody else's") + failure()})


@pytest.mark.parametrize("line", [failure("somebody else's"), failure(at_ms=NOW_US // 1000 - 1), "not json\n"])
def test_a_failure_of_somebody_elses_or_of_an_earlier_run_is_none_of_this_one(arriving, line):
    assert arriving(Bucket(), {f"errors/orders/processing-failed/{TODAY}/e": line}) == {}


def test_failed_records_that_are_closed_to_readers_are_noted_and_do_not_end_the_wait(arriving):
    key, bucket = f"errors/orders/processing-failed/{TODAY}/e", Bucket()
    bucket.refused = {key: "AccessDenied"}
    every = data("INSERT") + data("MODIFY")

    assert arriving(bucket, {key: failure()}, {f"data/orders/{TODAY}/a": every}).keys() == {"INSERT", "MODIFY"}
    assert arriving.made.closed == [key]


@pytest.mark.parametrize(
    ("code", "key"),
    [("NoSuchKey", f"errors/orders/processing-failed/{TODAY}/e"), ("AccessDenied", f"data/orders/{TODAY}/a")],
)
def test_another_answer_than_a_refusal_of_originals_is_not_hidden(arriving, code, key):
    bucket = Bucket()
    bucket.refused = {key: code}

    with pytest.raises(ClientError):
        arriving(bucket, {key: failure()})


def test_of_a_lake_of_years_only_the_last_day_is_listed_under_both_prefixes(arriving):
    prefixes = ("data/orders/", "errors/orders/processing-failed/")
    old = {f"{prefix}cdc_date=2020-01-01/cdc_hour=00/x": "" for prefix in prefixes}
    bucket = Bucket(**old)

    arriving(bucket)

    assert set(bucket.listed) == {
        ("data/orders/", "data/orders/cdc_date=2026-01-30/"),
        ("errors/orders/", ""),
        ("errors/orders/processing-failed/", "errors/orders/processing-failed/cdc_date=2026-01-30/"),
    }
    assert bucket.read == []


def test_the_last_day_begins_where_the_oldest_record_of_a_new_object_may_be():
    first = arrivals.first_key("data/t/", NOW_US)

    assert first == "data/t/cdc_date=2026-01-30/"
    assert "data/t/cdc_date=2026-01-29/cdc_hour=23/x.gz" < first < "data/t/cdc_date=2026-01-30/cdc_hour=00/x.gz"
