from __future__ import annotations

import pytest

from tools.errors import LakeError
from tools.lake import purge


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
