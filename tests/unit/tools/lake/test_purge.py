from __future__ import annotations

import threading

import pytest

from tests.unit.tools.aws_answers import failed
from tools.errors import LakeError
from tools.lake import purge


class FakeS3:
    """A versioned bucket whose pages are short."""

    class exceptions:  # noqa: N801  # boto3's name
        class NoSuchBucket(Exception):  # noqa: N818  # boto3's name
            pass

    def __init__(self, versions, markers=(), errors=(), missing=False, lock=None):
        self.versions, self.markers, self.errors, self.missing = list(versions), list(markers), errors, missing
        self.lock, self.bypassed, self.batches = lock, set(), []

    def get_object_lock_configuration(self, Bucket):  # noqa: N803  # boto3's name
        if self.lock is None:
            raise failed("GetObjectLockConfiguration", 404, "ObjectLockConfigurationNotFoundError")
        return {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", **self.lock}}

    def get_paginator(self, _name):
        return self

    def paginate(self, Bucket, Prefix="", PaginationConfig=None):  # noqa: N803  # boto3's names
        if self.missing:
            raise self.exceptions.NoSuchBucket
        entries = [("Versions", key) for key in self.versions] + [("DeleteMarkers", key) for key in self.markers]
        for start in range(0, len(entries), 1500):
            page = {"Versions": [], "DeleteMarkers": []}
            for kind, key in entries[start : start + 1500]:
                page[kind].append({"Key": key, "VersionId": f"v-{key}", "Size": 10})
            yield page

    def delete_objects(self, Bucket, Delete, BypassGovernanceRetention=None):  # noqa: N803  # boto3's names
        self.batches.append(Delete["Objects"])
        self.bypassed.add(BypassGovernanceRetention)
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


def test_purge_does_not_wait_for_one_call_before_the_next():
    at_once = threading.Barrier(2)
    s3 = FakeS3([f"k{number}" for number in range(3000)])  # four calls
    delete = s3.delete_objects

    def delete_together(**request):
        at_once.wait(timeout=10)
        return delete(**request)

    s3.delete_objects = delete_together

    assert purge.purge(s3, "b", lambda _: None) == 3000


def test_purge_stops_at_the_first_object_that_stays():
    s3 = FakeS3(["locked"], errors=[{"Key": "locked", "Code": "AccessDenied", "Message": "retention"}])

    with pytest.raises(LakeError, match="cannot delete locked from b: AccessDenied retention"):
        purge.purge(s3, "b", lambda _: None)


def retention(mode):
    return {"Rule": {"DefaultRetention": {"Mode": mode, "Days": 30}}}


@pytest.mark.parametrize(("lock", "bypassed"), [(None, None), (retention("GOVERNANCE"), True), ({}, True)])
def test_governance_mode_is_passed_over_only_where_a_bucket_has_object_lock(lock, bypassed):
    s3 = FakeS3(["k"], lock=lock)

    purge.purge(s3, "b", lambda _: None)

    assert s3.bypassed == {bypassed}


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("GOVERNANCE", "needs s3:BypassGovernanceRetention.*legal hold"),
        ("COMPLIANCE", "when its time is over.*legal hold"),
    ],
)
def test_what_object_lock_keeps_is_told_with_what_removing_it_takes(mode, said):
    s3 = FakeS3(["locked"], errors=[{"Key": "locked", "Code": "AccessDenied"}], lock=retention(mode))

    with pytest.raises(LakeError, match=f"cannot delete locked from b: AccessDenied .object lock.*{said}"):
        purge.purge(s3, "b", lambda _: None)


def test_contents_counts_versions_markers_and_bytes():
    assert purge.contents(FakeS3(["a", "b"], ["c"]), "b") == purge.Contents(2, 1, 20)


def test_a_bucket_that_is_gone_holds_nothing():
    assert purge.contents(FakeS3([], missing=True), "b").total == 0
