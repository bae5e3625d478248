from __future__ import annotations

import json

import pytest

from tools import verify
from tools.errors import LakeError
from tools.lake import delivery_log, objects, probe, purge
from tools.operations import verifying

ARTICLE = {
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
}
ROW = {
    "cdc_event": "INSERT",
    "cdc_table": "t",
    "cdc_event_id": "e",
    "cdc_changed_at_us": 7,
    "id": "864732",
    "name": "Adam",
    "designation": "Architect",
}


def test_the_probe_of_the_articles_table_is_the_articles_item():
    item = probe.for_table(ARTICLE)

    assert item.first == {"id": {"S": "864732"}, "name": {"S": "Adam"}, "Designation": {"S": "Architect"}}
    assert item.second["Designation"] == {"S": "Senior Architect"}
    assert item.key == {"id": {"S": "864732"}}


def test_the_probe_of_another_table_has_that_tables_key():
    item = probe.for_table(
        {
            "AttributeDefinitions": [
                {"AttributeName": "Pk", "AttributeType": "N"},
                {"AttributeName": "sk", "AttributeType": "B"},
            ],
            "KeySchema": [{"AttributeName": "Pk"}, {"AttributeName": "sk"}],
        }
    )

    assert item.key == {"Pk": {"N": "864732"}, "sk": {"B": b"864732"}}
    assert probe.expected(item.first)["pk"] == 864732
    assert probe.expected(item.first)["sk"] == "ODY0NzMy"


def test_a_record_counts_only_when_every_value_is_as_written():
    item = probe.for_table(ARTICLE)

    assert probe.find([ROW], item, "t", 7) == {"INSERT": ROW}
    for wrong in (
        {**ROW, "name": "Eve"},
        {**ROW, "extra": 1},
        {**ROW, "cdc_changed_at_us": 6},
        {**ROW, "id": 864732},
        {**ROW, "cdc_event": "MODIFY"},
        {**ROW, "cdc_table": "other"},
        {key: value for key, value in ROW.items() if key != "designation"},
    ):
        assert probe.find([wrong], item, "t", 7) == {}


def test_verify_looks_at_the_last_day_of_a_lake_and_not_at_all_its_years():
    first = verifying.first_key("data/t/", 1_769_854_830_000_000)

    assert first == "data/t/dt=2026-01-30/"
    assert "data/t/dt=2026-01-29/hour=23/x.gz" < first < "data/t/dt=2026-01-30/hour=00/x.gz"


class FakeS3:
    """A versioned bucket whose pages are short."""

    class exceptions:  # noqa: N801  # boto3's name
        class NoSuchBucket(Exception):  # noqa: N818  # boto3's name
            pass

    def __init__(self, versions, markers=(), errors=(), missing=False):
        self.versions, self.markers, self.errors, self.missing = list(versions), list(markers), errors, missing
        self.batches = []

    def get_paginator(self, _name):
        return self

    def paginate(self, Bucket, PaginationConfig=None):  # noqa: N803  # boto3's names
        if self.missing:
            raise self.exceptions.NoSuchBucket
        entries = [("Versions", key) for key in self.versions] + [("DeleteMarkers", key) for key in self.markers]
        for start in range(0, len(entries), 1500):
            page = {"Versions": [], "DeleteMarkers": []}
            for kind, key in entries[start : start + 1500]:
                page[kind].append({"Key": key, "VersionId": f"v-{key}", "Size": 10})
            yield page

    def delete_objects(self, Bucket, Delete):  # noqa: N803  # boto3's names
        self.batches.append(Delete["Objects"])
        return {"Errors": list(self.errors)}


def test_purge_removes_every_version_and_marker_in_batches_that_s3_takes():
    s3 = FakeS3([f"k{number}" for number in range(2500)], ["gone1", "gone2"])
    steps = []

    assert purge.purge(s3, "b", steps.append) == 2502
    assert sum(steps) == 2502
    assert max(map(len, s3.batches)) <= 1000
    assert {entry["VersionId"] for batch in s3.batches for entry in batch} == {
        f"v-{key}" for key in [*s3.versions, *s3.markers]
    }


def test_purge_stops_at_the_first_object_that_stays():
    s3 = FakeS3(["locked"], errors=[{"Key": "locked", "Code": "AccessDenied", "Message": "retention"}])

    with pytest.raises(LakeError, match="cannot delete locked from b: AccessDenied retention"):
        purge.purge(s3, "b", lambda _: None)


def test_contents_counts_versions_markers_and_bytes():
    assert purge.contents(FakeS3(["a", "b"], ["c"]), "b") == purge.Contents(2, 1, 20)


def test_a_bucket_that_is_gone_holds_nothing():
    assert purge.contents(FakeS3([], missing=True), "b").total == 0


class FakeBody:
    def __init__(self, data):
        self.data = data

    def read(self):
        return self.data


@pytest.mark.parametrize("packed", [True, False])
def test_lake_records_are_read_packed_or_not_and_keep_every_digit(packed):
    import gzip

    text = '{"n":0.12345678901234567890123456789012345678}\n{"n":2,"s":"a\u2028b"}\n'.encode()
    data = gzip.compress(text) if packed else text
    s3 = type("S3", (), {"get_object": staticmethod(lambda **_: {"Body": FakeBody(data)})})

    assert objects.read_records(s3, "b", "k") == [
        {"n": "0.12345678901234567890123456789012345678"},
        {"n": 2, "s": "a\u2028b"},
    ]


def test_the_newest_delivery_error_comes_first_and_repeats_are_dropped():
    events = [
        {"timestamp": 1, "message": '{"errorCode":"Old","message":"older\\n thing"}'},
        {"timestamp": 3, "message": '{"errorCode":"S3.AccessDenied","message":"s3:PutObject denied"}'},
        {"timestamp": 2, "message": '{"errorCode":"S3.AccessDenied","message":"s3:PutObject denied"}'},
        {"timestamp": 0, "message": "plain text"},
    ]
    logs = type("Logs", (), {"filter_log_events": staticmethod(lambda **_: {"events": events})})

    assert delivery_log.errors_since(logs, "group", 0) == [
        "S3.AccessDenied: s3:PutObject denied",
        "Old: older thing",
        "plain text",
    ]


def test_verify_tells_the_changes_in_their_order_though_they_have_one_time_and_arrived_the_other_way(capsys):
    arrivals = {
        event: verifying.Arrival(f"data/t/{event}", {"cdc_event": event, "cdc_changed_at_us": 7})
        for event in ("MODIFY", "INSERT")
    }

    verify.report(arrivals, as_json=True)
    assert [each["record"]["cdc_event"] for each in json.loads(capsys.readouterr().out)] == ["INSERT", "MODIFY"]
    verify.report(arrivals, as_json=False)
    printed = capsys.readouterr().out
    assert printed.index("data/t/INSERT") < printed.index("data/t/MODIFY")
